import assert from 'node:assert/strict';
import type { Store } from '../catalog/store.js';
import type { TestRunner } from './runner.js';

/** An opened, empty store. What it returns is disposed of after each test. */
export type StoreFactory = () => Store | Promise<Store>;

/** What every store must do, whatever it keeps its values in. Call it in a test file: any runner with `describe` and `it` does. */
export function storeContract({ describe, it }: TestRunner, factory: StoreFactory): void {
  const test = (name: string, body: (store: Store) => Promise<void>): void => {
    it(name, async () => {
      const store = await factory();
      try {
        await body(store);
      } finally {
        await store[Symbol.asyncDispose]();
      }
    });
  };
  describe('as a store', () => {
    describeValues(test);
    describeWriteOnce(test);
    describeListing(test);
  });
}

type Test = (name: string, body: (store: Store) => Promise<void>) => void;

function describeValues(test: Test): void {
  test('knows no key at first', async (store) => {
    assert.equal(await text(store, 'a'), undefined);
    assert.equal(await text(store, 'a/b/c'), undefined);
  });

  test('answers with what was put, also with nothing', async (store) => {
    await store.put('log/p/i/000000000001', bytes('hello'));
    await store.put('empty', new Uint8Array());
    assert.equal(await text(store, 'log/p/i/000000000001'), 'hello');
    assert.equal(await text(store, 'empty'), '');
    assert.equal(await text(store, 'log/p/i'), undefined);
  });

  test('takes streams, and gives back large values byte by byte', async (store) => {
    const piece = new Uint8Array(1_000_003).map((_, i) => i % 251);
    await store.put('large', repeat(piece, 20));
    const value = await store.get('large');
    assert.ok(value !== undefined);
    let at = 0;
    for await (const got of value.stream) {
      for (let i = 0; i < got.length; i += 4099) assert.equal(got[i], piece[(at + i) % piece.length]);
      at += got.length;
    }
    assert.equal(at, 20 * piece.length);
  });

  test('gives back ranges, cut to what is there', async (store) => {
    await store.put('key', bytes('0123456789'));
    assert.equal(await text(store, 'key', 2, 5), '234');
    assert.equal(await text(store, 'key', 7), '789');
    assert.equal(await text(store, 'key', 7, 100), '789');
    assert.equal(await text(store, 'key', 0, 0), '');
    assert.equal(await text(store, 'key', 50, 60), '');
  });

  test('overwrites, unless told not to', async (store) => {
    assert.equal((await store.put('hint', bytes('one'))).written, true);
    assert.equal((await store.put('hint', bytes('two'))).written, true);
    assert.equal(await text(store, 'hint'), 'two');
  });

  test('keeps its own copy of bytes', async (store) => {
    const data = bytes('before');
    await store.put('key', data);
    data.fill(0);
    const value = await store.get('key');
    for await (const got of value?.stream ?? []) got.fill(0);
    assert.equal(await text(store, 'key'), 'before');
  });

  test('says when a value was stored, later for what came later', async (store) => {
    const first = await store.put('a', bytes('1'));
    await new Promise((resolve) => setTimeout(resolve, 30));
    const second = await store.put('b', bytes('2'));
    assert.ok(second.storedAt > first.storedAt, 'storedAt does not advance');
    assert.equal((await store.get('a'))?.storedAt, first.storedAt);
    assert.ok(Math.abs(second.storedAt - Date.now()) < 86_400_000, 'storedAt is not in milliseconds since 1970');
  });

  test('leaves nothing of a stream that fails, and passes its error on', async (store) => {
    const error = new Error('the source broke');
    await store.put('there', bytes('before'));
    for (const key of ['new', 'there'])
      await assert.rejects(store.put(key, breaking(error)), (thrown) => thrown === error);
    await assert.rejects(store.put('new', breaking(error), { ifAbsent: true }), (thrown) => thrown === error);
    assert.equal(await text(store, 'new'), undefined);
    assert.equal(await text(store, 'there'), 'before');
    assert.deepEqual(await store.list('', undefined, 10), ['there']);
  });

  test('shows a value whole or not at all while it is written', async (store) => {
    let seen: string | undefined = 'not looked';
    async function* slowly(): AsyncGenerator<Uint8Array, void, undefined> {
      yield bytes('half ');
      seen = await text(store, 'key');
      yield bytes('whole');
    }
    await store.put('key', slowly());
    assert.equal(seen, undefined);
    assert.equal(await text(store, 'key'), 'half whole');
  });

  test('deletes, and deleting again is nothing', async (store) => {
    await store.put('a/b', bytes('x'));
    await store.delete('a/b');
    await store.delete('a/b');
    await store.delete('never/was');
    assert.equal(await text(store, 'a/b'), undefined);
    assert.equal((await store.put('a/b', bytes('y'), { ifAbsent: true })).written, true);
  });

  test('refuses what is no key, before anything is read or written', async (store) => {
    for (const key of ['', '/', '/a', 'a/', 'a//b', '..', '../a', 'a/../b', 'a/.', 'a b', 'a\0', 'ä', 'a\\b', 'a\nb']) {
      for (const call of [store.get(key), store.put(key, bytes('x')), store.delete(key)])
        await assert.rejects(call, { code: 'ERR_BAKE_STORE' }, JSON.stringify(key));
    }
    assert.deepEqual(await store.list('', undefined, 10), []);
  });
}

function describeWriteOnce(test: Test): void {
  test('writes once where it was told to', async (store) => {
    const first = await store.put('key', bytes('first'), { ifAbsent: true });
    const second = await store.put('key', bytes('second'), { ifAbsent: true });
    assert.equal(first.written, true);
    assert.deepEqual(second, { written: false, storedAt: first.storedAt });
    assert.equal(await text(store, 'key'), 'first');
  });

  test('lets exactly one of many writers win', async (store) => {
    const words = Array.from({ length: 20 }, (_, i) => `writer ${i}`);
    for (const key of ['one', 'two/three']) await assertOneWinner(store, key, words);
  });
}

async function assertOneWinner(store: Store, key: string, words: readonly string[]): Promise<void> {
  const puts = words.map((word, i) => {
    const data = i % 2 === 0 ? bytes(word) : repeat(bytes(word), 1);
    return store.put(key, data, { ifAbsent: true });
  });
  const receipts = await Promise.all(puts);
  const winners = words.filter((_, i) => receipts[i]?.written);
  assert.equal(winners.length, 1);
  assert.equal(await text(store, key), winners[0]);
}

function describeListing(test: Test): void {
  const keys = ['a', 'a-', 'a.b', 'a/1', 'a/2/x', 'a/2/y', 'a/2.z', 'a0', 'b/c', 'B', '_'];
  const ordered = keys.toSorted((a, b) => (a < b ? -1 : 1));
  const fill = async (store: Store): Promise<void> => {
    // A folder cannot be a file too: no store is asked to keep `a` beside `a/1`.
    for (const key of keys) if (key !== 'a') await store.put(key, bytes(key));
  };
  const kept = ordered.filter((key) => key !== 'a');

  test('lists keys in byte order', async (store) => {
    await fill(store);
    assert.deepEqual(await store.list('', undefined, 100), kept);
  });

  test('lists by prefix, which need not end at a segment', async (store) => {
    await fill(store);
    for (const prefix of ['a', 'a/', 'a/2', 'a/2/', 'a/2/x', 'b/c', 'b/cc', 'nothing/', 'A'])
      assert.deepEqual(
        await store.list(prefix, undefined, 100),
        kept.filter((key) => key.startsWith(prefix)),
        prefix,
      );
  });

  test('goes on after a key, whether that is there or not', async (store) => {
    await fill(store);
    for (const after of [...kept, 'a/', 'a/2', 'a/2/', 'a00', 'zzz', 'A'])
      for (const prefix of ['', 'a/'])
        assert.deepEqual(
          await store.list(prefix, after, 100),
          kept.filter((key) => key.startsWith(prefix) && key > after),
          `${prefix} after ${after}`,
        );
  });

  test('lists page by page', async (store) => {
    await fill(store);
    for (const limit of [1, 3, kept.length]) {
      const found: string[] = [];
      for (;;) {
        const page = await store.list('', found.at(-1), limit);
        assert.ok(page.length <= limit);
        if (page.length === 0) break;
        found.push(...page);
      }
      assert.deepEqual(found, kept);
    }
  });

  test('lists an emptied store as empty', async (store) => {
    await fill(store);
    for (const key of kept) await store.delete(key);
    assert.deepEqual(await store.list('', undefined, 100), []);
  });
}

function bytes(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

async function* repeat(piece: Uint8Array, times: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let i = 0; i < times; i += 1) yield piece;
}

async function* breaking(error: Error): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes('the first half');
  throw error;
}

/** A value as text; the range is given only where a test is about ranges. */
async function text(store: Store, key: string, start = 0, end?: number): Promise<string | undefined> {
  const range = end === undefined ? { start } : { start, end };
  const value = await (start === 0 && end === undefined ? store.get(key) : store.get(key, range));
  if (value === undefined) return undefined;
  const pieces: Uint8Array[] = [];
  for await (const piece of value.stream) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
