import * as fs from 'node:fs';
import { BakeError, type Content } from '@bakehouse/core/provider';
import { below, nameOf, parentOf } from '../rootfs/order.js';
import { createHashedFile } from '../store/blob-writer.js';
import type { StateFolder } from '../store/state.js';
import { inflate } from '../tar/inflate.js';
import { safeName, scanTar, TarError } from '../tar/scan.js';
import type { ScannedEntry } from '../tar/types.js';
import type { FileStep } from './sources.js';
import type { Member, Source } from './members.js';

const chunkSize = 1024 * 1024;

/**
 * Opens a fetched archive: tar, or gzip of one, known by its first bytes. It is kept uncompressed in a temporary file
 * until closed, so that its size does not matter.
 * Throws `ERR_BAKE_ARCHIVE_INVALID` for what is damaged or of another kind, `ERR_BAKE_ARCHIVE_HOSTILE` for names and
 * links that reach outside, for devices, and for a file and a folder of one name.
 */
export async function unpack(
  step: FileStep,
  content: Content,
  state: StateFolder,
  signal: AbortSignal,
): Promise<Source> {
  const what = `the archive for ${step.to}`;
  const file = createHashedFile(state.temp(), signal);
  let fd: number | undefined;
  const close = (): void => {
    if (fd !== undefined) fs.closeSync(fd);
    fd = undefined;
    file.discard();
  };
  try {
    await inflate(content, file, (message, cause) => invalid(what, message, cause));
    const { size } = file.close();
    fd = fs.openSync(file.path, 'r');
    return { kind: 'tree', members: members(what, fd, size), close };
  } catch (error) {
    close();
    if (error instanceof TarError) throw invalid(what, error.message, error);
    throw error;
  }
}

function members(what: string, fd: number, size: number): readonly Member[] {
  const found = new Map<string, Member>();
  const folder = (path: string): void => {
    for (let at = path; at !== ''; at = parentOf(at)) {
      const there = found.get(at);
      if (there === undefined) found.set(at, { path: at, type: 'folder', mode: 0o755, size: 0, target: '' });
      else if (there.type === 'folder') return;
      else throw hostile(what, at, there.type === 'link' ? 'goes through a link of its own' : 'is a file and a folder');
    }
  };
  for (const entry of scanTar(fd, size)) {
    const path = safeName(entry.path);
    if (path === undefined) throw hostile(what, entry.path, 'reaches outside');
    if (path.includes('\ufffd'))
      throw new BakeError('ERR_BAKE_INPUT_NAME', `${what} holds a name that is not valid UTF-8: ${entry.path}`);
    if (path === '') continue;
    folder(parentOf(path));
    if (entry.type === 'folder') {
      folder(path);
      continue;
    }
    if (found.get(path)?.type === 'folder') throw hostile(what, path, 'is a file and a folder');
    found.set(path, memberOf(what, entry, path, found, fd));
  }
  return parentsFirst(found);
}

function memberOf(
  what: string,
  entry: ScannedEntry,
  path: string,
  found: ReadonlyMap<string, Member>,
  fd: number,
): Member {
  if (entry.type === 'device' || entry.type === 'fifo') throw hostile(what, path, 'is a device or a pipe');
  if (entry.type === 'link') {
    if (climbsOut(path, entry.target)) throw hostile(what, path, `links to ${entry.target}, which is outside`);
    return { path, type: 'link', mode: 0o777, size: 0, target: entry.target };
  }
  if (entry.type === 'hardlink') {
    const target = safeName(entry.target);
    const first = target === undefined ? undefined : found.get(target);
    if (first === undefined || first.type === 'folder')
      throw hostile(what, path, `is a hard link to ${entry.target}, which is no earlier file of it`);
    return { ...first, path };
  }
  const { size, offset } = entry;
  return {
    path,
    type: 'file',
    mode: (entry.mode & 0o111) === 0 ? 0o644 : 0o755,
    size,
    target: '',
    sameAs: String(offset),
    read: () => (size <= chunkSize ? readAt(fd, offset, size) : chunks(fd, offset, size)),
  };
}

/** Whether a relative link leaves the unpacked root. An absolute one is meant for the image's own root. */
function climbsOut(path: string, target: string): boolean {
  if (target.startsWith('/')) return false;
  let depth = path.split('/').length - 1;
  for (const segment of target.split('/')) {
    if (segment === '' || segment === '.') continue;
    depth += segment === '..' ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}

function parentsFirst(found: ReadonlyMap<string, Member>): readonly Member[] {
  const done = new Set<string>();
  const ordered: Member[] = [];
  const add = (path: string): void => {
    if (path === '' || done.has(path)) return;
    add(parentOf(path));
    done.add(path);
    const member = found.get(below(parentOf(path), nameOf(path)));
    if (member !== undefined) ordered.push(member);
  };
  for (const path of found.keys()) add(path);
  return ordered;
}

function readAt(fd: number, offset: number, size: number): Buffer {
  const buffer = Buffer.alloc(size);
  for (let at = 0; at < size;) {
    const got = fs.readSync(fd, buffer, at, size - at, offset + at);
    if (got === 0) throw new TarError('is truncated');
    at += got;
  }
  return buffer;
}

async function* chunks(fd: number, offset: number, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size; at += chunkSize)
    yield await Promise.resolve(readAt(fd, offset + at, Math.min(chunkSize, size - at)));
}

function invalid(what: string, message: string, cause?: unknown): BakeError {
  return new BakeError('ERR_BAKE_ARCHIVE_INVALID', `${what} ${message}`, { cause });
}

function hostile(what: string, name: string, why: string): BakeError {
  return new BakeError('ERR_BAKE_ARCHIVE_HOSTILE', `${what}: ${name} ${why}`, { data: { name } });
}
