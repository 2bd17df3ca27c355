import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync, type BigIntStats } from 'node:fs';
import { dirname } from 'node:path';
import type { Digest } from '../plan/digest.js';
import { decodeColumns, encodeColumns, emptyColumns, identityWidth, type CacheColumns } from './cache-file.js';

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
  readonly identity: BigUint64Array;
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
  const used = new Uint8Array(old.count);
  const fresh = new Map<string, Entry>();
  const find = finder(old);
  const wanted = new BigUint64Array(identityWidth);
  // Compared as halves, because reading a 64-bit item makes a BigInt, of which a walk would make 50,000.
  const wantedHalves = new Uint32Array(wanted.buffer);
  const knownHalves = new Uint32Array(old.identity.buffer, old.identity.byteOffset, old.identity.length * 2);

  return {
    lookup(path, stat) {
      writeIdentity(wanted, stat);
      const stored = fresh.get(path);
      if (stored) return stored.identity.every((value, i) => value === wanted[i]) ? stored : undefined;
      const index = find(path);
      if (index === -1) return undefined;
      used[index] = 1;
      const start = index * identityWidth * 2;
      for (let i = 0; i < identityWidth * 2; i += 1) if (knownHalves[start + i] !== wantedHalves[i]) return undefined;
      // Hashed at a moment still to come: the clock was set back, and what it says proves nothing.
      if (!((old.hashedAt[index] ?? Infinity) <= opened)) return undefined;
      return { digest: old.digests.slice(index * 64, index * 64 + 64), flags: old.flags[index] ?? 0 };
    },
    store(path, stat, { digest, flags }, hashedAt) {
      const settled = BigInt(Math.floor(hashedAt)) * 1_000_000n - settledNs;
      if (stat.mtimeNs > settled || stat.ctimeNs > settled) fresh.delete(path);
      else
        fresh.set(path, { identity: writeIdentity(new BigUint64Array(identityWidth), stat), hashedAt, digest, flags });
    },
    save() {
      if (fresh.size > 0) write(file, encodeColumns(merge(old, used, fresh)));
    },
  };
}

function writeIdentity(into: BigUint64Array, stat: BigIntStats): BigUint64Array {
  into[0] = stat.dev;
  into[1] = stat.ino;
  into[2] = stat.size;
  into[3] = stat.mtimeNs;
  into[4] = stat.ctimeNs;
  return into;
}

/** The position of a path, or -1. Walks mostly ask in the order of the run before; where they do not, an index is made. */
function finder({ paths }: CacheColumns): (path: string) => number {
  let positions: Map<string, readonly [index: number, at: number]> | undefined;
  let next = 0;
  let nextAt = 0;
  return (path) => {
    if (!(paths.startsWith(path, nextAt) && paths.charCodeAt(nextAt + path.length) === 0)) {
      positions ??= new Map(namesOf(paths).map(([name, at], index) => [name, [index, at]]));
      const found = positions.get(path);
      if (!found) return -1;
      [next, nextAt] = found;
    }
    nextAt += path.length + 1;
    next += 1;
    return next - 1;
  };
}

/** Every path with the position where it begins. */
function namesOf(paths: string): (readonly [path: string, at: number])[] {
  let at = 0;
  return paths
    .split('\0')
    .slice(0, -1)
    .map((path) => [path, (at += path.length + 1) - path.length - 1]);
}

function load(file: string): CacheColumns {
  try {
    return decodeColumns(readFileSync(file)) ?? emptyColumns(0);
  } catch {
    return emptyColumns(0);
  }
}

function merge(old: CacheColumns, used: Uint8Array, fresh: ReadonlyMap<string, Entry>): CacheColumns {
  const paths = namesOf(old.paths).map(([path]) => path);
  const known = new Set(paths);
  for (const path of fresh.keys()) if (!known.has(path)) paths.push(path);
  const ageAt = (index: number): number => (used[index] === 1 ? 0 : (old.ages[index] ?? maxAge) + 1);
  const kept = [...paths.keys()].filter(
    (index) => index >= old.count || ageAt(index) <= maxAge || fresh.has(paths[index] ?? ''),
  );
  if (paths.length > old.count) {
    // In the order of a walk, which `finder` is made for: what a folder holds directly after it.
    const keys = paths.map((path) => path.replaceAll('/', '\x01'));
    kept.sort((a, b) => ((keys[a] ?? '') < (keys[b] ?? '') ? -1 : 1));
  }
  const columns = emptyColumns(kept.length);
  const digests: string[] = [];
  for (const [to, from] of kept.entries()) {
    const entry = fresh.get(paths[from] ?? '');
    const at = from * identityWidth;
    columns.identity.set(entry?.identity ?? old.identity.subarray(at, at + identityWidth), to * identityWidth);
    columns.hashedAt[to] = entry?.hashedAt ?? old.hashedAt[from] ?? Infinity;
    columns.flags[to] = entry?.flags ?? old.flags[from] ?? 0;
    columns.ages[to] = entry ? 0 : ageAt(from);
    digests.push(entry?.digest ?? old.digests.slice(from * 64, from * 64 + 64));
  }
  return { ...columns, paths: kept.map((index) => `${paths[index]}\0`).join(''), digests: digests.join('') };
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
