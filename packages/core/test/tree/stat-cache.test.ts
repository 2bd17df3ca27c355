import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
  type BigIntStats,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/plan/digest.js';
import { openStatCache, type StatCache } from '../../src/tree/stat-cache.js';
import { aFolder, aTree, takeTree, touch } from './builders.js';

const second = 1000;
const minute = 60 * second;
const facts = { digest: sha256('x'), flags: 0 };

/** A clock that stands until it is told otherwise. */
function aClock(at: number = Date.now()): { now: () => number; at: number } {
  const clock = { at, now: (): number => clock.at };
  return clock;
}

function look(path: string): BigIntStats {
  return lstatSync(path, { bigint: true });
}

function aStat(values: Partial<Record<'dev' | 'ino' | 'size' | 'mtimeNs' | 'ctimeNs', bigint>> = {}): BigIntStats {
  const old = BigInt(1_000_000_000_000) * 1_000_000n;
  return { dev: 1n, ino: 2n, size: 3n, mtimeNs: old, ctimeNs: old, ...values } as BigIntStats;
}

describe('trust', () => {
  const at = 2_000_000_000_000;
  const ns = BigInt(at) * 1_000_000n;
  const stored = (stat: BigIntStats): boolean => {
    const cache = openStatCache(join(aFolder(), 'stat'), { now: () => at });
    cache.store('a', stat, facts, at);
    return cache.lookup('a', stat) !== undefined;
  };

  test.each([
    ['both times 2 s before', 2_000_000_000n, 2_000_000_000n, true],
    ['mtime a nanosecond less', 1_999_999_999n, 2_000_000_000n, false],
    ['ctime a nanosecond less', 2_000_000_000n, 1_999_999_999n, false],
    ['mtime set far back, ctime now', 10_000_000_000_000n, 0n, false],
    ['mtime in the future', -5_000_000_000n, 2_000_000_000n, false],
  ])('%s the moment of hashing: trusted %s', (_, mtimeAge, ctimeAge, trusted) => {
    expect(stored(aStat({ mtimeNs: ns - mtimeAge, ctimeNs: ns - ctimeAge }))).toBe(trusted);
  });

  test.each(['dev', 'ino', 'size', 'mtimeNs', 'ctimeNs'] as const)('is gone when %s is another', (field) => {
    const file = join(aFolder(), 'stat');
    const stat = aStat();
    const changed = aStat({ [field]: stat[field] + 1n });
    const cache = openStatCache(file, { now: () => at });
    cache.store('a', stat, facts, at);
    expect(cache.lookup('a', changed)).toBeUndefined();
    cache.save();
    const again = openStatCache(file, { now: () => at });
    expect(again.lookup('a', changed)).toBeUndefined();
    expect(again.lookup('a', stat)).toEqual(facts);
    expect(again.lookup('b', stat)).toBeUndefined();
  });

  test('is gone when the clock was set back behind the moment of hashing', () => {
    const file = join(aFolder(), 'stat');
    const cache = openStatCache(file, { now: () => at });
    cache.store('a', aStat(), facts, at);
    cache.save();
    expect(openStatCache(file, { now: () => at - 1 }).lookup('a', aStat())).toBeUndefined();
    expect(openStatCache(file, { now: () => at }).lookup('a', aStat())).toEqual(facts);
  });

  test('holds for inode and device numbers of 64 bits, and flags come back', () => {
    const file = join(aFolder(), 'stat');
    const stat = aStat({ dev: 2n ** 64n - 1n, ino: 2n ** 63n + 5n });
    const cache = openStatCache(file, { now: () => at });
    cache.store('ü/\u{1f600}', stat, { digest: facts.digest, flags: 3 }, at);
    cache.save();
    expect(openStatCache(file, { now: () => at }).lookup('ü/\u{1f600}', stat)).toEqual({
      digest: facts.digest,
      flags: 3,
    });
  });
});

describe('files that change', () => {
  /** Takes snapshots of one folder with one cache file, each in a process of its own as it were. */
  function aProject(): {
    root: string;
    file: string;
    clock: ReturnType<typeof aClock>;
    digest: () => string;
    fresh: () => string;
  } {
    const root = aTree({ a: 'one' });
    const file = join(aFolder(), 'stat');
    const clock = aClock();
    const digest = (): string => {
      const cache = openStatCache(file, { now: clock.now });
      const taken = takeTree(root, { cache, now: clock.now });
      cache.save();
      return taken.digest;
    };
    return { root, file, clock, digest, fresh: () => takeTree(root).digest };
  }

  test('an edit of the same size in the same tick is seen', () => {
    // The clock stands: the file was written, hashed and written again within what a coarse clock calls one moment.
    for (let i = 0; i < 50; i += 1) {
      const { root, clock, digest, fresh } = aProject();
      clock.at = Date.now();
      digest();
      writeFileSync(join(root, 'a'), 'two');
      expect(digest()).toBe(fresh());
    }
  });

  test('a file that is written and hashed at once is hashed again until it has settled, then no more', () => {
    const { root, file, clock, digest } = aProject();
    clock.at = Date.now();
    digest();
    expect(openStatCache(file, { now: clock.now }).lookup('a', look(join(root, 'a')))).toBeUndefined();
    clock.at = Date.now() + 3 * second;
    digest();
    expect(openStatCache(file, { now: clock.now }).lookup('a', look(join(root, 'a')))).toMatchObject({
      digest: sha256('one'),
    });
  });

  test('utimes that restore the mtime after an edit do not hide it: the ctime tells', () => {
    const { root, clock, digest, fresh } = aProject();
    const old = Date.now() - 10 * minute;
    touch(join(root, 'a'), old);
    clock.at = Date.now() + minute;
    const before = digest();
    writeFileSync(join(root, 'a'), 'two');
    touch(join(root, 'a'), old);
    expect(digest()).toBe(fresh());
    expect(digest()).not.toBe(before);
  });

  test('a rename over the file is seen, even with its size and times', () => {
    const { root, clock, digest, fresh } = aProject();
    const old = Date.now() - 10 * minute;
    touch(join(root, 'a'), old);
    clock.at = Date.now() + minute;
    digest();
    const other = join(root, 'b');
    writeFileSync(other, 'two');
    touch(other, old);
    renameSync(other, join(root, 'a'));
    expect(digest()).toBe(fresh());
  });

  test('two files that trade places are seen', () => {
    const { root, clock, digest, fresh } = aProject();
    writeFileSync(join(root, 'b'), 'two');
    clock.at = Date.now() + minute;
    digest();
    renameSync(join(root, 'a'), join(root, 'c'));
    renameSync(join(root, 'b'), join(root, 'a'));
    renameSync(join(root, 'c'), join(root, 'b'));
    expect(digest()).toBe(fresh());
  });

  test('a project that was copied elsewhere with its cache is hashed anew', () => {
    const { file, clock, digest } = aProject();
    clock.at = Date.now() + minute;
    digest();
    const copy = aTree({ a: 'two' });
    const cache = openStatCache(file, { now: clock.now });
    expect(takeTree(copy, { cache, now: clock.now }).digest).toBe(takeTree(copy).digest);
  });
});

describe('the file', () => {
  const at = 2_000_000_000_000;
  const now = (): number => at;
  const filled = (file: string, paths: readonly string[] = ['a', 'b/c', 'd']): StatCache => {
    const cache = openStatCache(file, { now });
    paths.forEach((path, index) => cache.store(path, aStat({ ino: BigInt(index) }), facts, at));
    return cache;
  };
  const knows = (file: string, path: string, ino: bigint): boolean =>
    openStatCache(file, { now }).lookup(path, aStat({ ino })) !== undefined;

  test('is made with its folder, private, without leaving a temporary file', () => {
    const dir = aFolder();
    filled(join(dir, 'cache/deep/stat')).save();
    expect(readdirSync(join(dir, 'cache/deep'))).toEqual(['stat']);
    expect(statSync(join(dir, 'cache')).mode & 0o777).toBe(0o700);
    expect(statSync(join(dir, 'cache/deep/stat')).mode & 0o777).toBe(0o600);
  });

  test('is not written where there is nothing new', () => {
    const file = join(aFolder(), 'stat');
    openStatCache(file, { now }).save();
    expect(existsSync(file)).toBe(false);
    filled(file).save();
    const before = look(file);
    const cache = openStatCache(file, { now });
    cache.lookup('a', aStat({ ino: 0n }));
    cache.save();
    expect(look(file).ino).toBe(before.ino);
  });

  test('a flip of any byte, and any truncation, makes it count as empty', () => {
    const file = join(aFolder(), 'stat');
    filled(file).save();
    const good = readFileSync(file);
    for (let i = 0; i < good.length; i += 1) {
      const bad = Buffer.from(good);
      bad[i] = (bad[i] ?? 0) ^ 0x01;
      writeFileSync(file, bad);
      expect(knows(file, 'a', 0n)).toBe(false);
    }
    for (let length = 0; length < good.length; length += 7) {
      writeFileSync(file, good);
      truncateSync(file, length);
      expect(knows(file, 'a', 0n)).toBe(false);
    }
    writeFileSync(file, Buffer.concat([good, Buffer.from('x')]));
    expect(knows(file, 'a', 0n)).toBe(false);
    writeFileSync(file, good);
    expect(knows(file, 'a', 0n)).toBe(true);
  });

  test('of an unknown schema counts as empty, and is replaced', () => {
    const file = join(aFolder(), 'stat');
    filled(file).save();
    const other = readFileSync(file).subarray(0, -32);
    other.write('bakehouse/stat-cache/2');
    writeFileSync(file, Buffer.concat([other, Buffer.from(sha256(other), 'hex')]));
    expect(knows(file, 'a', 0n)).toBe(false);
    filled(file).save();
    expect(knows(file, 'a', 0n)).toBe(true);
  });

  test.each(['a folder in its place', 'a file in place of its folder'])(
    'cannot be read or written with %s: no error',
    (what) => {
      const dir = aFolder();
      const file = join(dir, 'cache/stat');
      if (what === 'a folder in its place') mkdirSync(file, { recursive: true });
      else writeFileSync(join(dir, 'cache'), '');
      expect(() => filled(file).save()).not.toThrow();
      expect(readdirSync(dir)).toEqual(['cache']);
    },
  );

  test('in a folder that may not be written: no error', () => {
    const dir = aFolder();
    chmodSync(dir, 0o555);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65534);
    try {
      expect(() => filled(join(dir, 'stat')).save()).not.toThrow();
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
    expect(readdirSync(dir)).toEqual([]);
  });

  test.skipIf(process.platform !== 'linux')('on a full disk: no error', () => {
    // Every write to /dev/full fails as on a full disk; the temporary file is named after the process.
    const dir = aFolder();
    const file = join(dir, 'stat');
    filled(file).save();
    const before = readFileSync(file);
    aTree({ [`stat.${process.pid}.tmp`]: { link: '/dev/full' } }, dir);
    filled(file, ['other']).save();
    expect(readFileSync(file)).toEqual(before);
    expect(readdirSync(dir)).toEqual(['stat']);
  });

  test('of two processes at once is that of the last to save, whole', () => {
    const file = join(aFolder(), 'stat');
    const one = filled(file, ['a']);
    const two = filled(file, ['x', 'b']);
    one.save();
    two.save();
    expect([knows(file, 'a', 0n), knows(file, 'b', 1n)]).toEqual([false, true]);
  });

  test('keeps what other runs use for a while, and drops what none uses any more', () => {
    const file = join(aFolder(), 'stat');
    filled(file, ['old', 'used']).save();
    const run = (i: number): void => {
      const cache = openStatCache(file, { now });
      cache.lookup('used', aStat({ ino: 1n }));
      cache.store(`new/${i}`, aStat(), facts, at);
      cache.save();
    };
    for (let i = 0; i < 8; i += 1) run(i);
    expect(knows(file, 'old', 0n)).toBe(true);
    run(8);
    expect([knows(file, 'old', 0n), knows(file, 'used', 1n)]).toEqual([false, true]);
    for (let i = 9; i < 40; i += 1) run(i);
    expect(statSync(file).size).toBeLessThan(2000);
  });

  test('answers in any order, also for paths of which one begins another', () => {
    const file = join(aFolder(), 'stat');
    const paths = ['a', 'a/b', 'a-b', 'ab', 'a/b/c', 'b', 'a.b', ''];
    filled(file, paths).save();
    const cache = openStatCache(file, { now });
    const inodes = paths.map((path, index) => [path, BigInt(index)] as const);
    for (const [path, ino] of [...inodes, ...inodes.toReversed(), ...inodes])
      expect(cache.lookup(path, aStat({ ino }))).toEqual(facts);
    expect(cache.lookup('a/', aStat())).toBeUndefined();
    expect(cache.lookup('nothing', aStat())).toBeUndefined();
  });

  test('what was stored in this run is known in this run', () => {
    const file = join(aFolder(), 'stat');
    filled(file).save();
    const cache = openStatCache(file, { now });
    const other = { digest: sha256('y'), flags: 1 };
    cache.store('a', aStat({ ino: 77n }), other, at);
    expect(cache.lookup('a', aStat({ ino: 77n }))).toMatchObject(other);
    cache.save();
    expect(openStatCache(file, { now }).lookup('a', aStat({ ino: 77n }))).toEqual(other);
    expect(knows(file, 'd', 2n)).toBe(true);
  });
});
