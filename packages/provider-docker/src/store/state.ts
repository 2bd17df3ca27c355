import * as fs from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { BakeError, type ArtifactKey } from '@bakehouse/core/provider';

/** Where things are under the provider's state folder. */
export interface StateFolder {
  readonly root: string;
  readonly blobs: string;
  readonly layouts: string;
  readonly temporary: string;
  /** Path of a blob, by the hex digits of its sha256. */
  blob(hex: string): string;
  /** The OCI layout of one version. */
  layout(key: ArtifactKey): string;
  /** A file of the cache. */
  cache(kind: 'index' | 'layers' | 'bases' | 'stat', name: string): string;
  /** A new path for a temporary file or folder; its folder exists. Other processes see whose it is by the pid. */
  temp(): string;
}

export function stateFolder(root: string): StateFolder {
  const temporary = join(root, 'tmp');
  const blobs = join(root, 'blobs', 'sha256');
  return {
    root,
    blobs,
    layouts: join(root, 'layouts'),
    temporary,
    blob: (hex) => join(blobs, hex),
    layout: (key) => join(root, 'layouts', key.project, key.image, key.target, key.version),
    cache: (kind, name) => join(root, 'cache', kind, name),
    temp: () => {
      makeFolder(temporary);
      return join(temporary, `${process.pid}-${randomBytes(8).toString('hex')}`);
    },
  };
}

/** Creates a folder and its parents. Throws `ERR_BAKE_READ_ONLY` or `ERR_BAKE_DISK_FULL`. */
export function makeFolder(path: string): void {
  try {
    fs.mkdirSync(path, { recursive: true });
  } catch (error) {
    throw storageError(error, path);
  }
}

/** Temporary files and folders whose process is gone. */
export function staleTemporaries(state: StateFolder): readonly string[] {
  return listNames(state.temporary)
    .filter((name) => !isAlive(Number.parseInt(name, 10)))
    .map((name) => join(state.temporary, name));
}

/** Names in a folder, none where it does not exist. */
export function listNames(path: string): readonly string[] {
  try {
    return fs.readdirSync(path).sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return [];
    throw storageError(error, path);
  }
}

/** What went wrong while the state folder was written, as people can act on it. Other errors come back as they are. */
export function storageError(error: unknown, path: string): unknown {
  const code = errorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new BakeError('ERR_BAKE_DISK_FULL', `no space left to write ${path}`, { data: { path }, cause: error });
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM')
    return new BakeError('ERR_BAKE_READ_ONLY', `${path} cannot be written`, { data: { path }, cause: error });
  return error;
}

/** The system's code of an error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}
