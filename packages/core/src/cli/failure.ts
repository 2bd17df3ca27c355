import { abortedError, isAborted } from '../errors/abort.js';
import { BakeError, codeEntry, isBakeError } from '../errors/index.js';

/**
 * Whatever was thrown, as an error with a code. Of several at once the first that has one speaks, the others are its
 * cause; what has none is a fault of our own.
 */
export function toBakeError(error: unknown, signal: AbortSignal): BakeError {
  if (isBakeError(error)) return error;
  if (isAborted(error, signal)) return abortedError(error);
  const first = error instanceof AggregateError ? error.errors.find((one) => isBakeError(one)) : undefined;
  if (isBakeError(first)) {
    const hint = first.hint === undefined ? {} : { hint: first.hint };
    return new BakeError(first.code, first.message, { ...hint, data: first.data, cause: error });
  }
  return new BakeError('ERR_BAKE_INTERNAL', error instanceof Error ? error.message : String(error), { cause: error });
}

/** The exit code of an error. */
export function exitOf(error: BakeError): number {
  return codeEntry(error.code)?.exit ?? 1;
}
