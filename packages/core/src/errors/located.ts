import { BakeError, isBakeError } from './bake-error.js';

/** The same error with the place in the definition that it is about before its message; any other error as it is. */
export function located(error: unknown, where: string): unknown {
  if (!isBakeError(error) || 'where' in error.data || error.message.startsWith(where)) return error;
  return new BakeError(error.code, `${where}: ${error.message}`, {
    data: { ...error.data, where },
    cause: error.cause ?? error,
    ...(error.hint !== undefined && { hint: error.hint }),
  });
}
