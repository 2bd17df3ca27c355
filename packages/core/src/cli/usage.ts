import { BakeError } from '../errors/index.js';

/** Something that was typed makes no sense. */
export function usageError(message: string, hint?: string, cause?: unknown): BakeError {
  return new BakeError('ERR_BAKE_USAGE', message, {
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}
