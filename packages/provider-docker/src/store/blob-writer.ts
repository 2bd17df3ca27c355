import * as fs from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { OciDigest } from '@bakehouse/core/provider';
import { breathe } from './abort.js';
import { makeFolder, storageError, type StateFolder } from './state.js';

const bufferSize = 1024 * 1024;
const breatheAfter = 16 * 1024 * 1024;

/** A blob as it is kept. */
export interface StoredBlob {
  readonly digest: OciDigest;
  readonly size: number;
}

/** A file that is hashed while it is written, beside its place until it is complete. */
export interface HashedFile {
  /** Bytes so far. */
  readonly position: number;
  write(chunk: Uint8Array): void;
  /** To be awaited now and then; yields after every 16 MiB, and throws when the run was interrupted. */
  pause(): Promise<void> | undefined;
  /** Flushes and closes. The file is still under its temporary name. */
  close(): StoredBlob;
  /** Closes and moves the file to `path`, or to where its digest says. */
  commit(path: string | ((hex: string) => string)): StoredBlob;
  /** Closes and removes. Safe to call at any time; does nothing after a commit. */
  discard(): void;
  readonly path: string;
}

/** Opens a new file at `path`, which must not exist. */
export function createHashedFile(path: string, signal: AbortSignal): HashedFile {
  const fd = guarded(path, () => fs.openSync(path, 'wx', 0o644));
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(bufferSize);
  let used = 0;
  let position = 0;
  let breathed = 0;
  let open = true;
  let done = false;
  let stored: StoredBlob | undefined;

  const flush = (bytes: Uint8Array): void => {
    hash.update(bytes);
    guarded(path, () => {
      for (let at = 0; at < bytes.length;) at += fs.writeSync(fd, bytes, at, bytes.length - at);
    });
  };
  const closeFile = (): void => {
    if (open) fs.closeSync(fd);
    open = false;
  };
  const close = (): StoredBlob => {
    if (stored !== undefined) return stored;
    if (used > 0) flush(buffer.subarray(0, used));
    closeFile();
    stored = { digest: `sha256:${hash.digest('hex')}`, size: position };
    return stored;
  };

  return {
    path,
    get position() {
      return position;
    },
    write(chunk) {
      position += chunk.length;
      if (used + chunk.length > bufferSize) {
        if (used > 0) flush(buffer.subarray(0, used));
        used = 0;
      }
      if (chunk.length > bufferSize) {
        flush(chunk);
        return;
      }
      buffer.set(chunk, used);
      used += chunk.length;
    },
    pause() {
      if (position - breathed < breatheAfter) return undefined;
      breathed = position;
      return breathe(signal);
    },
    close,
    commit(destination) {
      const blob = close();
      const to = typeof destination === 'string' ? destination : destination(blob.digest.slice('sha256:'.length));
      guarded(to, () => {
        fs.renameSync(path, to);
      });
      done = true;
      return blob;
    },
    discard() {
      if (done) return;
      done = true;
      closeFile();
      fs.rmSync(path, { force: true });
    },
  };
}

/** A blob in the making. */
export function createBlob(state: StateFolder, signal: AbortSignal): HashedFile {
  return createHashedFile(state.temp(), signal);
}

/** Puts a finished blob where its digest says. An older copy, which may be damaged, is replaced. */
export function commitBlob(state: StateFolder, file: HashedFile): StoredBlob {
  makeFolder(state.blobs);
  return file.commit((hex) => join(state.blobs, hex));
}

/** Stores bytes that are at hand. */
export function putBlob(state: StateFolder, bytes: Uint8Array, signal: AbortSignal): StoredBlob {
  const file = createBlob(state, signal);
  try {
    file.write(bytes);
    return commitBlob(state, file);
  } catch (error) {
    file.discard();
    throw error;
  }
}

function guarded<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw storageError(error, path);
  }
}
