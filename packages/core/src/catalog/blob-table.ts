import type { Digest } from '../plan/digest.js';
import { entryLength, entrySize, packPrefix, storedLength } from './pack-format.js';

/** Length of a row: digest (32), number of the pack (4), offset in it (8), size of the blob (8). Part of the format. */
export const rowLength = 52;

/** Where a blob is. */
export interface Location {
  /** Number of the pack. */
  readonly pack: number;
  readonly offset: number;
  readonly size: number;
}

/** Blobs in order of digest, searched where they lie: loading is no more than hashing, and nothing is built. */
export interface BlobTable {
  readonly count: number;
  has(digest: Digest): boolean;
  find(digest: Digest): Location | undefined;
  rows(): Buffer;
}

/** A table of rows that are in order of digest. */
export function rowTable(rows: Buffer): BlobTable {
  const search = searcher(rows, 0, rowLength);
  return {
    count: rows.length / rowLength,
    has: (digest) => search(digest) !== -1,
    find(digest) {
      const at = search(digest);
      if (at === -1) return undefined;
      return { pack: rows.readUInt32BE(at + 32), offset: readSafe(rows, at + 36), size: readSafe(rows, at + 44) };
    },
    rows: () => rows,
  };
}

/** A table of what one pack holds, from its checked beginning. */
export function packTable(index: Buffer, pack: number): BlobTable {
  const search = searcher(index, packPrefix, entryLength);
  const rows = (): Buffer => rowsOfPack(index, pack);
  // Offsets are sums over what stands before: not needed to tell whether a blob is there.
  let placed: BlobTable | undefined;
  return {
    count: (index.length - packPrefix) / entryLength,
    has: (digest) => search(digest) !== -1,
    find(digest) {
      if (search(digest) === -1) return undefined;
      placed ??= rowTable(rows());
      return placed.find(digest);
    },
    rows,
  };
}

/** Rows of all tables, in order; a blob that is in several is listed where the first of them has it. */
export function mergeTables(tables: readonly BlobTable[]): Buffer {
  const [first] = tables;
  if (first === undefined) return Buffer.alloc(0);
  if (tables.length === 1) return first.rows();
  const half = tables.length >> 1;
  return mergeRows(mergeTables(tables.slice(0, half)), mergeTables(tables.slice(half)));
}

/**
 * Answers the offset of the record of a digest, or -1. Digests are spread evenly, so a guess by proportion is nearly right;
 * after some guesses it goes on by halves, so that digests which somebody chose cannot make it slow.
 */
function searcher(bytes: Buffer, start: number, length: number): (digest: Digest) => number {
  const count = (bytes.length - start) / length;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (digest) => {
    const first = Number.parseInt(digest.slice(0, 8), 16);
    const second = Number.parseInt(digest.slice(8, 16), 16);
    let low = 0;
    let high = count;
    let lowest = 0;
    let highest = 0x1_0000_0000;
    for (let guesses = 0; low < high; guesses += 1) {
      const share = guesses < 8 ? (first - lowest) / (highest - lowest) : 0.5;
      const middle = Math.min(high - 1, Math.max(low, low + Math.floor((high - low) * share)));
      const value = view.getUint32(start + middle * length);
      if (value < first) {
        low = middle + 1;
        lowest = value;
      } else {
        high = middle;
        highest = Math.max(value, lowest + 1);
      }
    }
    for (let at = start + low * length; at < bytes.length && view.getUint32(at) === first; at += length)
      if (view.getUint32(at + 4) === second && bytes.toString('hex', at, at + 32) === digest) return at;
    return -1;
  };
}

function rowsOfPack(index: Buffer, pack: number): Buffer {
  const count = (index.length - packPrefix) / entryLength;
  const rows = Buffer.allocUnsafeSlow(count * rowLength);
  let offset = index.length;
  for (let i = 0, from = packPrefix, to = 0; i < count; i += 1, from += entryLength, to += rowLength) {
    index.copy(rows, to, from, from + 32);
    rows.writeUInt32BE(pack, to + 32);
    rows.writeUInt32BE(Math.floor(offset / 0x1_0000_0000), to + 36);
    rows.writeUInt32BE(offset % 0x1_0000_0000, to + 40);
    index.copy(rows, to + 44, from + 32, from + 40);
    offset += storedLength(entrySize(index, from));
  }
  return rows;
}

function mergeRows(a: Buffer, b: Buffer): Buffer {
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
