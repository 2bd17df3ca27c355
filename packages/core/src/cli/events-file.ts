import { closeSync, openSync, writeSync } from 'node:fs';
import { createJsonLines } from '../events/json-lines.js';
import type { Redactor } from '../events/redact.js';
import type { TimedEvent } from '../events/types.js';
import { usageError } from './usage.js';

export interface EventsFile {
  write(event: TimedEvent): void;
  /** The error that lost events, if one did. */
  close(): Error | undefined;
}

/** Opens what `--events FILE` names. Throws `ERR_BAKE_USAGE` where that cannot be written. */
export function openEventsFile(path: string, redactor: Redactor): EventsFile {
  let file: number | undefined;
  let failure: Error | undefined;
  try {
    file = openSync(path, 'w', 0o644);
  } catch (cause) {
    throw usageError(`--events: ${cause instanceof Error ? cause.message : String(cause)}`, undefined, cause);
  }
  const fail = (error: unknown): void => {
    failure ??= error instanceof Error ? error : new Error(String(error));
  };
  const append = createJsonLines((line) => {
    if (file === undefined || failure !== undefined) return;
    try {
      writeSync(file, line);
    } catch (error) {
      fail(error);
    }
  }, redactor);
  return {
    write: append,
    close() {
      try {
        if (file !== undefined) closeSync(file);
      } catch (error) {
        fail(error);
      }
      file = undefined;
      return failure;
    },
  };
}
