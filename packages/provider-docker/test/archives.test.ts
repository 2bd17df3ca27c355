import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { listTree, tempFolder } from './support/files.js';
import { layerOf } from './support/layers.js';
import { makeTar, makeTarGz, type TarItem } from './support/tars.js';
import { aWorld } from './support/world.js';

async function unpacked(archive: Uint8Array, to = '/opt/app'): Promise<readonly string[]> {
  const world = aWorld();
  return layerOf(world, await world.build({ steps: [{ fetch: archive, to, unpack: true }] }));
}

test('a fetched file goes where it is told, 0644 unless told otherwise', async () => {
  const world = aWorld();
  const steps = [
    { fetch: Buffer.from('bytes'), to: '/usr/local/bin/tool', mode: '0755' },
    { fetch: Buffer.from('bytes'), to: '/etc/file' },
  ];
  const artifact = await world.build({ steps });
  expect((await layerOf(world, artifact, 0)).at(-1)).toBe('usr/local/bin/tool 755 0:0 = bytes');
  expect((await layerOf(world, artifact, 1)).at(-1)).toBe('etc/file 644 0:0 = bytes');
});

test('a fetched file needs a file path', async () => {
  await expect(aWorld().build({ steps: [{ fetch: Buffer.from('x'), to: '/etc/' }] })).rejects.toMatchObject({
    code: 'ERR_BAKE_DESTINATION_INVALID',
  });
});

test.each([
  ['tar', makeTar],
  ['tar.gz', makeTarGz],
])('a %s is unpacked: modes canonical, root as owner, links kept', async (_, make) => {
  const archive = make([
    { name: './' },
    { name: './bin/' },
    { name: './bin/tool', text: 'tool', mode: 0o4711, uid: 501, gid: 20 },
    { name: './bin/alias', link: '../bin/tool' },
    { name: './bin/system', link: '/usr/bin/env' },
    { name: './bin/same', type: 'hardlink', link: './bin/tool' },
    { name: 'no/parent/entry', text: 'x', mode: 0o600 },
  ]);
  expect(await unpacked(archive)).toEqual([
    'opt/ 755 0:0',
    'opt/app/ 755 0:0',
    'opt/app/bin/ 755 0:0',
    'opt/app/bin/alias 777 0:0 -> ../bin/tool',
    'opt/app/bin/same 755 0:0 = tool',
    'opt/app/bin/system 777 0:0 -> /usr/bin/env',
    'opt/app/bin/tool 755 0:0 => opt/app/bin/same',
    'opt/app/no/ 755 0:0',
    'opt/app/no/parent/ 755 0:0',
    'opt/app/no/parent/entry 644 0:0 = x',
  ]);
});

test.each(['gnu', 'posix', 'ustar'])('an archive that GNU tar wrote in %s format is understood', async (format) => {
  const folder = tempFolder();
  const deep = format === 'ustar' ? `${'d'.repeat(60)}/${'e'.repeat(80)}` : `${'d'.repeat(120)}/${'é'.repeat(100)}`;
  mkdirSync(join(folder, 'in', deep), { recursive: true });
  writeFileSync(join(folder, 'in', deep, 'file'), 'x');
  const target = format === 'ustar' ? 'short' : 't'.repeat(150);
  symlinkSync(target, join(folder, 'in', 'link'));
  execFileSync('tar', [`--format=${format}`, '-C', join(folder, 'in'), '-cf', join(folder, 'a.tar'), '.']);
  const entries = await unpacked(readFileSync(join(folder, 'a.tar')), '/o');
  expect(entries).toContain(`o/${deep}/file 644 0:0 = x`);
  expect(entries).toContain(`o/link 777 0:0 -> ${target}`);
});

test.each<[string, readonly TarItem[]]>([
  ['an absolute name', [{ name: '/etc/passwd', text: 'x' }]],
  ['a name that climbs', [{ name: 'a/../../etc/passwd', text: 'x' }]],
  ['a link that leaves', [{ name: 'a/link', link: '../../outside' }]],
  [
    'a file through a link of its own',
    [
      { name: 'a', link: 'b' },
      { name: 'a/file', text: 'x' },
    ],
  ],
  ['a hard link to nothing of it', [{ name: 'a', type: 'hardlink', link: 'etc/shadow' }]],
  ['a hard link outside', [{ name: 'a', type: 'hardlink', link: '../etc/shadow' }]],
  ['a device', [{ name: 'a', type: 'device' }]],
  ['a pipe', [{ name: 'a', type: 'fifo' }]],
  [
    'a folder over a file',
    [
      { name: 'a', text: 'x' },
      { name: 'a/b', text: 'x' },
    ],
  ],
  [
    'a file over a folder',
    [
      { name: 'a/b', text: 'x' },
      { name: 'a', text: 'x' },
    ],
  ],
])('%s is hostile, and nothing is left of it', async (_, items) => {
  const world = aWorld();
  const build = world.build({ steps: [{ fetch: makeTar(items), to: '/opt', unpack: true }] });
  await expect(build).rejects.toMatchObject({ code: 'ERR_BAKE_ARCHIVE_HOSTILE' });
  expect(listTree(join(world.stateDir, 'tmp'))).toEqual([]);
  expect(existsSync(join(world.stateDir, 'blobs', 'sha256'))).toBe(false);
});

const good = makeTar([{ name: 'file', text: 'x'.repeat(5000) }]);
const damaged = Buffer.from(good);
damaged[20] = 1;

test.each<[string, Uint8Array, RegExp]>([
  ['a tar cut in a file', good.subarray(0, 1000), /truncated/],
  ['a tar cut in a header', good.subarray(0, 300), /truncated/],
  ['a tar cut before its end', good.subarray(0, good.length - 1024), /truncated/],
  ['a gzip that is cut', gzipSync(Buffer.concat([good, good])).subarray(0, 60), /truncated/],
  ['a damaged header', damaged, /damaged/],
  ['text', Buffer.from('not an archive at all'), /truncated|not a tar/],
  ['nothing', Buffer.alloc(0), /empty; tar and tar.gz are understood/],
  ['a zip', Buffer.from('PK\u0003\u0004rest'), /is zip; tar and tar.gz are understood/],
  ['an xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), /is xz/],
  ['a gzip of no tar', gzipSync(Buffer.alloc(600, 'x')), /not a tar/],
])('%s is invalid, with words that say why', async (_, archive, words) => {
  const world = aWorld();
  const build = world.build({ steps: [{ fetch: archive, to: '/opt', unpack: true }] });
  await expect(build).rejects.toMatchObject({
    code: 'ERR_BAKE_ARCHIVE_INVALID',
    message: expect.stringMatching(words),
  });
  expect(listTree(join(world.stateDir, 'tmp'))).toEqual([]);
});

test('names that delete files in an image are refused in archives too', async () => {
  await expect(unpacked(makeTar([{ name: '.wh.etc', text: '' }]))).rejects.toMatchObject({
    code: 'ERR_BAKE_INPUT_NAME',
  });
});
