import { redactEvent } from './emit.js';
import type { Redactor } from './redact.js';
import type { TimedEvent } from './types.js';

/**
 * A receiver of events that writes each as one line of JSON, in one call of `write`: what `--events FILE` holds.
 * Masked before it is written as JSON, so that a mask never breaks an escape.
 */
export function createJsonLines(write: (line: string) => void, redactor: Redactor): (event: TimedEvent) => void {
  return (timed) => write(`${JSON.stringify({ ...timed, event: redactEvent(redactor, timed.event) })}\n`);
}
