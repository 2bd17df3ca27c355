import { chmodSync, cpSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/plan/digest.js';
import { canonicalJson } from '../../src/plan/json.js';
import { entriesOf } from '../../src/tree/reader.js';
import { openStatCache } from '../../src/tree/stat-cache.js';
import { decodeTree, encodeTree, isMemberName } from '../../src/tree/tree-object.js';
import type { TreeMember } from '../../src/tree/types.js';
import { aFolder, put, takeTree, touch } from './builders.js';

type Node =
  | { readonly kind: 'file'; readonly bytes: Uint8Array; readonly executable: boolean }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'folder'; readonly nodes: Readonly<Record<string, Node>> };
type Folder = Extract<Node, { kind: 'folder' }>;

const reserved = /^(?:\.git|\.bake|bake\.)/;
const aName = fc
  .oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        'a',
        'b',
        'ab',
        'a-b',
        'a.b',
        'B',
        'é',
        '\uff5e',
        '\u{1f600}',
        ' ',
        '.x',
        '\n',
        '"',
        '\\',
      ),
    },
    { weight: 2, arbitrary: fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme' }) },
  )
  .filter((name) => isMemberName(name) && Buffer.byteLength(name) < 200 && !reserved.test(name));
const aFile = fc.record({
  kind: fc.constant('file' as const),
  bytes: fc.uint8Array({ maxLength: 40 }),
  executable: fc.boolean(),
});
const aLink = fc.record({
  kind: fc.constant('link' as const),
  target: fc.oneof(aName, fc.constantFrom('..', '/etc/passwd', 'a/b', '../../x')),
});
const { folder: aFolderNode } = fc.letrec<{ node: Node; folder: Folder }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    { weight: 4, arbitrary: aFile },
    { weight: 1, arbitrary: aLink },
    { weight: 2, arbitrary: tie('folder') },
  ),
  folder: fc
    .dictionary(aName, tie('node'), { maxKeys: 5, noNullPrototype: true })
    .map((nodes) => ({ kind: 'folder' as const, nodes })),
}));

/** What must not count: in which order names are made, their times, the modes' other bits. */
interface Circumstances {
  readonly reversed: boolean;
  readonly mtime: number;
  readonly otherBits: number;
  readonly umask: number;
}
const circumstances = fc.record({
  reversed: fc.boolean(),
  mtime: fc.integer({ min: 0, max: 2_000_000_000_000 }),
  otherBits: fc.integer({ min: 0, max: 0o666 }).map((bits) => (bits & 0o666) | 0o400),
  umask: fc.constantFrom(0o000, 0o002, 0o022, 0o077),
});

function write(path: string, node: Node, how: Circumstances): void {
  if (node.kind === 'link') return symlinkSync(node.target, path);
  if (node.kind === 'file') {
    writeFileSync(path, node.bytes);
    const executable = [0o100, 0o001, 0o111, 0o010][how.mtime % 4] ?? 0o100;
    chmodSync(path, how.otherBits | (node.executable ? executable : 0));
    return touch(path, how.mtime);
  }
  mkdirSync(path, { recursive: true });
  const names = Object.entries(node.nodes);
  for (const [name, below] of how.reversed ? names.toReversed() : names) write(join(path, name), below, how);
  return touch(path, how.mtime);
}

function writeIn(dir: string, node: Node, how: Circumstances): string {
  const before = process.umask(how.umask);
  try {
    write(dir, node, how);
  } finally {
    process.umask(before);
  }
  return takeTree(dir).digest;
}

const plainly: Circumstances = { reversed: false, mtime: 1_700_000_000_000, otherBits: 0o644, umask: 0o022 };

/** The digest by the letter of docs/decisions/0001-tree-objects.md, from the model and not from files. */
function modelDigest(folder: Folder): string {
  const members = Object.entries(folder.nodes)
    .toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([name, node]) => {
      if (node.kind === 'folder') return ['d', name, modelDigest(node)];
      if (node.kind === 'link') return ['l', name, node.target];
      return ['f', name, node.executable ? '0755' : '0644', node.bytes.length, sha256(node.bytes)];
    });
  return sha256(`bakehouse/tree/1\n${canonicalJson(members)}`);
}

/** Runs with a folder that is gone after each try, not only after the test. */
function within<T>(work: (dir: string) => T): T {
  const dir = aFolder();
  try {
    return work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

describe('the digest of a tree', () => {
  test('is that of its model, whatever the order, times, umask, modes, folder or link it is reached by', () => {
    fc.assert(
      fc.property(aFolderNode, circumstances, circumstances, (tree, one, two) =>
        within((dir) => {
          const expected = modelDigest(tree);
          expect(writeIn(join(dir, 'one'), tree, one)).toBe(expected);
          expect(writeIn(join(dir, 'elsewhere'), tree, two)).toBe(expected);
          symlinkSync('elsewhere', join(dir, 'alias'));
          expect(takeTree(join(dir, 'alias')).digest).toBe(expected);
          expect(takeTree(dir, { path: 'alias' }).digest).toBe(expected);
        }),
      ),
      { numRuns: 150 },
    );
  });

  test('changes with any change of bytes, names, execute bits, link targets and empty folders', () => {
    fc.assert(
      fc.property(aFolderNode, fc.nat(), fc.nat(), (tree, which, how) =>
        within((dir) => {
          const root = join(dir, 'tree');
          const before = writeIn(root, tree, plainly);
          changeSomething(root, which, how);
          expect(takeTree(root).digest).not.toBe(before);
        }),
      ),
      { numRuns: 150 },
    );
  });

  test('is the same with a warm cache, and after any change that of a walk without one', () => {
    fc.assert(
      fc.property(aFolderNode, fc.nat(), fc.nat(), (tree, which, how) =>
        within((dir) => {
          const root = join(dir, 'tree');
          const before = writeIn(root, tree, plainly);
          const later = (): number => Date.now() + 10_000;
          const cached = (): string => {
            const cache = openStatCache(join(dir, 'stat'), { now: later });
            const { digest } = takeTree(root, { cache, now: later });
            cache.save();
            return digest;
          };
          expect([cached(), cached()]).toEqual([before, before]);
          changeSomething(root, which, how);
          expect(cached()).toBe(takeTree(root).digest);
        }),
      ),
      { numRuns: 100 },
    );
  });

  test('is that of a copy', () => {
    fc.assert(
      fc.property(aFolderNode, (tree) =>
        within((dir) => {
          const before = writeIn(join(dir, 'tree'), tree, plainly);
          cpSync(join(dir, 'tree'), join(dir, 'copy'), { recursive: true, verbatimSymlinks: true });
          expect(takeTree(join(dir, 'copy')).digest).toBe(before);
        }),
      ),
      { numRuns: 30 },
    );
  });

  test('differs for different trees', () => {
    const digests = new Map<string, string>();
    fc.assert(
      fc.property(aFolderNode, (tree) => {
        const text = JSON.stringify(tree, (_, value: unknown) =>
          value instanceof Uint8Array ? Buffer.from(value).toString('hex') : sortedKeys(value),
        );
        const digest = modelDigest(tree);
        expect(digests.get(digest) ?? text).toBe(text);
        digests.set(digest, text);
      }),
      { numRuns: 300 },
    );
  });
});

describe('tree objects', () => {
  const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
  const member: fc.Arbitrary<TreeMember> = fc.oneof(
    fc.tuple(fc.constant('d' as const), aName, digest),
    fc.tuple(fc.constant('l' as const), aName, aName),
    fc.tuple(
      fc.constant('f' as const),
      aName,
      fc.constantFrom('0644' as const, '0755' as const),
      fc.maxSafeNat(),
      digest,
    ),
  );
  const members = fc.uniqueArray(member, { selector: ([, name]) => name, maxLength: 12 });

  test('decode to what was encoded, in whatever order it came', () => {
    fc.assert(
      fc.property(members, (list) => {
        const bytes = encodeTree(list);
        const back = decodeTree(bytes);
        expect(back).toHaveLength(list.length);
        expect(back).toEqual(expect.arrayContaining([...list]));
        expect(encodeTree(back).equals(bytes)).toBe(true);
        expect(encodeTree(list.toReversed()).equals(bytes)).toBe(true);
      }),
    );
  });

  test('with a changed byte are refused, or are those of another tree', () => {
    fc.assert(
      fc.property(members, fc.nat(), fc.integer({ min: 1, max: 255 }), (list, at, flip) => {
        const bytes = encodeTree(list);
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ flip;
        try {
          expect(encodeTree(decodeTree(bytes)).equals(bytes)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_BAKE_CATALOG_CORRUPT' });
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** One change of a tree that must be seen; of which entry, and which change, the numbers tell. */
function changeSomething(root: string, which: number, how: number): void {
  const entries = [...entriesOf(takeTree(root))];
  const entry = entries[which % (entries.length + 1)];
  if (!entry) {
    put(join(root, 'new'), [null, '', { link: 'x' }][how % 3] ?? null);
    return;
  }
  const path = join(root, entry.path);
  const changes: (() => void)[] = [
    () => renameSync(path, `${path}~`),
    () => rmSync(path, { recursive: true }),
    ...(entry.type === 'folder'
      ? [() => mkdirSync(join(path, 'new')), () => writeFileSync(join(path, 'new'), '')]
      : [
          () => {
            rmSync(path);
            put(path, entry.type === 'link' ? { link: `${entry.target}x` } : { link: 'x' });
          },
        ]),
    ...(entry.type === 'file'
      ? [
          () => chmodSync(path, entry.mode === '0755' ? 0o644 : 0o711),
          () => writeFileSync(path, 'other bytes than before'),
          () => {
            rmSync(path);
            mkdirSync(path);
          },
        ]
      : []),
  ];
  changes[how % changes.length]?.();
}

function sortedKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
