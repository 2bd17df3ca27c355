import { createHash } from 'node:crypto';
import { BakeError } from '../errors/index.js';
import { sha256, type Digest } from '../plan/digest.js';
import { chunkSize } from '../tree/types.js';
import { readPackIndex } from './blob-index.js';
import { chunkKey, packKey } from './keys.js';
import { encodePackIndex } from './pack-format.js';
import type { Store } from './store.js';
import type { NewBlob } from './types.js';

/** Small blobs are handed to the store in pieces of about this size. */
const pieceSize = 4 * 1024 * 1024;
/** Chunks that are being stored while the next is read: 8 MiB of memory each. */
const chunksAtOnce = 2;

/**
 * Stores these blobs, which must be different ones, as one pack; answers its name and its beginning.
 * Chunks of large blobs go first: nothing refers to them until the pack is there, which shows all blobs at once.
 */
export async function writePack(
  store: Store,
  blobs: readonly NewBlob[],
): Promise<{ readonly pack: Digest; readonly index: Buffer }> {
  const lists = new Map<Digest, Buffer>();
  for (const blob of blobs) if (blob.size > chunkSize) lists.set(blob.digest, await writeChunks(store, blob));
  const sorted = blobs.toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
  const { bytes: index, pack } = encodePackIndex(sorted);
  const { written } = await store.put(packKey(pack), packBytes(index, sorted, lists), { ifAbsent: true });
  // The name tells what is in it, so the same batch has it already; unless that one was damaged since.
  if (!written && (await readPackIndex(store, pack)) === undefined)
    await store.put(packKey(pack), packBytes(index, sorted, lists));
  return { pack, index };
}

async function* packBytes(
  index: Buffer,
  blobs: readonly NewBlob[],
  lists: ReadonlyMap<Digest, Buffer>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield index;
  let piece: Uint8Array[] = [];
  let length = 0;
  for (const blob of blobs) {
    const bytes = lists.get(blob.digest) ?? (await wholeBytes(blob));
    if (length + bytes.length > pieceSize && length > 0) {
      yield Buffer.concat(piece, length);
      piece = [];
      length = 0;
    }
    piece.push(bytes);
    length += bytes.length;
  }
  if (length > 0) yield Buffer.concat(piece, length);
}

async function wholeBytes(blob: NewBlob): Promise<Uint8Array> {
  const read = blob.read();
  // Ten thousand small blobs are not ten thousand turns of the event loop.
  const content = read instanceof Uint8Array ? read : await read;
  let bytes: Uint8Array;
  if (content instanceof Uint8Array) bytes = content;
  else {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for await (const piece of content) {
      length += piece.length;
      if (length > blob.size) throw changed(blob);
      // What is yielded may be used again by the reader.
      pieces.push(Buffer.from(piece));
    }
    bytes = Buffer.concat(pieces);
  }
  if (bytes.length !== blob.size || sha256(bytes) !== blob.digest) throw changed(blob);
  return bytes;
}

/** Stores a large blob in chunks; answers their digests, 32 bytes each. */
async function writeChunks(store: Store, blob: NewBlob): Promise<Buffer> {
  const content = await blob.read();
  const whole = createHash('sha256');
  const digests: Buffer[] = [];
  const free = Array.from({ length: chunksAtOnce + 1 }, () => Buffer.allocUnsafeSlow(chunkSize));
  const running = new Set<Promise<void>>();
  let buffer = free.pop() ?? Buffer.allocUnsafeSlow(chunkSize);
  let filled = 0;
  let total = 0;
  const flush = async (): Promise<void> => {
    const full = buffer;
    const bytes = full.subarray(0, filled);
    const chunk = sha256(bytes);
    digests.push(Buffer.from(chunk, 'hex'));
    const job: Promise<void> = writeChunk(store, chunk, bytes).finally(() => {
      running.delete(job);
      free.push(full);
    });
    // Rejections are met where it is waited for; until then they must not count as unhandled.
    job.catch(() => {});
    running.add(job);
    failures.push(job);
    while (free.length === 0) await Promise.race(running);
    buffer = free.pop() ?? Buffer.allocUnsafeSlow(chunkSize);
    filled = 0;
  };
  const failures: Promise<void>[] = [];
  try {
    for await (const piece of pieces(content)) {
      total += piece.length;
      if (total > blob.size) throw changed(blob);
      whole.update(piece);
      for (let at = 0; at < piece.length;) {
        const taken = Math.min(piece.length - at, chunkSize - filled);
        buffer.set(piece.subarray(at, at + taken), filled);
        filled += taken;
        at += taken;
        if (filled === chunkSize) await flush();
      }
    }
    if (filled > 0) await flush();
  } finally {
    await Promise.allSettled(running);
  }
  await Promise.all(failures);
  if (total !== blob.size || whole.digest('hex') !== blob.digest) throw changed(blob);
  return Buffer.concat(digests);
}

/** A chunk that is there already may have been damaged since; it costs a read to know, and saves a build. */
async function writeChunk(store: Store, chunk: Digest, bytes: Buffer): Promise<void> {
  const { written } = await store.put(chunkKey(chunk), bytes, { ifAbsent: true });
  if (written) return;
  const there = await store.get(chunkKey(chunk));
  const hash = createHash('sha256');
  if (there !== undefined) for await (const piece of there.stream) hash.update(piece);
  if (hash.digest('hex') !== chunk) await store.put(chunkKey(chunk), bytes);
}

async function* pieces(content: Uint8Array | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  if (content instanceof Uint8Array) yield content;
  else yield* content;
}

function changed(blob: NewBlob): BakeError {
  return new BakeError('ERR_BAKE_INPUT_CHANGED', `The bytes of blob ${blob.digest} are not those that were hashed`, {
    data: { blob: blob.digest },
  });
}
