import { assertKey } from './keys.js';
import type { Store } from './store.js';
import { readAll, streamOf } from './streams.js';

/** A store that keeps nothing: the reference for others, and for tests. `now` is its clock, in milliseconds since 1970. */
export function openMemoryStore(now: () => number = Date.now): Store {
  const values = new Map<string, { readonly bytes: Buffer; readonly storedAt: number }>();
  return {
    async get(key, range = { start: 0 }) {
      assertKey(key);
      const value = values.get(key);
      if (value === undefined) return undefined;
      return { stream: streamOf(Buffer.from(value.bytes.subarray(range.start, range.end))), storedAt: value.storedAt };
    },
    async put(key, data, options) {
      assertKey(key);
      const before = values.get(key);
      if (options?.ifAbsent === true && before !== undefined) return { written: false, storedAt: before.storedAt };
      const bytes = Buffer.from(data instanceof Uint8Array ? data : await readAll(data));
      const meanwhile = values.get(key);
      if (options?.ifAbsent === true && meanwhile !== undefined)
        return { written: false, storedAt: meanwhile.storedAt };
      const storedAt = now();
      values.set(key, { bytes, storedAt });
      return { written: true, storedAt };
    },
    async list(prefix, after, limit) {
      return [...values.keys()]
        .filter((key) => key.startsWith(prefix) && (after === undefined || key > after))
        .sort()
        .slice(0, limit);
    },
    async delete(key) {
      assertKey(key);
      values.delete(key);
    },
    async [Symbol.asyncDispose]() {
      // Nothing is held.
    },
  };
}
