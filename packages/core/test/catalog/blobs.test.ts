import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tombstoneKey } from '../../src/catalog/keys.js';
import { openDirectoryStore } from '../../src/catalog/directory-store.js';
import { openMemoryStore } from '../../src/catalog/memory-store.js';
import { openCatalog } from '../../src/catalog/open.js';
import { encodeTombstone } from '../../src/catalog/tombstone.js';
import type { NewBlob, Store } from '../../src/index.js';
import { sha256 } from '../../src/plan/digest.js';
import type { Content } from '../../src/tree/types.js';
import { aBlob, aFolder } from './fixtures.js';

const MiB = 1024 * 1024;

async function digestOf(content: Content): Promise<string> {
  if (content instanceof Uint8Array) return sha256(content);
  const hash = createHash('sha256');
  for await (const piece of content) hash.update(piece);
  return hash.digest('hex');
}

function counted(store: Store): { readonly store: Store; readonly puts: string[] } {
  const puts: string[] = [];
  const put: Store['put'] = (key, data, options) => {
    puts.push(key);
    return store.put(key, data, options);
  };
  return { store: { ...store, get: store.get.bind(store), put }, puts };
}

describe('blobs', () => {
  it('puts ten thousand small ones into one pack, and each only once', async () => {
    const { store, puts } = counted(openMemoryStore());
    const { blobs } = await openCatalog(store, { create: true });
    const many = Array.from({ length: 10_000 }, (_, i) => aBlob(`file ${i}`));
    puts.length = 0;
    expect((await blobs.write(many)).blobs).toBe(10_000);
    expect(puts).toHaveLength(1);
    expect(await blobs.write([...many, ...many, aBlob('new')])).toEqual({ blobs: 1, bytes: 3 });
    expect((await blobs.missing(many.map(({ digest }) => digest))).size).toBe(0);
    for (const blob of [many[0], many[4567], many[9999]])
      expect(await digestOf((await blobs.read(blob?.digest ?? '')).content)).toBe(blob?.digest);
  });

  it('never reads what is stored already', async () => {
    const { blobs } = await openCatalog(openMemoryStore(), { create: true });
    await blobs.write([aBlob('known')]);
    const unread: NewBlob = { ...aBlob('known'), read: () => expect.fail('it was read') };
    expect(await blobs.write([unread])).toEqual({ blobs: 0, bytes: 0 });
  });

  it('keeps large ones in chunks, at every size around their limit', async () => {
    const { store } = counted(openMemoryStore());
    const { blobs } = await openCatalog(store, { create: true });
    const sizes = [8 * MiB - 1, 8 * MiB, 8 * MiB + 1, 16 * MiB, 16 * MiB + 1];
    for (const size of sizes) {
      const bytes = randomBytes(size);
      async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
        for (let at = 0; at < size; at += 700_001) yield bytes.subarray(at, at + 700_001);
      }
      const digest = sha256(bytes);
      await blobs.write([{ digest, size, read: pieces }, aBlob(`beside ${size}`)]);
      const { content, size: read } = await blobs.read(digest);
      expect(read).toBe(size);
      expect(content instanceof Uint8Array).toBe(size <= 8 * MiB);
      expect(await digestOf(content)).toBe(digest);
    }
    expect(await store.list('chunks/', undefined, 100)).toHaveLength(2 + 2 + 3);
  });

  it.each([
    ['other bytes', { ...aBlob('one'), read: () => Buffer.from('two') }],
    ['more bytes', { ...aBlob('one'), read: () => Buffer.from('one more') }],
    [
      'a stream of fewer bytes',
      {
        ...aBlob('one'),
        read: async function* () {
          yield Buffer.from('o');
        },
      },
    ],
    ['other bytes of a large one', { digest: sha256('x'), size: 9 * MiB, read: () => Buffer.alloc(9 * MiB) }],
    ['too many bytes of a large one', { digest: sha256('x'), size: 9 * MiB, read: () => Buffer.alloc(10 * MiB) }],
  ])('shows nothing of a batch in which a blob has %s', async (_, wrong) => {
    const catalog = await openCatalog(aFolder(), { create: true });
    const good = aBlob('good');
    await expect(catalog.blobs.write([good, wrong as NewBlob])).rejects.toMatchObject({
      code: 'ERR_BAKE_INPUT_CHANGED',
    });
    expect(await catalog.blobs.missing([good.digest, wrong.digest])).toEqual(new Set([good.digest, wrong.digest]));
    expect(await catalog.verify()).toMatchObject({ blobs: 0, faults: [] });
  });

  it('tells what is missing from what was forgotten, and does not keep that again', async () => {
    const store = openMemoryStore();
    const { blobs } = await openCatalog(store, { create: true });
    const { digest: blob } = aBlob('key');
    await expect(blobs.read(blob)).rejects.toMatchObject({ code: 'ERR_BAKE_BLOB_MISSING' });
    await store.put(tombstoneKey(blob), encodeTombstone({ blob, reason: 'a key', time: '2026-01-01T00:00:00.000Z' }));
    await expect(blobs.read(blob)).rejects.toMatchObject({ code: 'ERR_BAKE_BLOB_FORGOTTEN' });
    expect((await blobs.missing([blob])).size).toBe(0);
    expect(await blobs.write([aBlob('key')])).toEqual({ blobs: 0, bytes: 0 });
  });

  it('finds what others stored meanwhile', async () => {
    const store = openMemoryStore();
    const one = await openCatalog(store, { create: true });
    const two = await openCatalog(store);
    await one.blobs.missing([aBlob('x').digest]);
    await two.blobs.write([aBlob('x')]);
    expect((await one.blobs.missing([aBlob('x').digest])).size).toBe(0);
    await two.blobs.write([aBlob('y')]);
    expect((await one.blobs.read(aBlob('y').digest)).size).toBe(1);
  });

  it('reads one index for many packs, and makes it anew when it is damaged or of packs that are gone', async () => {
    const dir = aFolder();
    const store = await openDirectoryStore(dir);
    const gets: string[] = [];
    const watched: Store = {
      get(key, range) {
        gets.push(key);
        return store.get(key, range);
      },
      put: (key, data, options) => store.put(key, data, options),
      list: (prefix, after, limit) => store.list(prefix, after, limit),
      delete: (key) => store.delete(key),
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    };
    const words = Array.from({ length: 40 }, (_, i) => `word ${i}`);
    for (const word of words) {
      const catalog = await openCatalog(dir, { create: true });
      await catalog.blobs.write([aBlob(word)]);
      await catalog[Symbol.asyncDispose]();
    }
    const check = async (): Promise<number> => {
      const catalog = await openCatalog(watched);
      gets.length = 0;
      const missing = await catalog.blobs.missing([...words.map((word) => aBlob(word).digest), aBlob('none').digest]);
      expect(missing).toEqual(new Set([aBlob('none').digest]));
      const count = gets.length;
      for (const word of words) expect((await catalog.blobs.read(aBlob(word).digest)).size).toBe(word.length);
      await catalog[Symbol.asyncDispose]();
      return count;
    };
    expect(await check()).toBeLessThan(20);
    const index = join(dir, 'packs/index');
    const bytes = readFileSync(index);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    writeFileSync(index, bytes);
    expect(await check()).toBeGreaterThan(39);
    expect(await check()).toBeLessThan(20);
    const [first = ''] = readdirSync(join(dir, 'packs'));
    await (await openDirectoryStore(dir)).delete(`packs/${first}`);
    const catalog = await openCatalog(dir);
    expect((await catalog.blobs.missing(words.map((word) => aBlob(word).digest))).size).toBe(1);
  });

  it('stores a batch again whose pack was damaged', async () => {
    const dir = aFolder();
    const { blobs } = await openCatalog(dir, { create: true });
    await blobs.write([aBlob('one')]);
    const [name = ''] = readdirSync(join(dir, 'packs'));
    writeFileSync(join(dir, 'packs', name), 'damaged');
    const catalog = await openCatalog(dir);
    await expect(catalog.blobs.read(aBlob('one').digest)).rejects.toMatchObject({ code: 'ERR_BAKE_CATALOG_CORRUPT' });
    expect(await catalog.blobs.write([aBlob('one')])).toEqual({ blobs: 1, bytes: 3 });
    expect((await catalog.blobs.read(aBlob('one').digest)).size).toBe(3);
    expect(await catalog.verify()).toMatchObject({ blobs: 1, faults: [] });
  });
});
