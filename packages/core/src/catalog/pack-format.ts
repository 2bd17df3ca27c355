import { sha256, type Digest } from '../plan/digest.js';
import { chunkSize } from '../tree/types.js';

/**
 * A pack: `bakehouse/pack/1\n`, the number of entries (4 bytes), the entries in order of digest (32 bytes of digest,
 * 8 bytes of the blob's size), and then what the entries stand for, in the same order, with nothing between.
 * A blob of up to 8 MiB stands there itself; a larger one as the digests of its chunks, 32 bytes each.
 * Numbers are big-endian. The pack's name is the sha256 of all before the first blob.
 */
export const packHeader = 'bakehouse/pack/1\n';
export const entryLength = 40;
export const packPrefix: number = packHeader.length + 4;

/** A blob as a pack lists it. */
export interface PackEntry {
  readonly digest: Digest;
  readonly size: number;
}

/** Bytes that a blob of this size takes in a pack. */
export function storedLength(size: number): number {
  return size <= chunkSize ? size : 32 * Math.ceil(size / chunkSize);
}

/** The beginning of a pack, and the pack's name. `entries` must be in order of digest. */
export function encodePackIndex(entries: readonly PackEntry[]): { readonly bytes: Buffer; readonly pack: Digest } {
  const bytes = Buffer.alloc(packPrefix + entries.length * entryLength);
  bytes.write(packHeader, 'latin1');
  bytes.writeUInt32BE(entries.length, packHeader.length);
  let at = packPrefix;
  for (const { digest, size } of entries) {
    bytes.write(digest, at, 'hex');
    bytes.writeBigUInt64BE(BigInt(size), at + 32);
    at += entryLength;
  }
  return { bytes, pack: sha256(bytes) };
}

/** Length of the beginning of a pack, from its first {@link packPrefix} bytes; `undefined` where they are no pack's. */
export function packIndexLength(prefix: Buffer): number | undefined {
  if (prefix.length < packPrefix || prefix.toString('latin1', 0, packHeader.length) !== packHeader) return undefined;
  return packPrefix + prefix.readUInt32BE(packHeader.length) * entryLength;
}

/** Whether these bytes are the whole beginning of the pack of that name. */
export function isPackIndex(bytes: Buffer, pack: Digest): boolean {
  return packIndexLength(bytes) === bytes.length && sha256(bytes) === pack;
}

/** The size in the entry at this offset. */
export function entrySize(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at + 32) * 0x1_0000_0000 + bytes.readUInt32BE(at + 36);
}

/** Entries of the beginning of a pack, with where each stands in the pack. */
export function* packEntries(bytes: Buffer): Generator<PackEntry & { readonly offset: number }, void, undefined> {
  let offset = bytes.length;
  for (let at = packPrefix; at < bytes.length; at += entryLength) {
    const size = entrySize(bytes, at);
    yield { digest: bytes.toString('hex', at, at + 32), size, offset };
    offset += storedLength(size);
  }
}
