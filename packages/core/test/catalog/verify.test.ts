import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDirectoryStore } from '../../src/catalog/directory-store.js';
import { sealEvent } from '../../src/catalog/event-codec.js';
import { tombstoneKey } from '../../src/catalog/keys.js';
import { openMemoryStore } from '../../src/catalog/memory-store.js';
import { openCatalog } from '../../src/catalog/open.js';
import { encodeTombstone } from '../../src/catalog/tombstone.js';
import { isBakeError, type Catalog, type Digest, type NewBlob } from '../../src/index.js';
import { sha256 } from '../../src/plan/digest.js';
import { canonicalJson } from '../../src/plan/json.js';
import { encodeTree } from '../../src/tree/tree-object.js';
import type { Content } from '../../src/tree/types.js';
import { aBlob, aFolder, aPlanBlob, author, aVersion, baked, built, checked, promoted } from './fixtures.js';

const MiB = 1024 * 1024;
const [definition, report] = [aBlob('definition'), aBlob('report')];

/** A build with all that it needs, of a tree with a folder in it. */
async function buildOne(
  catalog: Catalog,
  word: string,
  over: { readonly without?: string; readonly plan?: NewBlob } = {},
): Promise<string> {
  const file = aBlob(`file of ${word}`);
  const inner = aBlob(encodeTree([['f', 'index.html', '0644', file.size, file.digest]]));
  const root = aBlob(
    encodeTree([
      ['d', 'site', inner.digest],
      ['l', 'link', 'site'],
    ]),
  );
  const { blob: plan, version } = aPlanBlob(word, [root.digest]);
  const blobs = { file, inner, root, plan, definition, report };
  const kept = Object.entries(blobs).filter(([name]) => name !== over.without);
  await catalog.blobs.write(kept.map(([, blob]) => blob));
  const used = over.plan?.digest ?? plan.digest;
  for (const event of [
    built(version, { plan: used, definition: definition.digest, inputs: [root.digest] }),
    checked(version, { report: report.digest }),
    baked(version),
    promoted('production', null, version),
  ])
    await catalog.append('shop', 'web', author, () => event);
  return version;
}

/** A catalog with every kind of file; `events` more events make it longer. */
async function populate(dir: string, events: number, packs: number, large = Buffer.alloc(0)): Promise<void> {
  const catalog = await openCatalog(dir, { create: true });
  await buildOne(catalog, 'one');
  const beside = large.length === 0 ? [] : [aBlob(large)];
  await catalog.blobs.write([...beside, aBlob('beside it')]);
  for (let i = 0; i < packs; i += 1) {
    await catalog.blobs.write([aBlob(`pack ${i}`)]);
    await catalog.blobs.missing([aBlob('nowhere').digest]);
  }
  for (let i = 0; i < events; i += 1)
    await catalog.append('shop', 'web', author, () =>
      i % 2 === 0
        ? baked(aVersion(i))
        : { type: 'revoked', payload: { versions: [aVersion(i)], reason: 'x', children: false } },
    );
  await catalog.lease('held', new AbortController().signal);
  await catalog[Symbol.asyncDispose]();
  const store = await openDirectoryStore(dir);
  const { digest: blob } = aBlob('a key');
  await store.put(tombstoneKey(blob), encodeTombstone({ blob, reason: 'a key', time: '2026-01-01T00:00:00.000Z' }));
}

/** What readers are told: an answer, or that the catalog is damaged. Any other error is a failure of the test. */
async function answers(dir: string, blobs: readonly Digest[]): Promise<Readonly<Record<string, string>>> {
  const told: Record<string, string> = {};
  const ask = async (name: string, question: () => Promise<unknown>): Promise<void> => {
    try {
      told[name] = canonicalJson(await question());
    } catch (error) {
      if (!isBakeError(error, 'ERR_BAKE_CATALOG_CORRUPT')) throw error;
      told[name] = 'damaged';
    }
  };
  let catalog: Catalog | undefined;
  await ask('open', async () => {
    catalog = await openCatalog(dir);
    return catalog.id;
  });
  if (catalog === undefined) return told;
  const opened = catalog;
  const version = aPlanBlob('one', [treeOf('one')]).version;
  await ask('images', () => opened.images());
  const history = await opened.history('shop', 'web').catch((error: unknown) => {
    if (!isBakeError(error, 'ERR_BAKE_CATALOG_CORRUPT')) throw error;
    return undefined;
  });
  if (history !== undefined) {
    await ask('head', async () => [
      history.sequence,
      history.chain,
      history.channels,
      history.branches,
      history.latest('main'),
    ]);
    await ask('version', () => history.version('docker', version));
    await ask('find', () => history.find(version.slice(0, 5)));
    await ask('newest', () => history.versions(2));
    await ask('versions', () => history.versions());
    await ask('bakes', () => history.bakes());
    await ask('moves', () => history.moves());
  }
  for (const digest of blobs)
    await ask(`blob ${digest}`, async () => digestOf((await opened.blobs.read(digest)).content));
  await ask('forgotten', async () =>
    opened.blobs.read(aBlob('a key').digest).catch((error: unknown) => {
      if (isBakeError(error, 'ERR_BAKE_BLOB_FORGOTTEN')) return error.message;
      throw error;
    }),
  );
  await opened[Symbol.asyncDispose]();
  return told;
}

function treeOf(word: string): Digest {
  const file = aBlob(`file of ${word}`);
  const inner = aBlob(encodeTree([['f', 'index.html', '0644', file.size, file.digest]]));
  return aBlob(
    encodeTree([
      ['d', 'site', inner.digest],
      ['l', 'link', 'site'],
    ]),
  ).digest;
}

async function digestOf(content: Content): Promise<Digest> {
  if (content instanceof Uint8Array) return sha256(content);
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return sha256(Buffer.concat(pieces));
}

const damages: Readonly<Record<string, (bytes: Buffer, at: number) => Buffer>> = {
  flipped: (bytes, at) => {
    const other = Buffer.from(bytes);
    other[at] = (other[at] ?? 0) ^ 0x01;
    return other;
  },
  zeroed: (bytes, at) => {
    const other = Buffer.from(bytes);
    other.fill(0, at, Math.min(at + 16, other.length));
    return other;
  },
  'cut off': (bytes, at) => bytes.subarray(0, at),
  extended: (bytes) => Buffer.concat([bytes, Buffer.from(' ')]),
};

function places(length: number, count: number): readonly number[] {
  const spread = Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * length) / count));
  return [...new Set([0, 1, ...spread, length - 1])].filter((at) => at >= 0 && at < length);
}

/** Damages these files, one at a time and in many ways, and sees that nobody believes any of it. */
async function damageEach(
  dir: string,
  keys: readonly string[],
  perFile: number,
  large = definition.digest,
): Promise<number> {
  const blobs = [aBlob('beside it').digest, aBlob('file of one').digest, definition.digest, large];
  const pristine = aFolder();
  cpSync(dir, pristine, { recursive: true });
  const restore = (): void => {
    for (const folder of ['head', 'index', 'segments', 'packs']) {
      rmSync(join(dir, folder), { recursive: true, force: true });
      if (existsSync(join(pristine, folder))) cpSync(join(pristine, folder), join(dir, folder), { recursive: true });
    }
  };
  const right = await answers(dir, blobs);
  let tried = 0;
  for (const key of keys) {
    const file = join(dir, key);
    const bytes = readFileSync(file);
    for (const [how, damage] of Object.entries(damages))
      for (const at of how === 'extended' ? [0] : places(bytes.length, perFile)) {
        const damaged = damage(bytes, at);
        if (damaged.equals(bytes)) continue;
        writeFileSync(file, damaged);
        const what = `${key} ${how} at ${at}`;
        if (key !== 'catalog.json') {
          const { faults } = await (await openCatalog(dir)).verify();
          const name = key.replace(/^(?:packs|chunks|tombstones)\//, '').replace(/\.pack$/, '');
          expect(
            faults.some(({ where, detail }) => where.includes(name) || detail.includes(name)),
            `${what} is not named`,
          ).toBe(true);
        }
        const told = await answers(dir, blobs);
        for (const [question, answer] of Object.entries(told))
          expect([right[question], 'damaged'], `${what}: ${question}`).toContain(answer);
        writeFileSync(file, bytes);
        restore();
        tried += 1;
      }
  }
  expect(await (await openCatalog(dir)).verify()).toMatchObject({ faults: [] });
  return tried;
}

function filesOf(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .filter((key) => !key.startsWith('leases/'))
    .toSorted();
}

describe('verify', () => {
  it('finds nothing wrong with what is right, and counts it', async () => {
    const dir = aFolder();
    await populate(dir, 20, 3);
    mkdirSync(join(dir, 'cache'));
    writeFileSync(join(dir, 'cache', 'any thing'), 'x');
    expect(await (await openCatalog(dir)).verify()).toEqual({ blobs: 6 + 1 + 3, events: 24, faults: [] });
    const memory = await openCatalog(openMemoryStore(), { create: true });
    expect(await memory.verify()).toEqual({ blobs: 0, events: 0, faults: [] });
  });

  it('names every damaged file of a short catalog, and nobody believes one', async () => {
    const dir = aFolder();
    await populate(dir, 10, 17);
    const keys = filesOf(dir).filter(
      (key) => !key.startsWith('chunks/') && (!key.endsWith('.pack') || key < 'packs/5'),
    );
    expect(keys).toEqual(expect.arrayContaining(['catalog.json', 'head/shop/web', 'images/shop/web', 'packs/index']));
    expect(await damageEach(dir, keys, 5)).toBeGreaterThan(300);
  });

  it('names damaged chunks, and nobody believes one', async () => {
    const dir = aFolder();
    const large = Buffer.alloc(9 * MiB, 7);
    await populate(dir, 0, 17, large);
    expect(
      await damageEach(
        dir,
        filesOf(dir).filter((key) => key.startsWith('chunks/')),
        1,
        sha256(large),
      ),
    ).toBeGreaterThan(10);
  });

  it('names damaged segments, indexes and heads of a long catalog, and nobody believes one', async () => {
    const dir = aFolder();
    await populate(dir, 1010, 17);
    const keys = filesOf(dir).filter((key) =>
      /^(?:segments|head)\/|^index\/shop\/web\/(?:sets|[03])$|0000(?:01|1000|1001)$/.test(key),
    );
    expect(keys).toHaveLength(1 + 1 + 3 + 3);
    expect(await damageEach(dir, keys, 2)).toBeGreaterThan(60);
  });

  it('goes on to the end whatever it finds', async () => {
    const dir = aFolder();
    await populate(dir, 20, 0);
    const catalog = await openCatalog(dir);
    writeFileSync(join(dir, 'log/shop/web/000000000003'), 'x');
    rmSync(join(dir, 'log/shop/web/000000000007'));
    rmSync(join(dir, 'log/shop/web/000000000008'));
    mkdirSync(join(dir, 'log/shop/other'));
    writeFileSync(join(dir, 'log/shop/web/notes'), 'x');
    writeFileSync(join(dir, 'a file'), 'x');
    writeFileSync(join(dir, 'head/shop/web'), 'x');
    const { faults, events } = await catalog.verify();
    expect(events).toBe(21);
    expect(faults.map(({ kind, where }) => `${kind} ${where}`).toSorted()).toEqual([
      'event log/shop/web/000000000003',
      'event log/shop/web/000000000007',
      'head head/shop/web',
      'stray a file',
      'stray log/shop/web/notes',
    ]);
  });

  it.each(['file', 'inner', 'root', 'plan', 'definition', 'report'])('misses the %s of a build', async (without) => {
    const catalog = await openCatalog(openMemoryStore(), { create: true });
    await buildOne(catalog, 'one', { without });
    expect((await catalog.verify()).faults).toMatchObject([
      { kind: 'blob', detail: expect.stringContaining('not stored') },
    ]);
  });

  it('accepts what was forgotten, but not while it is still stored', async () => {
    const store = openMemoryStore();
    const catalog = await openCatalog(store, { create: true });
    const { digest: blob } = aBlob('file of one');
    const grave = encodeTombstone({ blob, reason: 'a key', time: '2026-01-01T00:00:00.000Z' });
    await buildOne(catalog, 'one', { without: 'file' });
    await store.put(tombstoneKey(blob), grave);
    expect((await catalog.verify()).faults).toEqual([]);
    await buildOne(catalog, 'two');
    const other = aBlob('file of two').digest;
    await store.put(
      tombstoneKey(other),
      encodeTombstone({ blob: other, reason: 'x', time: '2026-01-01T00:00:00.000Z' }),
    );
    expect((await catalog.verify()).faults).toMatchObject([{ kind: 'tombstone', where: tombstoneKey(other) }]);
  });

  it('computes the version of every plan again', async () => {
    const catalog = await openCatalog(openMemoryStore(), { create: true });
    const { version } = aPlanBlob('one', [treeOf('one')]);
    const forged = aBlob(JSON.stringify({ schema: 1, version, identity: { word: 'forged', steps: [] } }));
    await catalog.blobs.write([forged, aBlob(encodeTree([])), definition, report]);
    await buildOne(catalog, 'one', { plan: forged });
    expect((await catalog.verify()).faults).toMatchObject([{ kind: 'plan', where: forged.digest }]);
    await buildOne(catalog, 'two', { plan: aPlanBlob('one', [treeOf('one')]).blob });
    expect((await catalog.verify()).faults.map(({ kind }) => kind)).toEqual(['plan', 'plan']);
  });

  it('sees an event in the place of another, though its own seal holds', async () => {
    const dir = aFolder();
    await populate(dir, 4, 0);
    const file = join(dir, 'log/shop/web/000000000003');
    const { digest: _, ...event } = JSON.parse(readFileSync(file, 'utf8')) as Parameters<typeof sealEvent>[0] & {
      digest: string;
    };
    writeFileSync(file, sealEvent({ ...event, actor: 'mallory' }).bytes);
    expect((await (await openCatalog(dir)).verify()).faults).toMatchObject([
      { kind: 'chain', where: 'log/shop/web/000000000004' },
    ]);
  });

  it('stops when it is told to', async () => {
    const catalog = await openCatalog(openMemoryStore(), { create: true });
    await expect(catalog.verify({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ERR_BAKE_ABORTED' });
  });

  it('leaves it to the next reader to make anew what was derived', async () => {
    const dir = aFolder();
    await populate(dir, 1010, 17);
    for (const key of ['head/shop/web', 'segments/shop/web/000000001', 'index/shop/web/sets', 'packs/index'])
      writeFileSync(join(dir, key), 'x');
    expect((await (await openCatalog(dir)).verify()).faults).toHaveLength(4);
    const catalog = await openCatalog(dir);
    const history = await catalog.history('shop', 'web');
    await history.bakes();
    await catalog.blobs.missing([aBlob('nowhere').digest]);
    await catalog[Symbol.asyncDispose]();
    expect((await catalog.verify()).faults).toEqual([]);
  });
});
