import { readSync } from 'node:fs';
import { blockSize, padded } from './header.js';
import type { ScannedEntry, TarType, Xattrs } from './types.js';

const windowSize = 128 * 1024;
const largestExtension = 4 * 1024 * 1024;

/** An archive that cannot be read. The message says why, in words that follow "the archive ". */
export class TarError extends Error {
  override readonly name: string = 'TarError';
}

const types: Readonly<Record<string, TarType>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'link',
  '3': 'device',
  '4': 'device',
  '5': 'folder',
  '6': 'fifo',
};

interface Extension {
  path?: string;
  linkpath?: string;
  size?: number;
  uid?: number;
  gid?: number;
  xattrs?: Record<string, string>;
}

/**
 * The members of an uncompressed tar archive, in order, with the offset of each one's content. Contents are skipped,
 * not read. Reads ustar, pax and GNU long names. Names are given as they are: judging them is the caller's part.
 * Throws {@link TarError} where the archive is truncated (its end marker is required) or malformed.
 */
export function* scanTar(fd: number, archiveSize: number): Generator<ScannedEntry, void> {
  const read = windowReader(fd, archiveSize);
  let position = 0;
  let global: Extension = {};
  let local: Extension = {};
  for (;;) {
    const block = read(position, blockSize);
    if (block[0] === 0 && block.every((byte) => byte === 0)) return;
    verifyChecksum(block);
    const flag = String.fromCharCode(block[156] ?? 0);
    const offset = position + blockSize;
    const size = local.size ?? global.size ?? number(block, 124, 12);
    if (flag === 'x' || flag === 'g' || flag === 'L' || flag === 'K') {
      const length = number(block, 124, 12);
      if (length > largestExtension) throw new TarError('has an extended header that is too large');
      const body = Buffer.from(read(offset, length));
      if (flag === 'g') global = { ...global, ...parsePax(body) };
      else if (flag === 'x') local = { ...local, ...parsePax(body) };
      else if (flag === 'L') local = { ...local, path: text(body, 0, length) };
      else local = { ...local, linkpath: text(body, 0, length) };
      position = offset + padded(length);
      continue;
    }
    if (flag === 'S') throw new TarError('holds a sparse file, which is not supported');
    let type = types[flag];
    const name = local.path ?? global.path ?? ustarName(block);
    // Before POSIX a folder was a file whose name ends with a slash.
    if (type === 'file' && name.endsWith('/') && flag !== '7') type = 'folder';
    const stored = type === 'file' || type === undefined ? size : 0;
    if (offset + stored > archiveSize) throw new TarError('is truncated');
    if (type !== undefined) {
      const xattrs: Xattrs | undefined = local.xattrs ?? global.xattrs;
      yield {
        path: name,
        type,
        mode: number(block, 100, 8) & 0o7777,
        uid: local.uid ?? global.uid ?? number(block, 108, 8),
        gid: local.gid ?? global.gid ?? number(block, 116, 8),
        size: stored,
        target: type === 'link' || type === 'hardlink' ? (local.linkpath ?? text(block, 157, 100)) : '',
        offset,
        ...(xattrs === undefined ? {} : { xattrs }),
      };
    }
    local = {};
    position = offset + padded(stored);
  }
}

/**
 * A member's name without `.` segments and outer slashes; the root itself is the empty string.
 * `undefined` where it is absolute, climbs with `..`, or holds a NUL: such names are never re-rooted.
 */
export function safeName(name: string): string | undefined {
  if (name.startsWith('/') || name.includes('\0')) return undefined;
  const segments = name.split('/').filter((segment) => segment !== '' && segment !== '.');
  return segments.includes('..') ? undefined : segments.join('/');
}

function windowReader(fd: number, archiveSize: number): (position: number, length: number) => Uint8Array {
  let window = Buffer.alloc(0);
  let start = 0;
  return (position, length) => {
    if (position + length > archiveSize) throw new TarError('is truncated');
    if (position < start || position + length > start + window.length) {
      const buffer = Buffer.allocUnsafe(Math.max(windowSize, length));
      const got = readSync(fd, buffer, 0, buffer.length, position);
      if (got < length) throw new TarError('is truncated');
      window = buffer.subarray(0, got);
      start = position;
    }
    return window.subarray(position - start, position - start + length);
  };
}

function verifyChecksum(block: Uint8Array): void {
  let sum = 8 * 0x20;
  for (let i = 0; i < blockSize; i += 1) if (i < 148 || i >= 156) sum += block[i] ?? 0;
  if (!/^[0-7]+$/.test(text(block, 148, 8).trim()) || sum !== number(block, 148, 8))
    throw new TarError('has a damaged header, or is not a tar archive');
}

/** An octal field, or GNU's base-256 for what octal cannot hold. */
function number(block: Uint8Array, start: number, length: number): number {
  if (((block[start] ?? 0) & 0x80) !== 0) {
    let value = (block[start] ?? 0) & 0x7f;
    for (let i = start + 1; i < start + length; i += 1) value = value * 256 + (block[i] ?? 0);
    if (!Number.isSafeInteger(value)) throw new TarError('has a number that is too large');
    return value;
  }
  const digits = text(block, start, length).trim();
  if (digits === '') return 0;
  if (!/^[0-7]+$/.test(digits)) throw new TarError('has a malformed header');
  return Number.parseInt(digits, 8);
}

function text(block: Uint8Array, start: number, length: number): string {
  let end = start;
  while (end < start + length && block[end] !== 0) end += 1;
  return Buffer.from(block.buffer, block.byteOffset + start, end - start).toString('utf8');
}

function ustarName(block: Uint8Array): string {
  const name = text(block, 0, 100);
  // The prefix field is ustar's alone: GNU keeps times there.
  const isUstar = text(block, 257, 6) === 'ustar' && block[263] === 0x30;
  const prefix = isUstar ? text(block, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function parsePax(body: Buffer): Extension {
  const found: Extension = {};
  let at = 0;
  while (at < body.length && body[at] !== 0) {
    const space = body.indexOf(0x20, at);
    const length = Number(body.toString('latin1', at, space));
    const record = body.subarray(space + 1, at + length - 1);
    if (space < 0 || !Number.isInteger(length) || length <= space - at || at + length > body.length)
      throw new TarError('has a malformed extended header');
    const equals = record.indexOf(0x3d);
    if (equals < 0) throw new TarError('has a malformed extended header');
    applyPax(found, record.toString('utf8', 0, equals), record.subarray(equals + 1));
    at += length;
  }
  return found;
}

function applyPax(found: Extension, key: string, value: Buffer): void {
  const count = (): number => {
    const parsed = Number(value.toString('latin1'));
    if (!Number.isSafeInteger(parsed) || parsed < 0) throw new TarError('has a malformed extended header');
    return parsed;
  };
  if (key === 'path') found.path = value.toString('utf8');
  else if (key === 'linkpath') found.linkpath = value.toString('utf8');
  else if (key === 'size') found.size = count();
  else if (key === 'uid') found.uid = count();
  else if (key === 'gid') found.gid = count();
  else if (key.startsWith('SCHILY.xattr.'))
    (found.xattrs ??= {})[key.slice('SCHILY.xattr.'.length)] = value.toString('base64');
  else if (key.startsWith('GNU.sparse.')) throw new TarError('holds a sparse file, which is not supported');
}
