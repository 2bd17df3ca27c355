import { isDigest, type Digest } from '../plan/digest.js';
import { entryLength, entrySize, packPrefix, storedLength } from './pack-format.js';

/** Length of a row: digest (32), number of the pack (4), offset in it (8), size of the blob (8). */
export const rowLength = 52;

/** Where a blob is. */
export interface Location {
  /** Number of the pack. */
  readonly pack: number;
  readonly offset: number;
  readonly size: number;
}

/** Rows in order of digest, found by a table of their first bits: a few bytes of memory and one look for each question. */
export interface BlobTable {
  readonly rows: Buffer;
  readonly count: number;
  find(digest: Digest): Location | undefined;
}

/** A table of rows that are in order of digest. */
export function blobTable(rows: Buffer): BlobTable {
  const count = rows.length / rowLength;
  const bits = Math.max(1, Math.min(22, Math.ceil(Math.log2(count + 1))));
  const shift = 32 - bits;
  // starts[b]: the first row whose leading bits are b or more.
  const starts = new Uint32Array(2 ** bits + 1).fill(count);
  let next = 0;
  for (let row = 0; row < count; row += 1) {
    const bucket = rows.readUInt32BE(row * rowLength) >>> shift;
    while (next <= bucket) starts[next++] = row;
  }
  const find = (digest: Digest): Location | undefined => {
    const first = Number.parseInt(digest.slice(0, 8), 16);
    const bucket = first >>> shift;
    for (let row = starts[bucket] ?? 0; row < (starts[bucket + 1] ?? 0); row += 1) {
      const at = row * rowLength;
      if (rows.readUInt32BE(at) !== first || rows.toString('hex', at, at + 32) !== digest) continue;
      return { pack: rows.readUInt32BE(at + 32), offset: readSafe(rows, at + 36), size: readSafe(rows, at + 44) };
    }
    return undefined;
  };
  return { rows, count, find: (digest) => (isDigest(digest) ? find(digest) : undefined) };
}

/** Rows of a pack, from its checked beginning. */
export function rowsOfPack(index: Buffer, pack: number): Buffer {
  const count = (index.length - packPrefix) / entryLength;
  const rows = Buffer.allocUnsafeSlow(count * rowLength);
  let offset = index.length;
  for (let i = 0, from = packPrefix, to = 0; i < count; i += 1, from += entryLength, to += rowLength) {
    index.copy(rows, to, from, from + 32);
    rows.writeUInt32BE(pack, to + 32);
    writeSafe(rows, to + 36, offset);
    index.copy(rows, to + 44, from + 32, from + 40);
    offset += storedLength(entrySize(index, from));
  }
  return rows;
}

/** Rows of both, in order; where both have a blob, only the one of `a` stays. */
export function mergeRows(a: Buffer, b: Buffer): Buffer {
  const merged = Buffer.allocUnsafeSlow(a.length + b.length);
  let i = 0;
  let j = 0;
  let to = 0;
  while (i < a.length || j < b.length) {
    const order = i >= a.length ? 1 : j >= b.length ? -1 : a.compare(b, j, j + 32, i, i + 32);
    const [rows, at] = order <= 0 ? [a, i] : [b, j];
    rows.copy(merged, to, at, at + rowLength);
    to += rowLength;
    if (order <= 0) i += rowLength;
    if (order >= 0) j += rowLength;
  }
  return merged.subarray(0, to);
}

function readSafe(rows: Buffer, at: number): number {
  return rows.readUInt32BE(at) * 0x1_0000_0000 + rows.readUInt32BE(at + 4);
}

function writeSafe(rows: Buffer, at: number, value: number): void {
  rows.writeUInt32BE(Math.floor(value / 0x1_0000_0000), at);
  rows.writeUInt32BE(value % 0x1_0000_0000, at + 4);
}
