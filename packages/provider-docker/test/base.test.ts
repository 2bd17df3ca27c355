import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { provider as plugin } from '@bakehouse/provider-docker';
import { rememberedByStat } from '../src/base/stat-cache.js';
import { stateFolder } from '../src/store/state.js';
import { listTree, tempFolder } from './support/files.js';
import { configOf, layerOf, layersOf } from './support/layers.js';
import { digestOf, writeLayout, type LayoutImage } from './support/layouts.js';
import { aRequest } from './support/plans.js';
import { makeTar } from './support/tars.js';
import { aWorld, type World } from './support/world.js';

const signal = new AbortController().signal;
const rootfs = makeTar([
  { name: 'etc/', mode: 0o750 },
  { name: 'etc/passwd', text: 'app:x:7:8::/:\n' },
  { name: 'dev/' },
  { name: 'dev/null', type: 'device', mode: 0o666 },
]);
const upper = makeTar([{ name: 'opt/', mode: 0o711, uid: 3 }]);
const steps = [{ copy: { 'etc/x': 'x', 'opt/y': 'y' }, to: '/', owner: 'app' }];
const resolve = async (world: World, text: string) => world.provider.resolveBase(plugin.parseSelector(text), signal);

function withLayout(world: World, images: readonly LayoutImage[]): readonly string[] {
  return writeLayout(join(world.root, 'layout'), images);
}

/** Archives that other tools write, of a layout that is there. */
function archiveOf(world: World, file: string): void {
  execFileSync('tar', ['-C', join(world.root, 'layout'), '-cf', join(world.root, file), '.']);
}

test('a layout is its configuration: id, settings and layers are taken over, and the layers are not rewritten', async () => {
  const world = aWorld();
  const [id] = withLayout(world, [{ layers: [rootfs, upper], config: { Env: ['A=1'], Cmd: ['sh'] } }]);
  expect(await resolve(world, 'oci:layout')).toMatchObject({ id });
  const artifact = await world.buildOn('oci:layout', { steps, config: { env: { B: '2' } } });
  expect(layersOf(world, artifact).slice(0, 2)).toEqual([digestOf(rootfs), digestOf(upper)]);
  expect(configOf(world, artifact)).toMatchObject({
    created: '1970-01-01T00:00:00Z',
    config: { Env: ['A=1', 'B=2'], Cmd: ['sh'] },
    history: [{ created_by: 'theirs' }, { created_by: 'theirs' }, {}, { empty_layer: true }],
  });
  expect(await layerOf(world, artifact)).toEqual([
    'etc/ 750 0:0',
    'etc/x 644 7:8 = x',
    'opt/ 711 3:0',
    'opt/y 644 7:8 = y',
  ]);
});

test.each(['b.tar', 'b.tar.gz'])('an OCI archive %s is the same base as its layout', async (file) => {
  const world = aWorld();
  const [id] = withLayout(world, [{ layers: [rootfs], tag: 'v1' }]);
  archiveOf(world, 'b.tar');
  writeFileSync(join(world.root, 'b.tar.gz'), gzipSync(readFileSync(join(world.root, 'b.tar'))));
  expect(await resolve(world, `archive:${file}`)).toMatchObject({ id });
  const artifact = await world.buildOn(`archive:${file}:v1`, { steps });
  expect(layersOf(world, artifact)[0]).toBe(digestOf(rootfs));
  expect(listTree(join(world.stateDir, 'tmp'))).toEqual([]);
});

test('what docker save wrote is a base, with layers that are shared by links', async () => {
  const world = aWorld();
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [digestOf(rootfs), digestOf(rootfs)] },
    }),
  );
  const name = `${digestOf(config).slice(7)}.json`;
  const saved = [{ Config: name, RepoTags: ['debian:12', 'team/app:1'], Layers: ['one/layer.tar', 'two/layer.tar'] }];
  writeFileSync(
    join(world.root, 'saved.tar'),
    makeTar([
      { name, text: config },
      { name: 'one/layer.tar', text: rootfs },
      { name: 'two/layer.tar', link: '../one/layer.tar' },
      { name: 'manifest.json', text: JSON.stringify(saved) },
    ]),
  );
  expect(await resolve(world, 'archive:saved.tar:debian:12')).toMatchObject({ id: digestOf(config) });
  expect(layersOf(world, await world.buildOn('archive:saved.tar', { steps }))).toHaveLength(3);
  await expect(resolve(world, 'archive:saved.tar:debian:11')).rejects.toMatchObject({
    code: 'ERR_BAKE_BASE_UNKNOWN',
    hint: 'There is: debian:12, team/app:1',
  });
});

test.each(['r.tar', 'r.tar.gz'])('a root file system %s is its diffID, devices and all', async (file) => {
  const world = aWorld();
  writeFileSync(join(world.root, file), file.endsWith('gz') ? gzipSync(rootfs) : rootfs);
  expect(await resolve(world, `rootfs:${file}`)).toMatchObject({ id: digestOf(rootfs) });
  expect(layersOf(world, await world.buildOn(`rootfs:${file}`, { steps }))[0]).toBe(digestOf(rootfs));
});

test('the image of an index is chosen by platform, and what there is is named where none fits', async () => {
  const images = [
    { layers: [rootfs], platform: 'linux/amd64' },
    { layers: [upper], platform: 'linux/arm64/v8' },
  ];
  for (const [platform, at] of [
    ['linux/amd64', 0],
    ['linux/arm64', 1],
    ['linux/arm64/v8', 1],
  ] as const) {
    const world = aWorld({ platform });
    const ids = withLayout(world, images);
    expect(await resolve(world, 'oci:layout')).toMatchObject({ id: ids[at] });
  }
  const world = aWorld({ platform: 'linux/s390x' });
  withLayout(world, images);
  await expect(resolve(world, 'oci:layout')).rejects.toMatchObject({
    code: 'ERR_BAKE_BASE_PLATFORM',
    data: { available: ['linux/amd64', 'linux/arm64/v8'] },
  });
});

test('a layout of several images wants a tag or a digest', async () => {
  const world = aWorld();
  const ids = withLayout(world, [
    { layers: [rootfs], tag: 'one' },
    { layers: [upper], tag: 'two' },
  ]);
  expect(await resolve(world, 'oci:layout:two')).toMatchObject({ id: ids[1] });
  await expect(resolve(world, 'oci:layout')).rejects.toMatchObject({ hint: expect.stringContaining('one, two') });
  await expect(resolve(world, 'oci:layout:three')).rejects.toMatchObject({ code: 'ERR_BAKE_BASE_UNKNOWN' });
});

test.each(['oci:missing', 'archive:missing.tar', 'rootfs:missing.tar'])('%s is unknown', async (selector) => {
  await expect(resolve(aWorld(), selector)).rejects.toMatchObject({ code: 'ERR_BAKE_BASE_UNKNOWN' });
});

test.each<[string, string, (world: World) => void]>([
  ['a folder that is no layout', 'oci:x', (world) => mkdirSync(join(world.root, 'x'))],
  ['an archive that is none', 'archive:x', (world) => writeFileSync(join(world.root, 'x'), 'text')],
  ['an archive of something else', 'archive:x', (world) => writeFileSync(join(world.root, 'x'), rootfs)],
  ['a cut root file system', 'rootfs:x', (world) => writeFileSync(join(world.root, 'x'), rootfs.subarray(0, 1500))],
  ['a cut gzip', 'rootfs:x', (world) => writeFileSync(join(world.root, 'x'), gzipSync(rootfs).subarray(0, 80))],
  [
    'a root file system in xz',
    'rootfs:x',
    (world) => writeFileSync(join(world.root, 'x'), Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a])),
  ],
  ['a folder where a file is meant', 'rootfs:x', (world) => mkdirSync(join(world.root, 'x'))],
])('%s is invalid', async (_, selector, write) => {
  const world = aWorld();
  write(world);
  await expect(resolve(world, selector)).rejects.toMatchObject({ code: 'ERR_BAKE_BASE_INVALID' });
});

test('a damaged layer or configuration is found', async () => {
  const world = aWorld();
  const [id] = withLayout(world, [
    { layers: [rootfs], damage: () => gzipSync(makeTar([{ name: 'etc/passwd', text: 'app:x:0:0::/:\n' }])) },
  ]);
  await expect(world.buildOn('oci:layout', { steps })).rejects.toMatchObject({ code: 'ERR_BAKE_BASE_INVALID' });
  writeFileSync(join(world.root, 'layout', 'blobs', (id ?? '').replace(':', '/')), '{}');
  await expect(resolve(world, 'oci:layout')).rejects.toMatchObject({ code: 'ERR_BAKE_BASE_INVALID' });
});

test.each(['../outside', '/etc/passwd'])('a root file system that holds %s is hostile', async (name) => {
  const world = aWorld();
  writeFileSync(join(world.root, 'x.tar'), makeTar([{ name, text: 'x' }]));
  await expect(resolve(world, 'rootfs:x.tar')).rejects.toMatchObject({ code: 'ERR_BAKE_ARCHIVE_HOSTILE' });
});

test('a base that is not what the lock says is refused', async () => {
  const world = aWorld();
  writeFileSync(join(world.root, 'r.tar'), rootfs);
  const selector = plugin.parseSelector('rootfs:r.tar');
  const request = aRequest({ steps, selector, resolved: { id: digestOf(upper) } });
  await expect(world.provider.build(request)).rejects.toMatchObject({
    code: 'ERR_BAKE_BASE_UNKNOWN',
    message: expect.stringContaining('no longer what bake.lock says'),
    hint: 'Take the new one with: bake update',
  });
});

test('a base that is gone is taken from what was kept: here, or among the retained inputs', async () => {
  const world = aWorld();
  withLayout(world, [{ layers: [rootfs], config: { User: 'app' } }]);
  const selector = plugin.parseSelector('oci:layout');
  const resolved = await resolve(world, 'oci:layout');
  const first = await world.buildOn('oci:layout', { steps });
  const retained = new Map<string, Uint8Array>();
  for (const blob of (await world.provider.baseBlobs?.(selector, resolved, signal)) ?? [])
    retained.set(blob.digest, (await blob.read()) as Uint8Array);
  rmSync(join(world.root, 'layout'), { recursive: true });
  expect((await world.provider.build(aRequest({ steps, selector, resolved }))).digest).toBe(first.digest);

  const elsewhere = aWorld();
  const inputs = {
    blob: (digest: string) => {
      const content = retained.get(digest) ?? new Uint8Array();
      return Promise.resolve({ size: content.length, content });
    },
  };
  const again = await elsewhere.provider.build(aRequest({ steps, selector, resolved, inputs }));
  expect(again.digest).toBe(first.digest);
});

test('the digest of a file is remembered only once the file has rested', async () => {
  const folder = tempFolder();
  const state = stateFolder(join(folder, 'state'));
  const file = join(folder, 'x');
  writeFileSync(file, 'one');
  let computed = 0;
  const ask = async (now: number): Promise<string> =>
    rememberedByStat(
      state,
      'test',
      file,
      () => Promise.resolve(String((computed += 1))),
      () => now,
    );
  expect([await ask(Date.now()), await ask(Date.now())]).toEqual(['1', '2']);
  expect([await ask(Date.now() + 5_000), await ask(Date.now())]).toEqual(['3', '3']);
  writeFileSync(file, 'two, longer');
  expect(await ask(Date.now())).toBe('4');
});

test('an image on an image has its layers and settings', async () => {
  const world = aWorld();
  const parent = await world.build({
    image: 'base',
    steps: [{ copy: { passwd: 'web:x:5:6::/:\n' }, to: '/etc' }],
    config: { env: { A: '1' } },
  });
  const child = await world.build({
    parent,
    steps: [{ copy: { x: 'x' }, to: '/etc', owner: 'web' }],
    config: { env: { B: '2' } },
  });
  expect(layersOf(world, child)[0]).toBe(layersOf(world, parent)[0]);
  expect(configOf(world, child).config).toMatchObject({ Env: ['A=1', 'B=2'] });
  expect(await layerOf(world, child)).toEqual(['etc/ 755 0:0', 'etc/x 644 5:6 = x']);
  await world.provider.remove(parent, signal);
  await expect(world.build({ parent, steps: [], image: 'other' })).rejects.toMatchObject({
    code: 'ERR_BAKE_ARTIFACT_MISSING',
  });
});
