import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Artifact } from '@bakehouse/core/provider';
import { listTree } from './support/files.js';
import { configOf, layersOf } from './support/layers.js';
import { aPlan } from './support/plans.js';
import { aWorld, type World } from './support/world.js';

const signal = new AbortController().signal;
const site = { steps: [{ copy: { a: 'first file', b: 'second file' }, to: '/srv' }] };

const blobPath = (world: World, digest: string): string => join(world.stateDir, 'blobs', digest.replace(':', '/'));
const layerPath = (world: World, artifact: Artifact): string => blobPath(world, layersOf(world, artifact)[0] ?? '');

/** Flips a byte and leaves the size as it is. */
function damage(path: string): void {
  const bytes = readFileSync(path);
  bytes[600] = (bytes[600] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

test('a layout is complete by itself and names nothing outside its project', async () => {
  const world = aWorld();
  const artifact = await world.build(site);
  const layout = join(world.stateDir, 'layouts', 'shop', 'web', 'docker', artifact.version);
  expect(artifact.locations).toEqual([`oci:${layout}`]);
  expect(JSON.parse(readFileSync(join(layout, 'oci-layout'), 'utf8'))).toEqual({ imageLayoutVersion: '1.0.0' });
  expect(existsSync(join(layout, 'blobs', artifact.digest.replace(':', '/')))).toBe(true);
  expect(JSON.stringify(configOf(world, artifact))).not.toMatch(/shop|web/);
});

const layoutPath = (artifact: Artifact, name: string): string => join(artifact.locations[0]?.slice(4) ?? '', name);

test.each<[string, (world: World, artifact: Artifact) => void]>([
  ['a missing layer', (world, artifact) => rmSync(layerPath(world, artifact))],
  ['a layer of another size', (world, artifact) => writeFileSync(layerPath(world, artifact), 'x')],
  ['a damaged configuration', (world, artifact) => writeFileSync(blobPath(world, artifact.id), '{}')],
  ['a damaged index', (_, artifact) => writeFileSync(layoutPath(artifact, 'index.json'), '{')],
  ['a missing oci-layout', (_, artifact) => rmSync(layoutPath(artifact, 'oci-layout'))],
])('with %s the version is not found, and a build makes it whole', async (_, harm) => {
  const world = aWorld();
  const artifact = await world.build(site);
  harm(world, artifact);
  expect(await world.provider.find(artifact, signal)).toBeUndefined();
  expect(await world.provider.verify?.(artifact, signal)).toHaveLength(1);
  expect(await world.build(site)).toEqual(artifact);
  expect(await world.provider.verify?.(artifact, signal)).toEqual([]);
});

test('the layout of another version is not believed', async () => {
  const world = aWorld();
  const [one, two] = [await world.build(site), await world.build({ steps: [] })];
  writeFileSync(layoutPath(one, 'index.json'), readFileSync(layoutPath(two, 'index.json')));
  expect(await world.provider.find(one, signal)).toBeUndefined();
});

test('flipped bytes are found when they are sent; then the blob is set aside and the next build heals it', async () => {
  const world = aWorld();
  const artifact = await world.build(site);
  const layer = layersOf(world, artifact)[0] ?? '';
  damage(layerPath(world, artifact));
  expect(await world.provider.find(artifact, signal)).toEqual(artifact);
  const file = join(world.root, 'out.tar');
  await expect(world.provider.export?.(artifact, file, signal)).rejects.toMatchObject({
    code: 'ERR_BAKE_ARTIFACT_CORRUPT',
    data: { digest: layer },
  });
  expect(listTree(world.root)).toEqual([]);
  expect(await world.provider.find(artifact, signal)).toBeUndefined();
  await expect(world.provider.export?.(artifact, file, signal)).rejects.toMatchObject({
    code: 'ERR_BAKE_ARTIFACT_MISSING',
  });
  expect(await world.build(site)).toEqual(artifact);
  expect(await world.provider.export?.(artifact, file, signal)).toMatch(/^[0-9a-f]{64}$/);
});

test('verify names every damaged layer', async () => {
  const world = aWorld();
  const artifact = await world.build({ steps: [...site.steps, { copy: { c: 'c' }, to: '/srv' }] });
  for (const layer of layersOf(world, artifact)) damage(blobPath(world, layer));
  const faults = await world.provider.verify?.(artifact, signal);
  expect(faults?.map(({ detail }) => detail)).toEqual(
    layersOf(world, artifact).map((layer) => `the blob ${layer} was damaged`),
  );
});

test('a check on contents does not judge damaged bytes', async () => {
  const world = aWorld();
  const artifact = await world.build(site);
  damage(layerPath(world, artifact));
  const probe = { checks: [{ name: 'a', check: { file: '/srv/a', contains: 'first' } }] };
  await expect(
    world.provider.check?.(artifact, probe, { run: 'r', signal, log: () => undefined }),
  ).rejects.toMatchObject({ code: 'ERR_BAKE_ARTIFACT_CORRUPT' });
});

test('temporary files of processes that are gone are reported, and gone after a build; others stay', async () => {
  const world = aWorld();
  const temporary = join(world.stateDir, 'tmp');
  mkdirSync(join(temporary, '4194305-abc'), { recursive: true });
  writeFileSync(join(temporary, '4194305-abc', 'index.json'), '{}');
  writeFileSync(join(temporary, `${process.ppid}-def`), 'at work');
  const found: string[] = [];
  for await (const one of world.provider.leftovers?.(signal) ?? []) found.push(one.id);
  expect(found).toEqual([join(temporary, '4194305-abc')]);
  await world.build(site);
  expect(listTree(temporary)).toEqual([`${process.ppid}-def`]);
});

test('removing takes the layout, and blobs that nothing names and nobody used for an hour', async () => {
  const world = aWorld();
  const old = await world.build({ steps: [{ copy: { x: 'x' }, to: '/' }] });
  const shared = await world.build(site);
  const child = await world.build({ parent: shared, steps: [], image: 'child' });
  const paths = { old: layerPath(world, old), shared: layerPath(world, shared) };
  const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
  for (const path of Object.values(paths)) utimesSync(path, longAgo, longAgo);
  await world.provider.remove(shared, signal);
  expect([existsSync(paths.old), existsSync(paths.shared)]).toEqual([true, true]);
  await world.provider.remove(old, signal);
  await world.provider.remove(old, signal);
  expect([existsSync(paths.old), existsSync(paths.shared)]).toEqual([false, true]);
  await world.provider.remove(child, signal);
  expect(existsSync(paths.shared)).toBe(false);
});

test('a young blob stays: a build may be about to name it', async () => {
  const world = aWorld();
  const artifact = await world.build(site);
  const layer = layerPath(world, artifact);
  await world.provider.remove(artifact, signal);
  expect(statSync(layer).isFile()).toBe(true);
});

test('an image that needs an engine is refused whole, with the steps that need it', async () => {
  const world = aWorld();
  const build = world.build({ steps: [...site.steps, { run: 'apt-get update' }], engine: 'engine' });
  await expect(build).rejects.toMatchObject({
    code: 'ERR_BAKE_ENGINE_MISSING',
    message: expect.stringMatching(/web needs a Docker Engine for "run apt-get update"; .* assembler only/),
    hint: expect.stringContaining('base'),
  });
  await expect(world.build({ engine: 'packer' })).rejects.toMatchObject({ message: expect.stringContaining('Packer') });
  expect(existsSync(join(world.stateDir, 'blobs'))).toBe(false);
});

test('a plan is rendered as its layers, without being built', async () => {
  const world = aWorld();
  const [file] = (await world.provider.render?.(aPlan(site).plan)) ?? [];
  expect(file?.name).toBe('layers.txt');
  expect(file?.text).toMatch(/^base {10}scratch\n[0-9a-f]{12} {2}bakehouse: copy [0-9a-f]{12} → \/srv\n$/);
  expect(existsSync(world.stateDir)).toBe(false);
});

test('the doctor says what is there, and starts nothing', async () => {
  const findings = (await aWorld({ env: { PATH: '/nowhere' } }).provider.doctor?.(signal)) ?? [];
  expect(findings.map(({ name, ok }) => [name, ok])).toEqual([
    ['image store', true],
    ['docker', true],
    ['skopeo', true],
  ]);
  expect(findings[1]?.hint).toMatch(/Not needed to build/);
});
