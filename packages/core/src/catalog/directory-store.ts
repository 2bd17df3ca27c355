import {
  closeSync,
  existsSync,
  fstatSync,
  fsync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { BakeError } from '../errors/index.js';
import { chunkSize } from '../tree/types.js';
import { isReserved, listFolder } from './directory-list.js';
import { assertKey } from './keys.js';
import { isGone, ownerOfTemporary, temporaryName } from './owner.js';
import type { ByteRange, Passing, PutOptions, Store, StoreReceipt, StoreValue } from './store.js';
import { isAbsent, storeError, systemCode } from './store-errors.js';
import { streamOf } from './streams.js';

const sync = promisify(fsync);
const piece = 1024 * 1024;

/** How a folder is opened as a store. */
export interface DirectoryStoreOptions {
  /** Refuse to write, with `ERR_BAKE_READ_ONLY`. Default false. */
  readonly readOnly?: boolean;
}

/**
 * A store in a folder: each key a file, written as a temporary file and then linked (`ifAbsent`) or renamed into place.
 * The folder is made (mode 0700) by the first write. `tmp/` in it is the store's own;
 * `cache/` and `providers/` belong to others and cannot be reached.
 */
export async function openDirectoryStore(dir: string, options: DirectoryStoreOptions = {}): Promise<Store> {
  return new DirectoryStore(resolve(dir), options.readOnly ?? false);
}

class DirectoryStore implements Store {
  readonly #root: string;
  readonly #folders = new Set<string>();
  readonly #readOnly: boolean;
  #ready = false;

  constructor(root: string, readOnly: boolean) {
    this.#root = root;
    this.#readOnly = readOnly;
  }

  async get(key: string, range: ByteRange = { start: 0 }): Promise<StoreValue | undefined> {
    const path = this.#path(key);
    let file: number;
    try {
      file = openSync(path, 'r');
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw storeError(error, false, path);
    }
    try {
      const stat = fstatSync(file);
      if (!stat.isFile()) return undefined;
      const end = Math.min(range.end ?? stat.size, stat.size);
      const start = Math.min(range.start, end);
      const storedAt = stat.mtimeMs;
      if (end - start <= chunkSize) return { stream: streamOf(readSlice(file, start, end)), storedAt };
      return { stream: readPieces(path, start, end), storedAt };
    } catch (error) {
      throw storeError(error, false, path);
    } finally {
      closeSync(file);
    }
  }

  async put(
    key: string,
    data: Uint8Array | AsyncIterable<Uint8Array>,
    { ifAbsent = false, passing = false }: PutOptions = {},
  ): Promise<StoreReceipt> {
    const path = this.#path(key);
    this.#assertWritable(path);
    // Spares reading a stream for nothing; the link below is what decides.
    if (ifAbsent && existsSync(path)) return this.#alreadyThere(path);
    await this.#prepare();
    const temporary = join(this.#root, 'tmp', temporaryName());
    let placed = false;
    try {
      const storedAt = await this.#write(temporary, path, data, passing);
      try {
        await this.#folder(dirname(path));
        if (ifAbsent) linkSync(temporary, path);
        else renameSync(temporary, path);
        placed = !ifAbsent;
        if (!passing) await syncFolder(dirname(path));
      } catch (error) {
        if (ifAbsent && systemCode(error) === 'EEXIST') return await this.#alreadyThere(path);
        throw storeError(error, true, path);
      }
      return { written: true, storedAt };
    } finally {
      if (!placed) remove(temporary);
    }
  }

  async list(prefix: string, after: string | undefined, limit: number): Promise<readonly string[]> {
    return listFolder(this.#root, prefix, after, limit);
  }

  async delete(key: string, { passing = false }: Passing = {}): Promise<void> {
    const path = this.#path(key);
    this.#assertWritable(path);
    try {
      unlinkSync(path);
      if (!passing) await syncFolder(dirname(path));
    } catch (error) {
      if (!isAbsent(error)) throw storeError(error, true, path);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is held open between calls.
  }

  #path(key: string): string {
    assertKey(key);
    if (isReserved(key)) throw new BakeError('ERR_BAKE_STORE', `The folder of this key is not the store's: ${key}`);
    return join(this.#root, key);
  }

  #assertWritable(path: string): void {
    if (this.#readOnly) throw new BakeError('ERR_BAKE_READ_ONLY', `${path} cannot be written: the store is read-only`);
  }

  /** The other writer's link may not be durable yet, and the caller will build on it. */
  async #alreadyThere(path: string): Promise<StoreReceipt> {
    try {
      const storedAt = statSync(path).mtimeMs;
      if (this.#ready) await syncFolder(dirname(path));
      return { written: false, storedAt };
    } catch (error) {
      throw storeError(error, true, path);
    }
  }

  /** Errors of the data's own are passed on as they are. */
  async #write(
    temporary: string,
    path: string,
    data: Uint8Array | AsyncIterable<Uint8Array>,
    passing: boolean,
  ): Promise<number> {
    const failed = (error: unknown): never => {
      throw storeError(error, true, path);
    };
    const file = attempt(() => openSync(temporary, 'wx', 0o600), failed);
    try {
      if (data instanceof Uint8Array) attempt(() => writeWhole(file, data), failed);
      else for await (const bytes of data) attempt(() => writeWhole(file, bytes), failed);
      if (!passing) await sync(file).catch(failed);
      return attempt(() => fstatSync(file).mtimeMs, failed);
    } finally {
      closeSync(file);
    }
  }

  /** Once for each opened store: its folders, and what dead processes of this host left behind. */
  async #prepare(): Promise<void> {
    if (this.#ready) return;
    const tmp = join(this.#root, 'tmp');
    try {
      await this.#folder(tmp);
      for (const name of readdirSync(tmp)) {
        const owner = ownerOfTemporary(name);
        if (owner !== undefined && isGone(owner)) await rm(join(tmp, name), { force: true });
      }
    } catch (error) {
      throw storeError(error, true, tmp);
    }
    this.#ready = true;
  }

  /** Makes a folder and those above it, and makes that durable: a file in a folder that is lost is lost too. */
  async #folder(path: string): Promise<void> {
    if (this.#folders.has(path)) return;
    const first = mkdirSync(path, { recursive: true, mode: 0o700 });
    if (first !== undefined)
      for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
    this.#folders.add(path);
  }
}

function attempt<T>(action: () => T, failed: (error: unknown) => never): T {
  try {
    return action();
  } catch (error) {
    return failed(error);
  }
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at);
}

function readSlice(file: number, start: number, end: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(end - start);
  let at = 0;
  while (at < bytes.length) {
    const got = readSync(file, bytes, at, bytes.length - at, start + at);
    if (got === 0) break;
    at += got;
  }
  return bytes.subarray(0, at);
}

async function* readPieces(path: string, start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
  const failed = (error: unknown): never => {
    throw storeError(error, false, path);
  };
  const file = attempt(() => openSync(path, 'r'), failed);
  try {
    for (let at = start; at < end; at += piece)
      yield attempt(() => readSlice(file, at, Math.min(at + piece, end)), failed);
  } finally {
    closeSync(file);
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = openSync(path, 'r');
  try {
    await sync(folder);
  } finally {
    closeSync(folder);
  }
}

/** The first error is the one that counts; what stays is reclaimed later. */
function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Not made, or already gone.
  }
}
