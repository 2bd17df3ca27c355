import { BakeError, type ErrorCode } from '../errors/index.js';

/** The `code` of a system error, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** A fault of an input. `path` is as people know it: relative to the definition, never an absolute path of this machine. */
export function inputError(code: ErrorCode, path: string, problem: string, cause?: unknown): BakeError {
  return new BakeError(code, `${path} ${problem}`, { data: { path }, cause });
}

/** What a system error means for a file or folder that was there a moment ago. */
export function walkError(path: string, error: unknown): BakeError {
  const code = systemCode(error) ?? 'unknown';
  // ELOOP: a link now, which O_NOFOLLOW refuses. ENOTDIR, EISDIR: the kind of thing changed.
  if (['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENXIO', 'ESTALE'].includes(code))
    return inputError('ERR_BAKE_INPUT_CHANGED', path, 'changed or vanished while it was read', error);
  return inputError('ERR_BAKE_INPUT_UNREADABLE', path, `cannot be read (${code})`, error);
}

/** What a system error means for a path that the definition names. */
export function namedPathError(path: string, error: unknown): BakeError {
  const code = systemCode(error) ?? 'unknown';
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return inputError('ERR_BAKE_INPUT_MISSING', path, 'does not exist', error);
  if (code === 'ELOOP') return inputError('ERR_BAKE_INPUT_MISSING', path, 'is a link that leads to itself', error);
  return inputError('ERR_BAKE_INPUT_UNREADABLE', path, `cannot be read (${code})`, error);
}
