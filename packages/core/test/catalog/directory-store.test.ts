import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openDirectoryStore } from '../../src/catalog/directory-store.js';
import { ownerOfTemporary, temporaryName } from '../../src/catalog/owner.js';
import { aFolder } from './fixtures.js';

const mounts: string[] = [];
afterEach(() => {
  for (const dir of mounts.splice(0)) spawnSync('umount', [dir]);
});

/** A small file system of its own; `undefined` where this user may not mount. */
function aSmallDisk(options: string): string | undefined {
  const dir = aFolder();
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'none', dir]).status !== 0) return undefined;
  mounts.push(dir);
  return dir;
}

/** Every file below a folder. */
function files(dir: string): readonly string[] {
  if (!existsSync(dir)) return [];
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

const canMount = aSmallDisk('size=1m') !== undefined;

describe('openDirectoryStore', () => {
  it('makes nothing until something is written, and then for nobody else to read', async () => {
    const dir = join(aFolder(), 'deep', '.bake');
    const store = await openDirectoryStore(dir);
    expect(await store.get('a')).toBeUndefined();
    expect(await store.list('', undefined, 10)).toEqual([]);
    expect(existsSync(dir)).toBe(false);
    await store.put('a/b', Buffer.from('x'));
    for (const made of [dir, join(dir, 'a'), join(dir, 'tmp')]) expect(statSync(made).mode & 0o777).toBe(0o700);
  });

  it('leaves no temporary files', async () => {
    const dir = aFolder();
    const store = await openDirectoryStore(dir);
    await store.put('a', Buffer.from('1'));
    await store.put('a', Buffer.from('2'));
    await store.put('a', Buffer.from('3'), { ifAbsent: true });
    await Promise.all([1, 2, 3].map((i) => store.put('b', Buffer.from(`${i}`), { ifAbsent: true })));
    expect(files(join(dir, 'tmp'))).toEqual([]);
  });

  it('reclaims what dead processes of this host left, and nothing else', async () => {
    const dir = aFolder();
    mkdirSync(join(dir, 'tmp'));
    const own = temporaryName();
    const dead = Number(execFileSync(process.execPath, ['-e', 'console.log(process.pid)'], { encoding: 'utf8' }));
    const [host, , start] = own.split('.');
    const names = {
      own,
      dead: `${host}.${dead}.${start}.0123456789abcdef`,
      elsewhere: `000000000000.${dead}.${start}.0123456789abcdef`,
      pidUsedAgain: `${host}.${process.pid}.1.0123456789abcdef`,
      foreign: 'notes.txt',
    };
    for (const name of Object.values(names)) writeFileSync(join(dir, 'tmp', name), 'x');
    const store = await openDirectoryStore(dir);
    await store.put('a', Buffer.from('1'));
    expect(files(join(dir, 'tmp')).toSorted()).toEqual([names.own, names.elsewhere, names.foreign].toSorted());
    expect(ownerOfTemporary(own)?.pid).toBe(process.pid);
  });

  it('does not see what others keep in the same folder', async () => {
    const dir = aFolder();
    for (const folder of ['cache', 'providers', 'tmp']) {
      mkdirSync(join(dir, folder));
      writeFileSync(join(dir, folder, 'file'), 'x');
    }
    const store = await openDirectoryStore(dir);
    expect(await store.list('', undefined, 10)).toEqual([]);
    await expect(store.put('cache/x', Buffer.from('x'))).rejects.toMatchObject({ code: 'ERR_BAKE_STORE' });
  });

  it('refuses to write where it was opened to read', async () => {
    const store = await openDirectoryStore(aFolder(), { readOnly: true });
    await expect(store.put('a', Buffer.from('x'))).rejects.toMatchObject({ code: 'ERR_BAKE_READ_ONLY' });
    await expect(store.delete('a')).rejects.toMatchObject({ code: 'ERR_BAKE_READ_ONLY' });
  });

  it('tells of a folder that cannot be made', async () => {
    const file = join(aFolder(), 'file');
    writeFileSync(file, 'x');
    const store = await openDirectoryStore(join(file, '.bake'));
    await expect(store.put('a', Buffer.from('x'))).rejects.toMatchObject({ code: 'ERR_BAKE_STORE' });
  });

  it.skipIf(!canMount)('says that the disk is full, and leaves nothing half written', async () => {
    const dir = aSmallDisk('size=1m') ?? '';
    const store = await openDirectoryStore(dir);
    await store.put('before', Buffer.from('kept'));
    await expect(store.put('large', Buffer.alloc(4_000_000))).rejects.toMatchObject({ code: 'ERR_BAKE_DISK_FULL' });
    await expect(store.put('before', Buffer.alloc(4_000_000))).rejects.toMatchObject({ code: 'ERR_BAKE_DISK_FULL' });
    expect(await store.list('', undefined, 10)).toEqual(['before']);
    expect(files(join(dir, 'tmp'))).toEqual([]);
    await store.put('after', Buffer.alloc(500_000));
  });

  it.skipIf(!canMount)('says that the disk is read-only', async () => {
    const dir = aSmallDisk('size=1m') ?? '';
    const store = await openDirectoryStore(dir);
    await store.put('a', Buffer.from('x'));
    execFileSync('mount', ['-o', 'remount,ro', dir]);
    const again = await openDirectoryStore(dir);
    await expect(again.put('b', Buffer.from('x'))).rejects.toMatchObject({ code: 'ERR_BAKE_READ_ONLY' });
    await expect(again.delete('a')).rejects.toMatchObject({ code: 'ERR_BAKE_READ_ONLY' });
    expect(await again.get('a')).toBeDefined();
  });
});
