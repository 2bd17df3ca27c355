import * as crypto from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { BakeError } from '../errors/index.js';
import { sha256, type Digest } from '../plan/digest.js';
import { openFlags } from './hash-file.js';
import { inputError, walkError } from './input-error.js';
import { decodeTree, treeMembers } from './tree-object.js';
import { chunkSize, type Content, type Snapshot, type SnapshotFile, type TreeEntry } from './types.js';

/** Bytes that are read at once of a file that is read as a stream. */
const pieceSize = 1024 * 1024;

/**
 * The bytes of a file as it was when it was hashed: whole up to {@link chunkSize}, else a stream of pieces that can be
 * read once. `into` is where whole bytes may be put, see {@link TreeFile.read}. Throws, or the stream does, `ERR_BAKE_INPUT_CHANGED` where they are others now: before the first piece if
 * the size tells, else after the last, so nothing made of a stream counts until it has ended.
 */
export function readFile(file: SnapshotFile, into?: Uint8Array): Content {
  return file.size <= chunkSize ? readWhole(file, into) : readPieces(file);
}

/** Content as pieces, however it came. */
export async function* chunks(content: Content): AsyncIterable<Uint8Array> {
  if (content instanceof Uint8Array) yield content;
  else yield* content;
}

/** What was copied, as an executor writes it: folders before what they hold, each folder's names in UTF-8 byte order. */
export function* entriesOf(snapshot: Snapshot): Iterable<TreeEntry> {
  if (snapshot.kind === 'file') {
    yield fileEntry(snapshot.file);
    return;
  }
  // Files are listed in the order of the tree.
  let next = 0;
  for (const [path, member] of treeMembers(snapshot.digest, snapshot.objects)) {
    const file = snapshot.files[next];
    if (member[0] === 'd') yield { type: 'folder', path };
    else if (member[0] === 'l') yield { type: 'link', path, target: member[2] };
    else if (file?.path === path) yield fileEntry(file);
    else throw new BakeError('ERR_BAKE_INTERNAL', `a snapshot lacks its file ${path}`);
    if (member[0] === 'f') next += 1;
  }
}

/**
 * The same entries from stored tree objects: `readBlob` gives the bytes of a tree object or of a file by digest, as the
 * catalog's blobs do. Rejects with `ERR_BAKE_CATALOG_CORRUPT` where a tree object is not what its digest says.
 */
export async function* treeEntries(
  digest: Digest,
  readBlob: (digest: Digest) => Promise<Content>,
): AsyncIterable<TreeEntry> {
  yield* storedEntries(digest, readBlob, '');
}

async function* storedEntries(
  digest: Digest,
  readBlob: (digest: Digest) => Promise<Content>,
  prefix: string,
): AsyncIterable<TreeEntry> {
  const pieces: Uint8Array[] = [];
  for await (const piece of chunks(await readBlob(digest))) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  if (sha256(bytes) !== digest)
    throw new BakeError('ERR_BAKE_CATALOG_CORRUPT', `the tree object ${digest} has other bytes`, { data: { digest } });
  for (const member of decodeTree(bytes)) {
    const path = prefix + member[1];
    if (member[0] === 'd') {
      yield { type: 'folder', path };
      yield* storedEntries(member[2], readBlob, `${path}/`);
    } else if (member[0] === 'l') yield { type: 'link', path, target: member[2] };
    else {
      const [, , mode, size, content] = member;
      yield { type: 'file', path, mode, size, digest: content, read: () => readBlob(content) };
    }
  }
}

function fileEntry(file: SnapshotFile): TreeEntry {
  const { path, mode, size, digest } = file;
  return { type: 'file', path, mode, size, digest, read: (into) => readFile(file, into) };
}

/** Asks for one byte more than there should be: a file that grew is found out without another call. */
function readWhole(file: SnapshotFile, into: Uint8Array | undefined): Uint8Array {
  const { size } = file;
  const buffer = into !== undefined && into.length > size ? into : Buffer.allocUnsafe(size + 1);
  let handle: number | undefined;
  try {
    handle = openSync(file.source, openFlags);
    let at = 0;
    for (let read = -1; at < Math.max(size, 1) && read !== 0; at += read)
      read = readSync(handle, buffer, at, size + 1 - at, null);
    const bytes = buffer.subarray(0, size);
    if (at !== size || sha256(bytes) !== file.digest) throw changed(file);
    return bytes;
  } catch (error) {
    throw error instanceof BakeError ? error : walkError(file.path, error);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

async function* readPieces(file: SnapshotFile): AsyncIterable<Uint8Array> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file.source, openFlags);
    const stat = await handle.stat();
    if (!stat.isFile() || stat.size !== file.size) throw changed(file);
    const hash = crypto.createHash('sha256');
    for (let left = file.size; left > 0;) {
      // A buffer of its own for each piece: what was handed out may still be in somebody's queue.
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafeSlow(Math.min(left, pieceSize)));
      if (bytesRead === 0) throw changed(file);
      const piece = buffer.subarray(0, bytesRead);
      hash.update(piece);
      left -= bytesRead;
      yield piece;
    }
    if (hash.digest('hex') !== file.digest) throw changed(file);
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? walkError(file.path, error) : error;
  } finally {
    await handle?.close();
  }
}

function changed({ path }: SnapshotFile): BakeError {
  return inputError('ERR_BAKE_INPUT_CHANGED', path, 'changed after it was hashed');
}
