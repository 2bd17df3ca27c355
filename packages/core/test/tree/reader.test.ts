import { appendFileSync, mkdirSync, rmSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sha256, type Digest } from '../../src/plan/digest.js';
import { chunks, entriesOf, readFile, treeEntries } from '../../src/tree/reader.js';
import { encodeTree } from '../../src/tree/tree-object.js';
import { chunkSize, type Content, type SnapshotFile, type TreeEntry } from '../../src/tree/types.js';
import { aTree, take, takeFile, takeTree } from './builders.js';

const changed = expect.objectContaining({ code: 'ERR_BAKE_INPUT_CHANGED' }) as unknown;
const corrupt = expect.objectContaining({ code: 'ERR_BAKE_CATALOG_CORRUPT' }) as unknown;
const large = chunkSize + 12_345;

async function all(content: Content | Promise<Content>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of chunks(await content)) pieces.push(piece);
  return Buffer.concat(pieces);
}

function bytesOf(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let i = 0; i < size; i += 4096) bytes.writeUInt32LE(i, Math.min(i, size - 4));
  return bytes;
}

describe('readFile', () => {
  test.each([0, 1, 5000, 1024 * 1024, 1024 * 1024 + 1, chunkSize])('gives %i bytes at once', async (size) => {
    const bytes = size < 4 ? Buffer.alloc(size, 'x') : bytesOf(size);
    const file = takeFile(aTree({ a: bytes }), 'a');
    expect(file.digest).toBe(sha256(bytes));
    const content = readFile(file);
    expect(content).toBeInstanceOf(Uint8Array);
    expect((await all(content)).equals(bytes)).toBe(true);
  });

  test('gives more than that as a stream of pieces of at most 1 MiB', async () => {
    const bytes = bytesOf(large);
    const file = takeFile(aTree({ a: bytes }), 'a');
    const content = readFile(file);
    expect(content).not.toBeInstanceOf(Uint8Array);
    const pieces: Uint8Array[] = [];
    for await (const piece of chunks(content)) pieces.push(piece);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(1024 * 1024);
    // Kept pieces are not written over by later ones.
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
  });

  const changes: Record<string, (path: string) => void> = {
    'has other bytes of the same size': (path) =>
      writeFileSync(path, Buffer.alloc(path.endsWith('large') ? large : 5, 1)),
    grew: (path) => appendFileSync(path, 'x'),
    shrank: (path) => truncateSync(path, 1),
    vanished: (path) => unlinkSync(path),
    'became a folder': (path) => {
      rmSync(path);
      mkdirSync(path);
    },
    'became a link to the same bytes': (path) => {
      writeFileSync(`${path}.2`, path.endsWith('large') ? bytesOf(large) : 'small');
      rmSync(path);
      symlinkSync(`${path}.2`, path);
    },
  };
  describe.each(Object.entries(changes))('of a file that %s', (_, change) => {
    test.each(['small', 'large'])('fails, and names it: %s', async (name) => {
      const root = aTree({ 'site/small': 'small', 'site/large': bytesOf(large) });
      const file = takeTree(root).files.find(({ path }) => path === `site/${name}`) as SnapshotFile;
      change(join(root, 'site', name));
      const reading = (async () => all(readFile(file)))();
      await expect(reading).rejects.toEqual(changed);
      await expect(reading).rejects.toThrow(`site/${name}`);
    });
  });

  test('of a large file of another size fails before the first piece', async () => {
    const root = aTree({ a: bytesOf(large) });
    const file = takeFile(root, 'a');
    appendFileSync(join(root, 'a'), 'x');
    const pieces: Uint8Array[] = [];
    await expect(
      (async () => {
        for await (const piece of chunks(readFile(file))) pieces.push(piece);
      })(),
    ).rejects.toEqual(changed);
    expect(pieces).toEqual([]);
  });

  test('that is given up in the middle closes the file', async () => {
    const root = aTree({ a: bytesOf(large) });
    for await (const piece of chunks(readFile(takeFile(root, 'a')))) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
  });
});

describe('entries', () => {
  const root = (): string =>
    aTree({
      'b/2': 'two',
      'b/1': { bytes: 'one', mode: 0o755 },
      'b-c': 'x',
      'a/empty': null,
      'a/z/l': { link: '../..' },
      'b.d': '',
    });
  const shown = [
    'folder a',
    'folder a/empty',
    'folder a/z',
    'link a/z/l',
    'folder b',
    'file b/1',
    'file b/2',
    'file b-c',
    'file b.d',
  ];
  const show = ({ type, path }: TreeEntry): string => `${type} ${path}`;

  test('of a snapshot are folders before what they hold, in the order of names', () => {
    expect([...entriesOf(takeTree(root()))].map(show)).toEqual(shown);
  });

  test('of a single file are one entry with its name', async () => {
    const entries = [...entriesOf(take(root(), { path: 'b/1' }))];
    expect(entries).toMatchObject([{ type: 'file', path: '1', mode: '0755', size: 3, digest: sha256('one') }]);
    const [entry] = entries;
    expect(entry?.type === 'file' && (await all(entry.read())).toString()).toBe('one');
  });

  test('of stored tree objects are the same, with the same bytes', async () => {
    const snapshot = takeTree(root());
    const files = new Map(snapshot.files.map((file) => [file.digest, file]));
    const readBlob = async (digest: Digest): Promise<Content> =>
      snapshot.objects.get(digest) ?? readFile(files.get(digest) as SnapshotFile);
    const live = [...entriesOf(snapshot)];
    const stored: TreeEntry[] = [];
    for await (const entry of treeEntries(snapshot.digest, readBlob)) stored.push(entry);
    expect(stored.map((entry) => JSON.stringify(entry))).toEqual(live.map((entry) => JSON.stringify(entry)));
    for (const [index, entry] of stored.entries()) {
      const other = live[index];
      if (entry.type === 'file' && other?.type === 'file')
        expect(await all(entry.read())).toEqual(await all(other.read()));
    }
  });

  test('of a stored tree whose object has other bytes are refused', async () => {
    const { digest } = takeTree(root());
    const walk = async (readBlob: () => Promise<Content>): Promise<void> => {
      for await (const entry of treeEntries(digest, readBlob)) expect(entry).toBeUndefined();
    };
    await expect(walk(async () => encodeTree([]))).rejects.toEqual(corrupt);
    await expect(walk(async () => Buffer.from('junk'))).rejects.toEqual(corrupt);
  });

  test('a file is read when it is asked for, not before', () => {
    const dir = root();
    const entries = entriesOf(takeTree(dir));
    rmSync(join(dir, 'b/1'));
    expect([...entries]).toHaveLength(shown.length);
  });
});
