import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import type { Content } from '@bakehouse/core/provider';
import type { HashedFile } from '../store/blob-writer.js';

/** Makes the error for a damaged or unknown archive; the message follows "the archive ". */
export type ArchiveFault = (message: string, cause?: unknown) => Error;

/** Whether bytes begin as gzip does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

const foreign: readonly (readonly [name: string, magic: readonly number[]])[] = [
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['7z', [0x37, 0x7a, 0xbc, 0xaf]],
];

/** Writes the uncompressed bytes of a tar or a gzipped tar, known by its first bytes, to a file. */
export async function inflate(content: Content, file: HashedFile, fault: ArchiveFault): Promise<void> {
  const source = content instanceof Uint8Array ? [content] : content;
  const pieces = iterate(source);
  const first = await firstBytes(pieces);
  const other = foreign.find(([, magic]) => magic.every((byte, at) => first[at] === byte));
  if (other !== undefined) throw fault(`is ${other[0]}; tar and tar.gz are understood`);
  const all = resume(first, pieces);
  if (!isGzip(first)) {
    if (first.length === 0) throw fault('is empty; tar and tar.gz are understood');
    for await (const piece of all) {
      file.write(piece);
      await file.pause();
    }
    return;
  }
  const input = Readable.from(all, { objectMode: false });
  const gunzip = createGunzip();
  // Errors of the source are the source's own; those of zlib say that the archive is damaged.
  let sourceError: Error | undefined;
  input.on('error', (error) => {
    sourceError = error;
    gunzip.destroy(error);
  });
  input.pipe(gunzip);
  try {
    for await (const piece of gunzip as AsyncIterable<Buffer>) {
      file.write(piece);
      await file.pause();
    }
  } catch (error) {
    if (sourceError !== undefined) throw sourceError;
    if (error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_'))
      throw fault(error.code === 'Z_BUF_ERROR' ? 'is truncated' : 'is not valid gzip', error);
    throw error;
  } finally {
    input.destroy();
    gunzip.destroy();
  }
}

async function* iterate(source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of source) yield piece;
}

async function firstBytes(pieces: AsyncGenerator<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let length = 0; length < 8;) {
    const next = await pieces.next();
    if (next.done === true) break;
    parts.push(next.value);
    length += next.value.length;
  }
  return parts.length === 1 ? (parts[0] ?? new Uint8Array()) : Buffer.concat(parts);
}

async function* resume(first: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}
