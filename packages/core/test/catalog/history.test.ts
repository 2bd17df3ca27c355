import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { foldRecords } from '../../src/catalog/fold.js';
import { openDirectoryStore } from '../../src/catalog/directory-store.js';
import { openMemoryStore } from '../../src/catalog/memory-store.js';
import { openCatalog } from '../../src/catalog/open.js';
import type { Catalog, ImageHistory, NewEvent, Store } from '../../src/index.js';
import type { LogEvent } from '../../src/catalog/event-codec.js';
import { seal } from '../../src/catalog/sealed.js';
import { sealEvent } from '../../src/catalog/event-codec.js';
import { aFolder, author, aVersion, baked, built, checked, promoted } from './fixtures.js';

/** The `i`th event of a long life: versions are built, checked, baked, promoted, and revoked long after. */
function lifeEvent(i: number): NewEvent {
  const version = aVersion(Math.floor(i / 5));
  const old = aVersion(Math.floor(i / 50));
  switch (i % 5) {
    case 0:
      return built(version, { branch: i % 3 === 0 ? 'main' : 'work' });
    case 1:
      return checked(version);
    case 2:
      return baked(version, i % 3 === 0 ? 'main' : 'work');
    case 3:
      return promoted('production', null, version);
    default:
      return i % 10 === 4
        ? { type: 'revoked', payload: { versions: [old, version], reason: `${i}`, children: false } }
        : checked(old, { outcome: 'failed' });
  }
}

async function fill(store: Store, count: number): Promise<void> {
  const catalog = await openCatalog(store, { create: true });
  for (let i = 0; i < count; i += 1) await catalog.append('shop', 'web', author, () => lifeEvent(i));
  await catalog[Symbol.asyncDispose]();
}

/** All that a history answers, as one value. */
async function everything(history: ImageHistory): Promise<unknown> {
  const some = [0, 1, 7, 199, 200, 401, 459].map((i) => aVersion(i));
  return {
    sequence: history.sequence,
    channels: history.channels,
    branches: history.branches,
    latest: [history.latest('main'), history.latest('work'), history.latest('none')],
    versions: await history.versions(),
    bakes: await history.bakes(),
    moves: await history.moves(),
    some: await Promise.all(some.map((version) => history.version('docker', version))),
  };
}

function watch(store: Store): { readonly store: Store; readonly calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    store: {
      ...store,
      get(key, range) {
        calls.push(`get ${key}`);
        return store.get(key, range);
      },
      list(prefix, after, limit) {
        calls.push(`list ${prefix}`);
        return store.list(prefix, after, limit);
      },
    },
  };
}

describe('history', () => {
  it('answers the same from head, segments and index as from the events alone', async () => {
    const store = openMemoryStore();
    const count = 2300;
    await fill(store, count);
    expect(await store.list('segments/', undefined, 10)).toEqual([
      'segments/shop/web/000000001',
      'segments/shop/web/000000002',
    ]);
    expect(await store.list('index/', undefined, 100)).toHaveLength(17);
    const cheap = await everything(await (await openCatalog(store)).history('shop', 'web'));
    const bare = openMemoryStore();
    for (const prefix of ['log/', 'catalog', 'images/'])
      for (const key of await store.list(prefix, undefined, 10_000)) {
        const value = await store.get(key);
        if (value !== undefined) await bare.put(key, value.stream);
      }
    const rebuilding = await openCatalog(bare);
    expect(await everything(await rebuilding.history('shop', 'web'))).toEqual(cheap);
    const events: LogEvent[] = [];
    const history = await rebuilding.history('shop', 'web');
    for await (const event of history.events()) events.push(event);
    expect(events).toHaveLength(count);
    expect(await history.versions()).toEqual(
      foldRecords(events)
        .map(({ record }) => record)
        .toReversed(),
    );
    await rebuilding[Symbol.asyncDispose]();
    // What was derived again is byte for byte what it was.
    for (const prefix of ['segments/', 'index/'])
      for (const key of await store.list(prefix, undefined, 100))
        expect(await bytesOf(bare, key)).toEqual(await bytesOf(store, key));
    for (const one of [store, bare])
      expect((await (await openCatalog(one)).verify()).faults.filter(({ kind }) => kind !== 'blob')).toEqual([]);
  });

  it('finds the newest versions and those of a prefix, as folding everything does', async () => {
    const store = openMemoryStore();
    await fill(store, 2100);
    const history = await (await openCatalog(store)).history('shop', 'web');
    const all = await history.versions();
    for (const limit of [0, 1, 20, 300, 5000]) expect(await history.versions(limit)).toEqual(all.slice(0, limit));
    for (const prefix of ['a', '7f', all[3]?.version.slice(0, 10) ?? '', all[400]?.version ?? ''])
      expect(await history.find(prefix)).toEqual(all.filter(({ version }) => version.startsWith(prefix)));
    expect(await history.find('')).toEqual(all);
    expect(await history.find('xyz')).toEqual([]);
    expect(await history.version('aws', all[0]?.version ?? '')).toBeUndefined();
    expect(await history.version('docker', all[0]?.version.slice(0, 12) ?? '')).toBeUndefined();
  });

  it('reads little and lists nothing, however long the log is', async () => {
    const memory = openMemoryStore();
    await fill(memory, 3005);
    const { store, calls } = watch(memory);
    const catalog = await openCatalog(store);
    const history = await catalog.history('shop', 'web');
    expect(calls.length).toBeLessThan(24);
    calls.length = 0;
    await history.version('docker', aVersion(17));
    expect(calls.filter((call) => call.startsWith('get index/'))).toHaveLength(1);
    expect(calls.length).toBeLessThan(24);
    calls.length = 0;
    await catalog.append('shop', 'web', author, () => baked(aVersion('new')));
    await history.moves();
    await history.versions(20);
    await catalog.images();
    expect(calls.filter((call) => call.startsWith('list') && call !== 'list images/')).toEqual([]);
  });

  it('stays as it was when it was read', async () => {
    const store = openMemoryStore();
    await fill(store, 998);
    const catalog = await openCatalog(store);
    const before = await catalog.history('shop', 'web');
    const answer = await everything(before);
    for (let i = 998; i < 1010; i += 1) await catalog.append('shop', 'web', author, () => lifeEvent(i));
    await catalog[Symbol.asyncDispose]();
    expect(await everything(before)).toEqual(answer);
  });

  it('skips events of unknown types that say so, and refuses others and newer ones', async () => {
    const store = openMemoryStore();
    await fill(store, 3);
    const first = await (await openCatalog(store)).history('shop', 'web');
    const common = { id: 'x', project: 'shop', image: 'web', time: '2026-01-01T00:00:00.000Z', ...author };
    const unknown = sealEvent({
      schema: 1,
      ...common,
      sequence: 4,
      previous: first.chain,
      type: 'painted',
      optional: true,
      payload: 7,
    } as never);
    await store.put('log/shop/web/000000000004', unknown.bytes);
    const catalog = await openCatalog(store);
    await catalog.append('shop', 'web', author, () => built(aVersion('after')));
    const history = await catalog.history('shop', 'web');
    expect(history.sequence).toBe(5);
    expect(await history.versions()).toHaveLength(2);
    expect((await catalog.verify()).faults.filter(({ kind }) => kind !== 'blob')).toEqual([]);
    for (const [over, code] of [
      [{ type: 'painted' }, 'ERR_BAKE_CATALOG_EVENT_UNKNOWN'],
      [{ schema: 2 }, 'ERR_BAKE_CATALOG_NEWER'],
    ] as const) {
      const next = sealEvent({
        schema: 1,
        ...common,
        sequence: 6,
        previous: history.chain,
        type: 'baked',
        payload: {},
        ...over,
      } as never);
      await store.put('log/shop/web/000000000006', next.bytes);
      await expect((await openCatalog(store)).history('shop', 'web')).rejects.toMatchObject({ code });
    }
  });
});

describe('openCatalog', () => {
  it('refuses what is not there, what is newer, and what it cannot reach, and writes nothing', async () => {
    const store = openMemoryStore();
    await expect(openCatalog(store)).rejects.toMatchObject({ code: 'ERR_BAKE_CATALOG_NOT_FOUND' });
    await expect(openCatalog('s3://bucket/x', { create: true })).rejects.toMatchObject({ code: 'ERR_BAKE_USAGE' });
    await store.put('catalog.json', seal({ schema: 2, id: 'whatever', more: true }).bytes);
    await expect(openCatalog(store, { create: true })).rejects.toMatchObject({ code: 'ERR_BAKE_CATALOG_NEWER' });
    expect(await store.list('', undefined, 10)).toEqual(['catalog.json']);
  });

  it('gives one id to all who create it at once', async () => {
    const store = openMemoryStore();
    const catalogs = await Promise.all([1, 2, 3, 4].map(() => openCatalog(store, { create: true })));
    expect(new Set(catalogs.map(({ id }) => id)).size).toBe(1);
  });

  it('does not begin anew over logs whose catalog.json is gone', async () => {
    const store = openMemoryStore();
    await fill(store, 1);
    await store.delete('catalog.json');
    await expect(openCatalog(store, { create: true })).rejects.toMatchObject({ code: 'ERR_BAKE_CATALOG_CORRUPT' });
  });
});

describe('remembered heads', () => {
  async function aSeenCatalog(): Promise<{
    readonly dir: string;
    readonly stateHome: string;
    readonly open: () => Promise<Catalog>;
  }> {
    const [dir, stateHome] = [aFolder(), aFolder()];
    const open = (): Promise<Catalog> => openCatalog(dir, { create: true, stateHome });
    const catalog = await open();
    for (let i = 0; i < 5; i += 1) await catalog.append('shop', 'web', author, () => baked(aVersion(i)));
    await catalog[Symbol.asyncDispose]();
    return { dir, stateHome, open };
  }
  const cut = { code: 'ERR_BAKE_CATALOG_CUT' };

  it('tell of a log that was cut back, until that is accepted', async () => {
    const { dir, open } = await aSeenCatalog();
    rmSync(join(dir, 'log/shop/web/000000000005'));
    await expect((await open()).history('shop', 'web')).rejects.toMatchObject(cut);
    await expect((await open()).append('shop', 'web', author, () => baked(aVersion('x')))).rejects.toMatchObject(cut);
    expect((await (await open()).verify()).faults).toMatchObject([{ kind: 'cut', where: 'log/shop/web' }]);
    expect((await (await open()).verify({ acceptHead: true })).faults).toEqual([]);
    expect((await (await open()).history('shop', 'web')).sequence).toBe(4);
    expect((await (await open()).verify()).faults).toEqual([]);
  });

  it('tell of another log in the place of the one that was seen, and of one that is gone', async () => {
    const { dir, open } = await aSeenCatalog();
    rmSync(join(dir, 'log/shop/web/000000000005'));
    const stranger = await openCatalog(dir);
    for (let i = 0; i < 3; i += 1) await stranger.append('shop', 'web', author, () => baked(aVersion('other')));
    await expect((await open()).history('shop', 'web')).rejects.toMatchObject(cut);
    expect((await (await open()).verify()).faults).toMatchObject([{ kind: 'cut' }]);
    rmSync(join(dir, 'log'), { recursive: true });
    await expect((await open()).history('shop', 'web')).rejects.toMatchObject(cut);
    expect((await (await open()).verify()).faults.map(({ kind }) => kind)).toContain('cut');
    await (await open()).verify({ acceptHead: true });
    expect((await (await open()).history('shop', 'web')).sequence).toBe(0);
  });

  it('do not mistake what another process appends meanwhile for a log that was cut', async () => {
    const { dir, stateHome, open } = await aSeenCatalog();
    const other = await open();
    const store = await openDirectoryStore(dir);
    let probes = 0;
    const slow: Store = {
      ...store,
      async get(key, range) {
        const value = await store.get(key, range);
        // The end is probed for once with the events before it, and once more to be sure.
        if (value === undefined && key.endsWith('/000000000006') && ++probes === 2) {
          await other.append('shop', 'web', author, () => baked(aVersion('meanwhile')));
        }
        return value;
      },
    };
    const catalog = await openCatalog(slow, { stateHome });
    expect((await catalog.history('shop', 'web')).sequence).toBe(6);
    expect(probes).toBe(2);
  });

  it('cost nothing where they cannot be kept, and are no more than a memory', async () => {
    const { dir, stateHome, open } = await aSeenCatalog();
    const file = join(stateHome, 'heads', (await open()).id, 'shop/web');
    writeFileSync(file, readFileSync(file, 'utf8').replace('5', '9'));
    expect((await (await open()).history('shop', 'web')).sequence).toBe(5);
    const blocked = join(aFolder(), 'file');
    writeFileSync(blocked, '');
    const catalog = await openCatalog(dir, { stateHome: blocked });
    expect(await catalog.append('shop', 'web', author, () => baked(aVersion('x')))).toBeDefined();
    expect((await catalog.verify({ acceptHead: true })).faults).toEqual([]);
  });
});

async function bytesOf(store: Store, key: string): Promise<string | undefined> {
  const value = await store.get(key);
  if (value === undefined) return undefined;
  const pieces: Uint8Array[] = [];
  for await (const piece of value.stream) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
