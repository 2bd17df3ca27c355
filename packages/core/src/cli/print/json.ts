import type { BakeError } from '../../errors/index.js';
import type { JsonShape } from '../command.js';

/**
 * The one document of `--json`, with its line end. Members that are `undefined` become `null`, so that none is left out;
 * `error` is there only where the command failed.
 */
export function jsonDocument(shape: JsonShape, error: BakeError | null): string {
  const failure = error && { code: error.code, message: error.message, hint: error.hint ?? null, data: error.data };
  const document = { schema: 1, ...shape, ...(failure ? { error: failure } : {}) };
  return `${JSON.stringify(document, (_key, value: unknown) => (value === undefined ? null : value), 2)}\n`;
}
