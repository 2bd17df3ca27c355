import * as crypto from 'node:crypto';

/** Numbers of an entry that must all be those of the file now: dev, ino, size, mtimeNs, ctimeNs. */
export const identityWidth = 5;

/** A stat cache in columns: entry `i` is the `i`-th item of each. Made to be loaded without an object or a string per entry. */
export interface CacheColumns {
  readonly count: number;
  /** Paths, each with a NUL behind it. */
  readonly paths: string;
  /** {@link identityWidth} numbers an entry. */
  readonly identity: BigUint64Array;
  /** When each was hashed, in milliseconds since 1970. */
  readonly hashedAt: Float64Array;
  /** 64 hex digits an entry, one after the other. */
  readonly digests: string;
  readonly flags: Uint8Array;
  /** How many savings ago each was last used. */
  readonly ages: Uint8Array;
}

const magic = Buffer.from('bakehouse/stat-cache/1\n');
/** magic, byte-order mark, number of entries, padding to 64; then the body and, last, the sha256 of all before it. */
const headerLength = 64;
const digestLength = 32;
const byteOrderMark = 0x01020304;
/** Bytes of an entry without its path. */
const entryLength = identityWidth * 8 + 8 + digestLength + 2;

/** Columns of this many entries, to be filled in. */
export function emptyColumns(count: number): CacheColumns {
  return {
    count,
    paths: '',
    identity: new BigUint64Array(count * identityWidth),
    hashedAt: new Float64Array(count),
    digests: '',
    flags: new Uint8Array(count),
    ages: new Uint8Array(count),
  };
}

/** The file's bytes, which check themselves. */
export function encodeColumns(columns: CacheColumns): Uint8Array {
  const { count } = columns;
  const paths = Buffer.from(columns.paths);
  const bytes = Buffer.alloc(headerLength + count * entryLength + paths.length + digestLength);
  magic.copy(bytes);
  // In the machine's own byte order, as the numbers below: a cache is for the machine that wrote it.
  bytes.set(new Uint8Array(Uint32Array.of(byteOrderMark, count).buffer), magic.length + 1);
  let at = headerLength;
  for (const part of [columns.identity, columns.hashedAt]) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  for (const part of [Buffer.from(columns.digests, 'hex'), columns.flags, columns.ages, paths]) {
    bytes.set(part, at);
    at += part.length;
  }
  bytes.set(crypto.createHash('sha256').update(bytes.subarray(0, at)).digest(), at);
  return bytes;
}

/** What {@link encodeColumns} wrote; `undefined` for anything else: truncated, damaged, of another schema or machine. */
export function decodeColumns(file: Buffer): CacheColumns | undefined {
  if (file.length < headerLength + digestLength || !file.subarray(0, magic.length).equals(magic)) return undefined;
  const end = file.length - digestLength;
  if (!crypto.createHash('sha256').update(file.subarray(0, end)).digest().equals(file.subarray(end))) return undefined;
  // A copy, because the columns need an offset that is a multiple of 8.
  const { buffer } = new Uint8Array(file);
  const [mark, count] = new Uint32Array(buffer.slice(magic.length + 1, magic.length + 9));
  if (mark !== byteOrderMark || count === undefined || headerLength + count * entryLength > end) return undefined;
  let at = headerLength;
  const take = (length: number): number => (at += length) - length;
  const identity = new BigUint64Array(buffer, take(count * identityWidth * 8), count * identityWidth);
  const hashedAt = new Float64Array(buffer, take(count * 8), count);
  const digests = file.toString('hex', take(count * digestLength), at);
  const flags = new Uint8Array(buffer, take(count), count);
  const ages = new Uint8Array(buffer, take(count), count);
  return { count, paths: file.toString('utf8', at, end), identity, hashedAt, digests, flags, ages };
}
