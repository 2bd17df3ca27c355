import * as crypto from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, type BigIntStats } from 'node:fs';
import { inputError, walkError } from './input-error.js';
import { factFlags, type FileFacts } from './stat-cache.js';

/** Files up to this size are hashed in one native call, larger ones in pieces of this size. */
const pieceSize = 1024 * 1024;

/** Never follow what became a link meanwhile, never wait for the other end of what became a pipe. */
export const openFlags: number = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

const bigint = { bigint: true } as const;
/** How much of a file git looks at to tell text from binary. */
const textProbe = 8000;
const keyMarker = 'PRIVATE KEY-----';
const keyHeader = /^-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/m;
const puttyHeader = 'PuTTY-User-Key-File-';

let scratch: Buffer | undefined;

/**
 * Hashes a regular file that had this stat a moment ago. `shown` names it in errors.
 * Throws `ERR_BAKE_INPUT_CHANGED` where the stat is another one afterwards, `ERR_BAKE_INPUT_UNREADABLE` where it cannot be read.
 */
export function hashFile(source: string, shown: string, stat: BigIntStats): FileFacts {
  scratch ??= Buffer.allocUnsafeSlow(pieceSize);
  let file: number;
  try {
    file = openSync(source, openFlags);
  } catch (error) {
    throw walkError(shown, error);
  }
  try {
    const facts = stat.size <= pieceSize ? hashWhole(file, scratch, stat) : hashPieces(file, scratch, stat);
    if (!facts || !isSame(stat, fstatSync(file, bigint)))
      throw inputError('ERR_BAKE_INPUT_CHANGED', shown, 'changed while it was read');
    return facts;
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? walkError(shown, error) : error;
  } finally {
    closeSync(file);
  }
}

/** Whether two stats are of one file in one state. */
function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs;
}

function hashWhole(file: number, buffer: Buffer, stat: BigIntStats): FileFacts | undefined {
  const bytes = buffer.subarray(0, Number(stat.size));
  if (fill(file, bytes) !== bytes.length) return undefined;
  return { digest: crypto.hash('sha256', bytes, 'hex'), flags: look(bytes) };
}

function hashPieces(file: number, buffer: Buffer, stat: BigIntStats): FileFacts | undefined {
  const hash = crypto.createHash('sha256');
  let flags = 0;
  let left = Number(stat.size);
  for (let first = true; left > 0; first = false) {
    const piece = buffer.subarray(0, Math.min(left, buffer.length));
    if (fill(file, piece) !== piece.length) return undefined;
    // What is looked for stands at the beginning, if anywhere.
    if (first) flags = look(piece);
    hash.update(piece);
    left -= piece.length;
  }
  return { digest: hash.digest('hex'), flags };
}

/** Reads until the buffer is full or the file ends. */
function fill(file: number, buffer: Buffer): number {
  let at = 0;
  while (at < buffer.length) {
    const read = readSync(file, buffer, at, buffer.length - at, null);
    if (read === 0) break;
    at += read;
  }
  return at;
}

function look(bytes: Buffer): number {
  let flags = 0;
  if (bytes.includes('\r\n') && !bytes.subarray(0, textProbe).includes(0)) flags |= factFlags.crlf;
  if (bytes.includes(keyMarker) && keyHeader.test(bytes.toString('latin1'))) flags |= factFlags.privateKey;
  else if (bytes.subarray(0, puttyHeader.length).equals(Buffer.from(puttyHeader))) flags |= factFlags.privateKey;
  return flags;
}
