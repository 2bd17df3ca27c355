import type { Subject, TimedEvent } from '../events/types.js';
import { logLine } from './print/text.js';

/** How many last lines of a log are kept, to be shown where a build fails. */
const tailLength = 12;

/** One version that is being worked on, or was. */
export interface Job {
  readonly subject: Subject;
  readonly phase: 'waiting' | 'building' | 'checking' | 'built' | 'reused' | 'failed' | 'skipped';
  /** What it is busy with: a step, who it waits for. */
  readonly detail: string;
  /** 0 to 1, where the step knows. */
  readonly fraction: number | null;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds from its start, once it has ended. */
  readonly took: number | null;
  /** Last lines of the log, harmless. */
  readonly tail: readonly string[];
}

/** What a run is doing, as its events tell. */
export interface Progress {
  /** Versions to be looked at; `null` before that is known. */
  readonly total: number | null;
  readonly jobs: readonly Job[];
  /** Takes an event in; answers the job that it changed, as it is now. */
  apply(event: TimedEvent): Job | undefined;
}

export const isActive = ({ phase }: Job): boolean =>
  phase === 'waiting' || phase === 'building' || phase === 'checking';

export function createProgress(): Progress {
  const jobs = new Map<string, Job>();
  let total: number | null = null;

  return {
    get total() {
      return total;
    },
    get jobs() {
      return [...jobs.values()];
    },
    apply({ time, event }) {
      if (event.type === 'planned') total = event.total;
      if (!('version' in event)) return undefined;
      const { image, target, version } = event;
      const key = JSON.stringify([image, target, version]);
      const at = Date.parse(time);
      const before = jobs.get(key) ?? {
        subject: { image, target, version },
        phase: 'building' as const,
        detail: '',
        fraction: null,
        startedAt: at,
        took: null,
        tail: [],
      };
      const after = next(before, event, at);
      jobs.set(key, after);
      return after;
    },
  };
}

function next(job: Job, event: TimedEvent['event'], at: number): Job {
  switch (event.type) {
    case 'started':
      return { ...job, phase: 'building', detail: '', fraction: null, startedAt: at };
    case 'waiting':
      return { ...job, phase: 'waiting', detail: event.holder };
    case 'step':
      return { ...job, detail: event.step, fraction: event.fraction };
    case 'log': {
      const line = logLine(event.line);
      return line === '' ? job : { ...job, tail: [...job.tail, line].slice(-tailLength) };
    }
    case 'checking':
      return { ...job, phase: 'checking', detail: String(event.checks), fraction: null, tail: [] };
    case 'finished':
      return { ...job, phase: event.outcome, detail: event.message ?? '', fraction: null, took: at - job.startedAt };
    default:
      return job;
  }
}
