import * as fs from 'node:fs';
import { createHash } from 'node:crypto';
import { BakeError, type OciDigest } from '@bakehouse/core/provider';
import { throwIfAborted, breathe } from './abort.js';
import { errorCode, type StateFolder } from './state.js';
import type { StoredBlob } from './blob-writer.js';

const chunk = 1024 * 1024;
const breatheAfter = 16 * 1024 * 1024;

/** The hex digits of a digest. */
export function hexOf(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** Whether a text is `sha256:` and 64 hex digits. */
export function isOciDigest(text: unknown): text is OciDigest {
  return typeof text === 'string' && /^sha256:[0-9a-f]{64}$/.test(text);
}

/** Size of a blob, `undefined` where it is not there. */
export function blobSize(state: StateFolder, digest: string): number | undefined {
  const found = fs.statSync(state.blob(hexOf(digest)), { throwIfNoEntry: false });
  return found?.isFile() === true ? found.size : undefined;
}

/** Whether a blob is there with the right size. Its bytes are only known once they are read. */
export function hasBlob(state: StateFolder, blob: StoredBlob): boolean {
  return blobSize(state, blob.digest) === blob.size;
}

/** The bytes of a small blob, `undefined` where they are not there or not those of the digest. */
export function readSmallBlob(state: StateFolder, digest: string): Buffer | undefined {
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(state.blob(hexOf(digest)));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  return createHash('sha256').update(bytes).digest('hex') === hexOf(digest) ? bytes : undefined;
}

/**
 * The bytes of a blob, checked while they are read: whoever uses them must read to the end before he believes them.
 * Where they are not those of the digest, the blob is removed, so that the next build makes it again.
 * Throws `ERR_BAKE_ARTIFACT_CORRUPT`.
 */
export async function* readBlob(state: StateFolder, blob: StoredBlob, signal: AbortSignal): AsyncGenerator<Buffer> {
  const path = state.blob(hexOf(blob.digest));
  const fd = openBlob(path, blob.digest);
  try {
    const hash = createHash('sha256');
    let total = 0;
    let breathed = 0;
    for (;;) {
      throwIfAborted(signal);
      const buffer = Buffer.allocUnsafe(chunk);
      const got = fs.readSync(fd, buffer, 0, chunk, null);
      if (got === 0) break;
      total += got;
      const bytes = buffer.subarray(0, got);
      hash.update(bytes);
      yield bytes;
      if (total - breathed >= breatheAfter) {
        breathed = total;
        await breathe(signal);
      }
    }
    if (total !== blob.size || hash.digest('hex') !== hexOf(blob.digest)) throw setAside(path, blob.digest);
  } finally {
    fs.closeSync(fd);
  }
}

/** Reads a blob to its end. Throws as {@link readBlob}. */
export async function verifyBlob(state: StateFolder, blob: StoredBlob, signal: AbortSignal): Promise<void> {
  const reader = readBlob(state, blob, signal);
  while ((await reader.next()).done !== true);
}

/** Reads a blob to its end, at once; returns its size. Throws as {@link readBlob}. */
export function rehash(state: StateFolder, digest: string): number {
  const path = state.blob(hexOf(digest));
  const fd = openBlob(path, digest);
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(chunk);
    let total = 0;
    for (let got = 1; got > 0; total += got) {
      got = fs.readSync(fd, buffer, 0, chunk, null);
      hash.update(buffer.subarray(0, got));
    }
    if (hash.digest('hex') !== hexOf(digest)) throw setAside(path, digest);
    return total;
  } finally {
    fs.closeSync(fd);
  }
}

function openBlob(path: string, digest: string): number {
  try {
    return fs.openSync(path, 'r');
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new BakeError('ERR_BAKE_ARTIFACT_CORRUPT', `the blob ${digest} is gone`, {
      data: { digest },
      cause: error,
    });
  }
}

function setAside(path: string, digest: string): BakeError {
  fs.rmSync(path, { force: true });
  return new BakeError('ERR_BAKE_ARTIFACT_CORRUPT', `the blob ${digest} was damaged`, { data: { digest } });
}
