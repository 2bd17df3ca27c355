import type { Json } from '../plan/json.js';
import { codeEntry, type ErrorCode } from './codes.js';

/** What a {@link BakeError} carries beside its code and message. */
export interface BakeErrorOptions {
  /** What to do next. Default: the catalogue's hint for the code, if it has one. */
  readonly hint?: string;
  /** Facts for programs: stable keys per code, JSON only, never secrets. Default: `{}`. */
  readonly data?: Readonly<Record<string, Json>>;
  /** The error underneath. */
  readonly cause?: unknown;
}

/**
 * Every error this library throws on purpose.
 * `code` and `data` are stable and may be matched on; `message` and `hint` are for people and may change.
 */
export class BakeError extends Error {
  override readonly name: string = 'BakeError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly data: Readonly<Record<string, Json>>;

  constructor(code: ErrorCode, message: string, options: BakeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? codeEntry(code).hint;
    this.data = options.data ?? {};
  }
}

/**
 * Whether `error` is a {@link BakeError}, optionally of one code.
 * Compares by name and code, so that an error of another copy of this package is recognised too.
 */
export function isBakeError(error: unknown, code?: ErrorCode): error is BakeError {
  if (!(error instanceof Error) || error.name !== 'BakeError' || !('code' in error)) return false;
  return code === undefined || error.code === code;
}
