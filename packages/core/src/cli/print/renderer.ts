import type { TimedEvent } from '../../events/types.js';
import type { Job } from '../progress.js';

/** Shows what a run is doing while it does it. */
export interface ProgressRenderer {
  /** `job` is the one that the event changed, if any. */
  handle(event: TimedEvent, job: Job | undefined): void;
  /** Shows lines that are to stay. */
  note(lines: readonly string[]): void;
  /** Takes away what is not to stay. Idempotent. */
  stop(): void;
}
