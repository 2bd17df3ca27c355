import type { Redactor } from './redact.js';
import type { RunEvent, TimedEvent } from './types.js';

/** What an emitter works with. */
export interface EmitterOptions {
  /** Id of the run. */
  readonly run: string;
  /** The wall clock, milliseconds since 1970. */
  readonly now: () => number;
  /** Gets every event, in order. What it throws goes to whoever reported the event. Default: nobody. */
  readonly onEvent?: ((event: TimedEvent) => void) | undefined;
  readonly redactor: Redactor;
}

/** Makes what the parts of a run report their events to: adds time and run, and masks secrets before anyone sees them. */
export function createEmitter({ run, now, onEvent, redactor }: EmitterOptions): (event: RunEvent) => void {
  return (event) =>
    onEvent?.({ schema: 1, time: new Date(now()).toISOString(), run, event: redactEvent(redactor, event) });
}

/** Masks an event. The words that receivers match on are no secrets, also where a secret happens to be the same word. */
export function redactEvent(redactor: Redactor, event: RunEvent): RunEvent {
  const words = 'outcome' in event ? { type: event.type, outcome: event.outcome } : { type: event.type };
  return { ...redactor.redactJson(event), ...words } as RunEvent;
}
