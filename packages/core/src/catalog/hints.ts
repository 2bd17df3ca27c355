import type { Store } from './store.js';

/**
 * Writes of what can be derived again. They run beside the work, never fail it, and are waited for on closing.
 * After the first failure (a store that is read-only, say) no more are tried.
 */
export interface Hints {
  write(key: string, bytes: Uint8Array, ifAbsent?: boolean): void;
  /** As `write`, for what takes reading first. */
  derive(work: () => Promise<void>): void;
  settled(): Promise<void>;
}

export function hintWriter(store: Store): Hints {
  const running = new Set<Promise<void>>();
  let failed = false;
  const run = (work: () => Promise<void>): void => {
    if (failed) return;
    const job: Promise<void> = work()
      .catch(() => {
        failed = true;
      })
      .finally(() => running.delete(job));
    running.add(job);
  };
  return {
    write: (key, bytes, ifAbsent = false) => run(async () => void (await store.put(key, bytes, { ifAbsent }))),
    derive: run,
    async settled() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
