import { BakeError } from '../errors/index.js';

/** The error code of the operating system, where there is one. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether a path was not there. A file where a folder would have to be means the same. */
export function isAbsent(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR';
}

/** What a caller is told about an error of the file system. `where` is a path. */
export function storeError(error: unknown, writing: boolean, where: string): Error {
  const code = systemCode(error);
  const options = { cause: error, data: { path: where, ...(code === undefined ? {} : { errno: code }) } };
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new BakeError('ERR_BAKE_DISK_FULL', `No space is left to write ${where}`, options);
  // Node answers ENOENT where a folder and the one above it are missing on a read-only file system.
  const noFolder = code === 'ENOENT' && error instanceof Error && 'syscall' in error && error.syscall === 'mkdir';
  if (writing && (code === 'EROFS' || code === 'EACCES' || code === 'EPERM' || noFolder))
    return new BakeError('ERR_BAKE_READ_ONLY', `${where} cannot be written`, options);
  const reason = error instanceof Error ? error.message : String(error);
  return new BakeError('ERR_BAKE_STORE', `${where} could not be ${writing ? 'written' : 'read'}: ${reason}`, options);
}
