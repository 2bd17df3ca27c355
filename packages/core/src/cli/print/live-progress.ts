import type { TimedEvent } from '../../events/types.js';
import type { Job } from '../progress.js';
import { liveLines } from './live-lines.js';
import { noticeLines, tailLines, type RendererOptions } from './plain-progress.js';
import { short } from '../../plan/digest.js';
import type { ProgressRenderer } from './renderer.js';
import { logLine, textWidth, visible } from './text.js';

/** Milliseconds between two frames. */
const interval = 100;

const escape = '\u001b';
const csi = (code: string): string => `${escape}[${code}`;
/** Terminals that know these show a frame at once; the others ignore them. */
const [beginFrame, endFrame] = [csi('?2026h'), csi('?2026l')];
const [hideCursor, showCursor] = [csi('?25l'), csi('?25h')];

export interface LiveOptions extends RendererOptions {
  readonly now: () => number;
  /** Registers what must happen however the process ends; returns how to take it back. */
  readonly atExit: (restore: () => void) => () => void;
}

/**
 * A tree on a terminal that is drawn anew about ten times a second and wipes itself at the end. Each frame is one
 * write. What is to stay (warnings, the log of what failed) is written above it.
 */
export function createLiveRenderer(options: LiveOptions): ProgressRenderer {
  const { sink, progress, view, now, atExit } = options;
  /** Width of each line that is on the screen now, the cursor being at the end of the last one. */
  let drawn: readonly number[] = [];
  let above: string[] = [];
  let tick = 0;
  let stopped = false;
  const startedAt = now();

  /** Goes to the start of the region and wipes it; lines that a narrower terminal wrapped count as what they take. */
  const wipe = (): string => {
    if (drawn.length === 0) return '';
    const rows = drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / sink.columns)), 0) - 1;
    return `\r${rows > 0 ? csi(`${rows}A`) : ''}${csi('0J')}`;
  };

  const frame = (last: boolean): void => {
    const lines = last
      ? []
      : liveLines(progress, { ...view(), columns: sink.columns - 1, rows: sink.rows, tick, startedAt });
    const kept = above.map((line) => `${line}\n`).join('');
    above = [];
    if (lines.length === 0 && drawn.length === 0) return sink.write(kept);
    const text = lines.map(({ painted }) => painted).join('\n');
    const cursor = last ? showCursor : drawn.length === 0 ? hideCursor : '';
    sink.write(beginFrame + wipe() + kept + text + cursor + endFrame);
    drawn = lines.map(({ plain }) => textWidth(plain));
  };

  const timer = setInterval(() => {
    tick++;
    frame(false);
  }, interval);
  timer.unref();
  const stopListening = sink.onResize(() => frame(false));
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    clearInterval(timer);
    stopListening();
    frame(true);
    forget();
  };
  const forget = atExit(stop);

  return {
    handle(timed: TimedEvent, job: Job | undefined): void {
      if (stopped) return;
      above.push(...noticeLines(timed, view()), ...logLines(timed, options));
      if (timed.event.type === 'finished' && job?.phase === 'failed')
        above.push(`${visible(job.subject.image)}  ${short(job.subject.version)}  failed`, ...tailLines(job, view()));
    },
    note(lines) {
      if (stopped) sink.lines(lines);
      else above.push(...lines);
    },
    stop,
  };
}

/** Lines of the log, above the tree, where they were asked for. */
function logLines({ event }: TimedEvent, { view }: LiveOptions): readonly string[] {
  if (event.type !== 'log' || !view().verbose) return [];
  return [`${view().style('dim', `${visible(event.image)} │`)} ${logLine(event.line)}`];
}
