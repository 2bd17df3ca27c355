import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { layersOf } from './support/layers.js';
import type { StepInput } from './support/plans.js';
import { makeTar, type TarItem } from './support/tars.js';
import { aWorld, type World } from './support/world.js';

const before: readonly TarItem[] = [
  { name: 'bin', link: 'usr/bin' },
  { name: 'etc/' },
  { name: 'etc/passwd', text: 'web:x:5:6::/:\n' },
  { name: 'srv/', mode: 0o750 },
  { name: 'usr/' },
  { name: 'usr/bin/' },
  { name: 'other', text: '1' },
];

/** Builds one step on one base and then on another; whether the second build read its inputs, and both top layers. */
async function moved(
  step: StepInput,
  after: readonly TarItem[],
  world: World = aWorld(),
): Promise<{ readonly read: boolean; readonly same: boolean }> {
  const on = async (items: readonly TarItem[], name: string): Promise<{ layer: string | undefined; read: boolean }> => {
    writeFileSync(join(world.root, name), makeTar(items));
    const lines: string[] = [];
    const artifact = await world.buildOn(`rootfs:${name}`, {
      steps: [step],
      log: (_: string, line: string) => lines.push(line),
    });
    return { layer: layersOf(world, artifact).at(-1), read: lines.some((line) => line.startsWith('wrote')) };
  };
  const first = await on(before, 'one.tar');
  const second = await on(after, 'two.tar');
  return { read: second.read, same: first.layer === second.layer };
}

const replaced = (item: TarItem): readonly TarItem[] => [...before.filter(({ name }) => name !== item.name), item];
const into = (to: string, owner?: string): StepInput => ({
  copy: { 'a/b': 'x' },
  to,
  ...(owner === undefined ? {} : { owner }),
});

test.each<[string, StepInput, readonly TarItem[]]>([
  ['another file elsewhere', into('/srv'), replaced({ name: 'other', text: '2' })],
  [
    'another user that is not the owner',
    into('/srv', 'web'),
    replaced({ name: 'etc/passwd', text: 'x:x:1:1::/:\nweb:x:5:6::/:\n' }),
  ],
  ['an owner in numbers, and other accounts', into('/srv', '5'), replaced({ name: 'etc/passwd', text: '' })],
])('a base with %s re-uses the layer', async (_, step, after) => {
  expect(await moved(step, after)).toEqual({ read: false, same: true });
});

test.each<[string, StepInput, readonly TarItem[]]>([
  ['another mode of a folder above', into('/srv'), replaced({ name: 'srv/', mode: 0o700 })],
  ['another owner of a folder above', into('/srv'), replaced({ name: 'srv/', mode: 0o750, uid: 9 })],
  ['attributes on a folder above', into('/srv'), replaced({ name: 'srv/', mode: 0o750, xattrs: { 'user.a': 'eA==' } })],
  ['a folder that was not there', into('/srv'), [...before, { name: 'srv/a/', mode: 0o700 }]],
  ['a new folder high above', into('/new/deep'), [...before, { name: 'new/', mode: 0o700 }]],
  ['a link that leads elsewhere', into('/bin'), replaced({ name: 'bin', link: 'srv' })],
  ['a folder where a link was', into('/bin'), replaced({ name: 'bin/' })],
  ['another id of the owner', into('/srv', 'web'), replaced({ name: 'etc/passwd', text: 'web:x:50:6::/:\n' })],
  [
    'a folder where a single file went',
    { copy: { file: 'x', item: 'x' }, to: '/srv/place' },
    [...before, { name: 'srv/place/' }],
  ],
])('a base with %s makes the layer anew', async (_, step, after) => {
  expect(await moved(step, after)).toEqual({ read: true, same: false });
});

test('a folder in the way of a remembered file is found', async () => {
  const after = [...before, { name: 'srv/a/' }, { name: 'srv/a/b/' }];
  await expect(moved(into('/srv'), after)).rejects.toMatchObject({ code: 'ERR_BAKE_DESTINATION_CONFLICT' });
  const flat: StepInput = { copy: { b: 'x' }, to: '/srv' };
  await expect(moved(flat, [...before, { name: 'srv/b/' }])).rejects.toMatchObject({
    code: 'ERR_BAKE_DESTINATION_CONFLICT',
  });
});

test('layers of several bases are remembered side by side', async () => {
  const world = aWorld();
  const after = replaced({ name: 'srv/', mode: 0o700 });
  expect((await moved(into('/srv'), after, world)).read).toBe(true);
  expect((await moved(into('/srv'), after, world)).read).toBe(false);
});

test('a damaged, missing or foreign cache is ignored', async () => {
  const world = aWorld();
  const first = await moved(into('/srv'), replaced({ name: 'other', text: '2' }), world);
  expect(first.read).toBe(false);
  const caches = join(world.stateDir, 'cache');
  for (const kind of readdirSync(caches))
    for (const name of readdirSync(join(caches, kind))) writeFileSync(join(caches, kind, name), '{"not": "sealed"}');
  expect(await moved(into('/srv'), replaced({ name: 'other', text: '2' }), world)).toMatchObject({ same: true });
  rmSync(caches, { recursive: true });
  expect(await moved(into('/srv'), replaced({ name: 'other', text: '2' }), world)).toMatchObject({ same: true });
});

test('a layer that was cut short is made again', async () => {
  const world = aWorld();
  const artifact = await world.build({ steps: [into('/srv')] });
  const layer = join(world.stateDir, 'blobs', (layersOf(world, artifact)[0] ?? '').replace(':', '/'));
  const { size } = statSync(layer);
  writeFileSync(layer, 'short');
  await world.build({ steps: [into('/srv')] });
  expect(statSync(layer).size).toBe(size);
});
