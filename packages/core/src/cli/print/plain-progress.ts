import { short } from '../../plan/digest.js';
import type { TimedEvent } from '../../events/types.js';
import type { Job, Progress } from '../progress.js';
import { printWarning } from './error.js';
import { count } from './marks.js';
import type { Sink } from './output.js';
import type { ProgressRenderer } from './renderer.js';
import { logLine, pad, shortDigests, visible } from './text.js';
import { duration } from './time.js';
import type { View } from './view.js';

export interface RendererOptions {
  readonly sink: Sink;
  readonly progress: Progress;
  readonly view: () => View;
}

/** One line for each change of state, for logs and CI: what was only looked up is not mentioned. */
export function createPlainRenderer({ sink, view }: Omit<RendererOptions, 'progress'>): ProgressRenderer {
  let names = 0;
  const told = new Map<string, string>();

  const say = ({ subject }: Job, text: string): void => {
    const name = visible(subject.image);
    names = Math.max(names, name.length);
    sink.lines([`${pad(name, names)}  ${sink.style('cyan', short(subject.version))}  ${text}`]);
  };

  return {
    handle(timed: TimedEvent, job: Job | undefined): void {
      const line = eventLine(timed, job, told, view().verbose);
      if (job !== undefined && line !== undefined) say(job, line);
      if (job?.phase === 'failed' && timed.event.type === 'finished') sink.lines(tailLines(job, view()));
      sink.lines(noticeLines(timed, view()));
    },
    note: (lines) => sink.lines(lines),
    stop: () => undefined,
  };
}

/** What an event says about its job, where that is worth a line. */
function eventLine(
  { event }: TimedEvent,
  job: Job | undefined,
  told: Map<string, string>,
  verbose: boolean,
): string | undefined {
  if (job === undefined) return undefined;
  const key = `${job.subject.target} ${job.subject.version}`;
  switch (event.type) {
    case 'started':
      return 'started';
    case 'waiting':
      return `waits for ${visible(event.holder)}`;
    case 'step': {
      if (told.get(key) === event.step) return undefined;
      told.set(key, event.step);
      return visible(event.step);
    }
    case 'log':
      return verbose ? `│ ${logLine(event.line)}` : undefined;
    case 'checking':
      return event.checks === 0 ? undefined : `checking · ${count(event.checks, 'check')}`;
    case 'finished':
      if (event.outcome === 'built') return `built in ${duration(event.milliseconds)}`;
      // Why is part of the result.
      return event.outcome === 'failed' ? 'failed' : undefined;
    default:
      return undefined;
  }
}

/** The end of a failed job's log; with `--verbose` it was shown already. */
export function tailLines(job: Job, view: View): readonly string[] {
  if (view.verbose) return [];
  return job.tail.map((line) => view.style('dim', `    │ ${line}`));
}

/** Lines for events that are about no version. */
export function noticeLines({ event }: TimedEvent, view: View): readonly string[] {
  if (event.type === 'warning') return printWarning(event.message, view);
  if (event.type === 'resolved')
    return [visible(`resolved ${event.selector} for ${event.image}: ${shortDigests(event.id)}`)];
  return [];
}
