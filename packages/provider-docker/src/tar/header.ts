import type { TarEntry, TarType } from './types.js';

export const blockSize = 512;

const typeFlags: Readonly<Record<Exclude<TarType, 'device'>, string>> = {
  file: '0',
  hardlink: '1',
  link: '2',
  folder: '5',
  fifo: '6',
};

const plainAscii = /^[\x20-\x7e]*$/;
const largestId = 0o7777777;
const largestSize = 0o77777777777;

/**
 * The blocks before a member's content: a ustar header (POSIX.1-1988), with a pax extended header (POSIX.1-2001) only
 * where ustar cannot say it. Equal entries give equal bytes: time 0, no user or group names, no device numbers.
 */
export function encodeHeader(entry: TarEntry): Buffer {
  const path = entry.type === 'folder' ? `${entry.path}/` : entry.path;
  const split = splitName(path);
  const records: Buffer[] = [];
  const pax = (key: string, value: string | Buffer): void => void records.push(paxRecord(key, value));
  if (entry.gid > largestId) pax('gid', String(entry.gid));
  if (!fits(entry.target)) pax('linkpath', entry.target);
  if (split === undefined) pax('path', path);
  for (const name of Object.keys(entry.xattrs ?? {}).sort())
    pax(`SCHILY.xattr.${name}`, Buffer.from(entry.xattrs?.[name] ?? '', 'base64'));
  if (entry.size > largestSize) pax('size', String(entry.size));
  if (entry.uid > largestId) pax('uid', String(entry.uid));

  const main = Buffer.alloc(blockSize);
  const [prefix, name] = split ?? ['', asciiTail(path, 100)];
  writeUstar(main, {
    prefix,
    name,
    flag: entry.type === 'device' ? '3' : typeFlags[entry.type],
    mode: entry.mode,
    uid: entry.uid > largestId ? 0 : entry.uid,
    gid: entry.gid > largestId ? 0 : entry.gid,
    size: entry.size > largestSize ? 0 : entry.size,
    target: fits(entry.target) ? entry.target : asciiTail(entry.target, 100),
  });
  if (records.length === 0) return main;

  const body = Buffer.concat(records);
  const extended = Buffer.alloc(blockSize + padded(body.length));
  writeUstar(extended, {
    prefix: '',
    name: `PaxHeaders/${asciiTail(entry.path, 80)}`,
    flag: 'x',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: body.length,
    target: '',
  });
  body.copy(extended, blockSize);
  return Buffer.concat([extended, main]);
}

/** `size` rounded up to whole blocks. */
export function padded(size: number): number {
  return Math.ceil(size / blockSize) * blockSize;
}

/** The two empty blocks that end an archive. */
export const endOfArchive: Buffer = Buffer.alloc(2 * blockSize);

interface UstarFields {
  readonly prefix: string;
  readonly name: string;
  readonly flag: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly target: string;
}

function writeUstar(block: Buffer, fields: UstarFields): void {
  block.write(fields.name, 0, 100, 'latin1');
  block.write(octal(fields.mode, 7), 100, 'latin1');
  block.write(octal(fields.uid, 7), 108, 'latin1');
  block.write(octal(fields.gid, 7), 116, 'latin1');
  block.write(octal(fields.size, 11), 124, 'latin1');
  block.write('00000000000', 136, 'latin1');
  block.write('        ', 148, 'latin1');
  block.write(fields.flag, 156, 'latin1');
  block.write(fields.target, 157, 100, 'latin1');
  block.write('ustar\u000000', 257, 'latin1');
  block.write(fields.prefix, 345, 155, 'latin1');
  let sum = 0;
  for (let i = 0; i < blockSize; i += 1) sum += block[i] ?? 0;
  block.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function fits(text: string): boolean {
  return text.length <= 100 && plainAscii.test(text);
}

/** Prefix and name as ustar holds them; `undefined` where it cannot. */
function splitName(path: string): readonly [string, string] | undefined {
  if (!plainAscii.test(path)) return undefined;
  if (path.length <= 100) return ['', path];
  const at = path.lastIndexOf('/', 155);
  const name = path.slice(at + 1);
  return at > 0 && name.length <= 100 && name !== '' ? [path.slice(0, at), name] : undefined;
}

/** A readable stand-in for readers that know no pax. */
function asciiTail(text: string, length: number): string {
  return text.replaceAll(/[^\x20-\x7e]/gu, '_').slice(-length);
}

/** `LENGTH KEY=VALUE\n`, where the length counts itself. */
function paxRecord(key: string, value: string | Buffer): Buffer {
  const rest = Buffer.concat([
    Buffer.from(` ${key}=`),
    typeof value === 'string' ? Buffer.from(value) : value,
    Buffer.from('\n'),
  ]);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
