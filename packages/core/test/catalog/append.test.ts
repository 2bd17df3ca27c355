import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { openMemoryStore } from '../../src/catalog/memory-store.js';
import { openCatalog } from '../../src/catalog/open.js';
import { eventKey } from '../../src/catalog/keys.js';
import type { Catalog, CatalogEvent, NewEvent, UnknownEvent } from '../../src/index.js';
import { faultyStore, type PutFault } from './faulty-store.js';
import { aFolder, author } from './fixtures.js';

const run = promisify(execFile);

function resumed(channel: string): NewEvent {
  return { type: 'resumed', payload: { channel } };
}

async function eventsOf(catalog: Catalog): Promise<readonly (CatalogEvent | UnknownEvent)[]> {
  const events: (CatalogEvent | UnknownEvent)[] = [];
  for await (const event of (await catalog.history('shop', 'web')).events()) events.push(event);
  return events;
}

const channels = async (catalog: Catalog): Promise<readonly unknown[]> =>
  (await eventsOf(catalog)).map(({ payload }) => (payload as { channel?: string }).channel);

/** A catalog whose puts of events fail as told, one after the other. */
async function aFaultyCatalog(...faults: readonly PutFault[]): Promise<Catalog> {
  const left = [...faults];
  return openCatalog(
    faultyStore(openMemoryStore(), (key) => (key.startsWith('log/') ? left.shift() : undefined)),
    { create: true },
  );
}

describe('append', () => {
  it('writes who, when, from which source, and after which event', async () => {
    const catalog = await openCatalog(openMemoryStore(), { create: true, now: () => 1_700_000_000_000 });
    const first = await catalog.append('shop', 'web', author, () => resumed('a'));
    const second = await catalog.append('shop', 'web', author, () => resumed('b'));
    expect(first).toMatchObject({
      ...author,
      schema: 1,
      sequence: 1,
      previous: null,
      time: '2023-11-14T22:13:20.000Z',
    });
    expect(second).toMatchObject({ sequence: 2, previous: first?.digest, project: 'shop', image: 'web' });
    expect(await eventsOf(catalog)).toEqual([first, second]);
  });

  it('writes nothing where there is nothing to write', async () => {
    const catalog = await openCatalog(openMemoryStore(), { create: true });
    expect(await catalog.append('shop', 'web', author, () => undefined)).toBeUndefined();
    expect((await catalog.history('shop', 'web')).sequence).toBe(0);
    expect(await catalog.images()).toEqual([]);
  });

  it('takes a lost reply for what it is', async () => {
    const catalog = await aFaultyCatalog('lost reply', undefined, 'lost reply');
    for (const name of ['a', 'b', 'c'])
      expect(await catalog.append('shop', 'web', author, () => resumed(name))).toBeDefined();
    expect(await channels(catalog)).toEqual(['a', 'b', 'c']);
  });

  it('tries again where nothing was done, and gives up in the end', async () => {
    const catalog = await aFaultyCatalog('before', 'lost reply', 'before', 'before', 'before', 'before');
    await catalog.append('shop', 'web', author, () => resumed('a'));
    await expect(catalog.append('shop', 'web', author, () => resumed('b'))).rejects.toThrow(
      'the connection was refused',
    );
    await catalog.append('shop', 'web', author, () => resumed('c'));
    expect(await channels(catalog)).toEqual(['a', 'c']);
  });

  it('is right when a put that failed is done later all the same', async () => {
    const store = openMemoryStore();
    let late: (() => Promise<void>) | undefined;
    const slow = faultyStore(store, () => undefined);
    const catalog = await openCatalog(
      {
        ...slow,
        async put(key, data, options) {
          if (late === undefined && key.startsWith('log/')) {
            late = async () => void (await store.put(key, data, options));
            throw new Error('timed out');
          }
          await late?.();
          return store.put(key, data, options);
        },
      },
      { create: true },
    );
    await catalog.append('shop', 'web', author, () => resumed('a'));
    await catalog.append('shop', 'web', author, () => resumed('b'));
    expect(await channels(catalog)).toEqual(['a', 'b']);
  });

  it('decides again, knowing more, after each race that it lost', async () => {
    const store = openMemoryStore();
    const others = await openCatalog(store, { create: true });
    let races = 2;
    const catalog = await openCatalog(
      faultyStore(store, async (key) => {
        if (key.startsWith('log/') && races-- > 0)
          await others.append('shop', 'web', author, () => resumed(`other ${races}`));
        return undefined;
      }),
    );
    const seen: number[] = [];
    const event = await catalog.append('shop', 'web', author, ({ sequence }) => {
      seen.push(sequence);
      return resumed('mine');
    });
    expect(seen).toEqual([0, 1, 2]);
    expect(event?.sequence).toBe(3);
    expect(await channels(catalog)).toEqual(['other 1', 'other 0', 'mine']);
  });

  it('can decide, having lost, that nothing is left to do', async () => {
    const store = openMemoryStore();
    const others = await openCatalog(store, { create: true });
    const catalog = await openCatalog(
      faultyStore(store, async (key) => {
        if (key === eventKey('shop/web', 1)) await others.append('shop', 'web', author, () => resumed('other'));
        return undefined;
      }),
    );
    const event = await catalog.append('shop', 'web', author, ({ sequence }) =>
      sequence === 0 ? resumed('mine') : undefined,
    );
    expect(event).toBeUndefined();
    expect(await channels(catalog)).toEqual(['other']);
  });

  it('keeps all events of 8 processes that append at once', async () => {
    const dir = aFolder();
    const module = join(aFolder(), 'open.mjs');
    mkdirSync(join(module, '..'), { recursive: true });
    await build({
      entryPoints: [fileURLToPath(new URL('../../src/catalog/open.ts', import.meta.url))],
      outfile: module,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
    });
    const worker = fileURLToPath(new URL('append-worker.mjs', import.meta.url));
    const names = Array.from({ length: 8 }, (_, i) => `process-${i}`);
    await Promise.all(
      names.map((name) => run(process.execPath, [worker, pathToFileURL(module).href, dir, name, '50'])),
    );
    const catalog = await openCatalog(dir);
    const found = await channels(catalog);
    expect(found).toHaveLength(400);
    expect(new Set(found).size).toBe(400);
    for (const name of names)
      expect(found.filter((one) => String(one).startsWith(`${name}-`))).toEqual(
        Array.from({ length: 50 }, (_, i) => `${name}-${i}`),
      );
    expect(await catalog.verify()).toMatchObject({ events: 400, faults: [] });
  });
});
