import type { StoreValue } from './store.js';

/** All bytes of a stream as one array; no copy where it came in one piece. */
export async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) return Buffer.from(first.buffer, first.byteOffset, first.byteLength);
  return Buffer.concat(pieces);
}

/** The bytes of a value, `undefined` where there was none. */
export async function valueBytes(value: StoreValue | undefined): Promise<Buffer | undefined> {
  return value === undefined ? undefined : readAll(value.stream);
}

/** A stream of one piece, or of none where it is empty. */
export async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  if (bytes.length > 0) yield bytes;
}
