import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { layerOf, type LayerEntry } from './support/layers.js';
import type { StepInput } from './support/plans.js';
import { makeTar, type TarItem } from './support/tars.js';
import { aWorld } from './support/world.js';

const debianLike: readonly TarItem[] = [
  { name: 'bin', link: 'usr/bin' },
  { name: 'etc/', mode: 0o755 },
  {
    name: 'etc/passwd',
    text: 'root:x:0:0::/root:/bin/sh\nwww-data:x:33:34::/var/www:/bin/sh\napp:x:1000:1000::/home/app:\n',
  },
  { name: 'etc/group', text: 'root:x:0:\nwww-data:x:33:\ncrew:x:4242:\n' },
  { name: 'home/' },
  {
    name: 'home/app/',
    mode: 0o700,
    uid: 1000,
    gid: 1000,
    xattrs: { 'user.note': Buffer.from([1, 0, 255]).toString('base64') },
  },
  { name: 'loop-a', link: 'loop-b' },
  { name: 'loop-b', link: 'loop-a' },
  { name: 'opt/' },
  { name: 'opt/away', link: '/data/real' },
  { name: 'opt/climb', link: '../../../data' },
  { name: 'data/', mode: 0o2775, gid: 4242 },
  { name: 'data/file', text: 'old' },
  { name: 'data/folder/' },
  { name: 'data/real/', mode: 0o711, uid: 5 },
  { name: 'tmp/', mode: 0o1777 },
  { name: 'usr/' },
  { name: 'usr/bin/', mode: 0o755, uid: 2, gid: 3 },
];

async function layers(
  steps: readonly StepInput[],
  base: readonly TarItem[] = debianLike,
): Promise<readonly LayerEntry[]> {
  const world = aWorld();
  writeFileSync(join(world.root, 'base.tar'), makeTar(base));
  return layerOf(world, await world.buildOn('rootfs:base.tar', { steps }));
}

const file = { file: 'tool', item: { text: 'x', mode: '0755' } } as const;

test('a tool to /bin goes where the link points, and all folders keep their mode and owner', async () => {
  expect(await layers([{ copy: file, to: '/bin/tool' }])).toEqual([
    'usr/ 755 0:0',
    'usr/bin/ 755 2:3',
    'usr/bin/tool 755 0:0 = x',
  ]);
});

test.each([
  ['/bin', 'usr/bin/tool'],
  ['/bin/', 'usr/bin/tool'],
  ['/new/', 'new/tool'],
  ['/new', 'new'],
  ['/opt/away', 'data/real/tool'],
  ['/opt/climb/', 'data/tool'],
])('a file to %s lands at %s', async (to, path) => {
  expect((await layers([{ copy: file, to }])).at(-1)).toBe(`${path} 755 0:0 = x`);
});

test('a sticky folder stays sticky, and a closed one keeps its mode, owner and attributes', async () => {
  expect(await layers([{ copy: { 'tmp/x': 'x', 'home/app/y': 'y' }, to: '/' }])).toEqual([
    'home/ 755 0:0',
    'home/app/ 700 1000:1000 user.note=AQD/',
    'home/app/y 644 0:0 = y',
    'tmp/ 1777 0:0',
    'tmp/x 644 0:0 = x',
  ]);
});

test('new folders above a destination belong to the owner of the step, as with COPY --chown', async () => {
  expect(await layers([{ copy: { 'deep/a': 'a' }, to: '/srv/new', owner: 'www-data' }])).toEqual([
    'srv/ 755 33:34',
    'srv/new/ 755 33:34',
    'srv/new/deep/ 755 33:34',
    'srv/new/deep/a 644 33:34 = a',
  ]);
});

test.each([
  ['www-data', '33:34'],
  ['www-data:crew', '33:4242'],
  ['1000', '1000:1000'],
  ['77', '77:77'],
  ['77:88', '77:88'],
  ['77:crew', '77:4242'],
])('the owner %s is %s', async (owner, ids) => {
  expect((await layers([{ copy: file, to: '/x', owner }])).at(-1)).toBe(`x 755 ${ids} = x`);
});

test('an unknown owner is an error that names close ones', async () => {
  await expect(layers([{ copy: file, to: '/x', owner: 'wwwdata' }])).rejects.toMatchObject({
    code: 'ERR_BAKE_OWNER_UNKNOWN',
    hint: 'Did you mean www-data?',
  });
  await expect(layers([{ copy: file, to: '/x', owner: 'app:crow' }])).rejects.toMatchObject({
    code: 'ERR_BAKE_OWNER_UNKNOWN',
    data: { kind: 'group', name: 'crow', close: ['crew'] },
  });
  await expect(layers([{ copy: file, to: '/x', owner: 'app' }], [{ name: 'a' }])).rejects.toMatchObject({
    hint: 'The image has no /etc/passwd: use numbers, as in "1000:1000".',
  });
});

test('an owner is looked up in what earlier steps made of the image', async () => {
  const steps = [
    { copy: { passwd: 'web:x:9:10::/:\n' }, to: '/etc' },
    { copy: file, to: '/x', owner: 'web' },
  ];
  expect((await layers(steps)).at(-1)).toBe('x 755 9:10 = x');
});

test('a mode is for files only', async () => {
  expect(await layers([{ copy: { 'd/a': 'a' }, to: '/srv', mode: '4750' }])).toEqual([
    'srv/ 755 0:0',
    'srv/d/ 755 0:0',
    'srv/d/a 4750 0:0 = a',
  ]);
});

test('a folder of a tree over a link to a folder goes where the link points', async () => {
  expect(await layers([{ copy: { 'bin/a': 'a', 'usr/bin/b': 'b' }, to: '/' }])).toEqual([
    'usr/ 755 0:0',
    'usr/bin/ 755 2:3',
    'usr/bin/a 644 0:0 = a',
    'usr/bin/b 644 0:0 = b',
  ]);
});

test('a file of a tree replaces a link of the base', async () => {
  expect((await layers([{ copy: { bin: 'now a file' }, to: '/' }])).at(-1)).toBe('bin 644 0:0 = now a file');
});

test.each<[string, StepInput]>([
  ['a file over a folder', { copy: { data: { link: 'x' } }, to: '/' }],
  ['a folder over a file', { copy: { 'file/x': 'x' }, to: '/data' }],
  ['a file into a folder that has a folder of its name', { copy: { file: 'folder', item: 'x' }, to: '/data/' }],
  ['a destination below a file', { copy: { x: 'x' }, to: '/data/file/deep' }],
  ['a destination through links that form a circle', { copy: { x: 'x' }, to: '/loop-a/x' }],
])('%s is a conflict', async (_, step) => {
  await expect(layers([step])).rejects.toMatchObject({ code: 'ERR_BAKE_DESTINATION_CONFLICT' });
});

test('a conflict names both sides, also where the other side is an earlier step', async () => {
  await expect(layers([{ copy: { 'file/x': 'x' }, to: '/data' }])).rejects.toThrow(
    '"copy → /data" would put the folder file at /data/file, where the base has a file',
  );
  const steps: StepInput[] = [
    { copy: { a: 'a' }, to: '/srv' },
    { copy: { 'a/b': 'b' }, to: '/srv' },
  ];
  await expect(layers(steps)).rejects.toThrow(/\/srv\/a, where the step "copy → \/srv" has a file/);
});

test.each(['.wh.keep', 'deep/.wh..wh..opq', '.wh.folder/x'])('the name %s is an error', async (name) => {
  await expect(layers([{ copy: { [name]: 'x' }, to: '/data' }])).rejects.toMatchObject({ code: 'ERR_BAKE_INPUT_NAME' });
});

test('whiteouts of a lower layer hide what is below them', async () => {
  const world = aWorld();
  const base = await world.build({ steps: [{ copy: { 'a/keep': 'x', 'b/file': 'y' }, to: '/' }], image: 'base' });
  expect(base.id).toMatch(/^sha256:/);
  // The same as a root file system with whiteouts, which other tools' layers have.
  writeFileSync(
    join(world.root, 'base.tar'),
    makeTar([{ name: 'a/', mode: 0o700 }, { name: '.wh.a' }, { name: 'b/' }, { name: 'b/.wh..wh..opq' }]),
  );
  const artifact = await world.buildOn('rootfs:base.tar', { steps: [{ copy: { 'b/x': 'x' }, to: '/' }] });
  expect(await layerOf(world, artifact)).toEqual(['b/ 755 0:0', 'b/x 644 0:0 = x']);
});

test('entries are in byte order whatever order they came in, with long and foreign names', async () => {
  const long = `${'n'.repeat(130)}/${'é'.repeat(70)}`;
  const names = (await layers([{ copy: { 'b-c': '1', 'b/a': '2', B: '3', é: '4', [long]: '5' }, to: '/' }])).map(
    (line) => line.split(' ')[0],
  );
  expect(names).toEqual(
    ['B', 'b/', 'b-c', 'b/a', `${'n'.repeat(130)}/`, long, 'é'].sort((a, b) =>
      Buffer.compare(Buffer.from(a.replace(/\/$/, '')), Buffer.from(b.replace(/\/$/, ''))),
    ),
  );
});
