import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync, type BigIntStats } from 'node:fs';
import { dirname } from 'node:path';
import type { Digest } from '../plan/digest.js';
import { decodeColumns, encodeColumns, identityWidth, noColumns, type CacheColumns } from './cache-file.js';

/** What is known of a file's bytes. */
export interface FileFacts {
  readonly digest: Digest;
  /** A sum of {@link factFlags}. */
  readonly flags: number;
}

/** Facts that warnings are made of; kept with the digest, so that a warm cache warns like a cold one. */
export const factFlags = { crlf: 1, privateKey: 2 } as const;

/** The digests of files whose stat has not changed since they were hashed. Only ever saves work: it never fails. */
export interface StatCache {
  /** The facts of the file at this path, relative to the definition, if it is certainly the one that was hashed. */
  lookup(path: string, stat: BigIntStats): FileFacts | undefined;
  /**
   * Remembers facts of a file that had this stat before and after it was hashed. `hashedAt`: when hashing began,
   * in milliseconds since 1970. A file that changed less than 2 s before is not remembered: it could change
   * again within one tick of the file system's clock, and its stat would be the same (git's racily-clean rule).
   */
  store(path: string, stat: BigIntStats, facts: FileFacts, hashedAt: number): void;
  /** Writes the file anew if there is something new. Failures are ignored: the next run hashes again. */
  save(): void;
}

export interface StatCacheOptions {
  /** The present, in milliseconds since 1970. */
  readonly now: () => number;
}

interface Entry extends FileFacts {
  readonly identity: readonly bigint[];
  readonly hashedAt: number;
}

const settledNs = 2_000_000_000n;
/** Entries that this many savings did not use are dropped, so that the file stays within a multiple of what is in use. */
const maxAge = 8;

/** A cache that knows nothing and keeps nothing. */
export const noStatCache: StatCache = { lookup: () => undefined, store: () => {}, save: () => {} };

/**
 * Opens the cache in this file. Anything but a whole cache of this schema counts as empty.
 * Several processes may share the file: the last to save wins, and entries are checked against the files when they are used.
 */
export function openStatCache(file: string, { now }: StatCacheOptions): StatCache {
  const old = load(file);
  const opened = now();
  const used = new Uint8Array(old.paths.length);
  const fresh = new Map<string, Entry>();
  let positions: Map<string, number> | undefined;
  let next = 0;

  // Lookups mostly come in the order of the run before; where they do not, an index is made.
  const find = (path: string): number | undefined => {
    if (old.paths[next] === path) return next++;
    positions ??= new Map(old.paths.map((known, index) => [known, index]));
    const index = positions.get(path);
    if (index !== undefined) next = index + 1;
    return index;
  };

  return {
    lookup(path, stat) {
      const stored = fresh.get(path);
      if (stored) return identityOf(stat).every((value, i) => value === stored.identity[i]) ? stored : undefined;
      const index = find(path);
      if (index === undefined) return undefined;
      used[index] = 1;
      const at = index * identityWidth;
      const same =
        old.identity[at] === stat.dev &&
        old.identity[at + 1] === stat.ino &&
        old.identity[at + 2] === stat.size &&
        old.identity[at + 3] === stat.mtimeNs &&
        old.identity[at + 4] === stat.ctimeNs &&
        // Hashed at a moment still to come: the clock was set back, and what it says proves nothing.
        (old.hashedAt[index] ?? Infinity) <= opened;
      if (!same) return undefined;
      return { digest: old.digests.slice(index * 64, index * 64 + 64), flags: old.flags[index] ?? 0 };
    },
    store(path, stat, { digest, flags }, hashedAt) {
      const settled = BigInt(Math.floor(hashedAt)) * 1_000_000n - settledNs;
      if (stat.mtimeNs > settled || stat.ctimeNs > settled) fresh.delete(path);
      else fresh.set(path, { identity: identityOf(stat), hashedAt, digest, flags });
    },
    save() {
      if (fresh.size > 0) write(file, encodeColumns(merge(old, used, fresh)));
    },
  };
}

function identityOf(stat: BigIntStats): readonly bigint[] {
  return [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs];
}

function load(file: string): CacheColumns {
  try {
    return decodeColumns(readFileSync(file)) ?? noColumns;
  } catch {
    return noColumns;
  }
}

function merge(old: CacheColumns, used: Uint8Array, fresh: ReadonlyMap<string, Entry>): CacheColumns {
  const kept: number[] = [];
  for (const [index, path] of old.paths.entries())
    if (!fresh.has(path) && (used[index] === 1 || (old.ages[index] ?? maxAge) < maxAge)) kept.push(index);
  const entries: (readonly [path: string, age: number, entry: Entry])[] = kept.map((index) => [
    old.paths[index] ?? '',
    used[index] === 1 ? 0 : (old.ages[index] ?? 0) + 1,
    {
      identity: [...old.identity.subarray(index * identityWidth, (index + 1) * identityWidth)],
      hashedAt: old.hashedAt[index] ?? Infinity,
      digest: old.digests.slice(index * 64, index * 64 + 64),
      flags: old.flags[index] ?? 0,
    },
  ]);
  for (const [path, entry] of fresh) entries.push([path, 0, entry]);
  return {
    paths: entries.map(([path]) => path),
    identity: BigUint64Array.from(entries.flatMap(([, , entry]) => entry.identity)),
    hashedAt: Float64Array.from(entries, ([, , entry]) => entry.hashedAt),
    digests: entries.map(([, , entry]) => entry.digest).join(''),
    flags: Uint8Array.from(entries, ([, , entry]) => entry.flags),
    ages: Uint8Array.from(entries, ([, age]) => age),
  };
}

/** Temp file and rename, so that readers see one whole file or the other. No fsync: a torn file does not pass its own check. */
function write(file: string, bytes: Uint8Array): void {
  const temp = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(temp, bytes, { mode: 0o600 });
    renameSync(temp, file);
  } catch {
    try {
      rmSync(temp, { force: true });
    } catch {
      // Read-only or gone: nothing was left there either.
    }
  }
}
