import { BakeError, isBakeError } from './bake-error.js';

/** Whether an error is the consequence of an abort rather than a failure of its own. */
export function isAborted(error: unknown, signal: AbortSignal): boolean {
  if (isBakeError(error, 'ERR_BAKE_ABORTED')) return true;
  if (!signal.aborted) return false;
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}

/** The error of an interrupted run. */
export function abortedError(cause?: unknown): BakeError {
  return new BakeError('ERR_BAKE_ABORTED', 'interrupted', { cause });
}
