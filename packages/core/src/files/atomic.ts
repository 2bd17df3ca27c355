import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BakeError } from '../errors/bake-error.js';

/**
 * Replaces a file so that a reader, or a power cut, finds the old or the new content and nothing in between:
 * a temporary file beside it, fsync, rename, fsync of the folder.
 * Throws `ERR_BAKE_DISK_FULL` or `ERR_BAKE_READ_ONLY` where that is why it could not be written.
 */
export async function writeFileAtomically(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o644);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    const folder = await open(dirname(file), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeError(error, file);
  }
}

/** Turns the error of a failed write into the one that says what to do. */
export function writeError(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new BakeError('ERR_BAKE_DISK_FULL', `no space is left to write ${file}`, { cause: error, data: { file } });
  }
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
    return new BakeError('ERR_BAKE_READ_ONLY', `${file} cannot be written`, {
      cause: error,
      data: { file },
    });
  }
  return error;
}
