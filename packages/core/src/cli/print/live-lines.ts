import { short } from '../../plan/digest.js';
import { isActive, type Job, type Progress } from '../progress.js';
import { count } from './marks.js';
import { plain } from './style.js';
import { pad, textWidth, truncate, visible } from './text.js';
import { duration } from './time.js';
import type { View } from './view.js';

export interface Frame extends View {
  /** Rows of the terminal; the tree takes fewer. */
  readonly rows: number;
  /** Counts frames, for what moves. */
  readonly tick: number;
  /** When the run started, milliseconds since 1970. */
  readonly startedAt: number;
}

/** A line with and without its colours. Never wider than the frame. */
export interface LiveLine {
  readonly painted: string;
  readonly plain: string;
}

const spinner = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

/** A run is not worth a line before it took this long, in milliseconds. */
const patience = 300;

/** The lines of one frame: each job that is being worked on, under it the last line of its log, and how far it all is. */
export function liveLines(progress: Progress, frame: Frame): readonly LiveLine[] {
  const active = progress.jobs.filter(isActive);
  const sign = spinner[frame.tick % spinner.length] ?? '';
  if (active.length === 0 && frame.now - frame.startedAt < patience) return [];
  const room = Math.max(1, frame.rows - 3);
  const logs = active.length * 2 <= room;
  const shown = active.slice(0, logs ? active.length : room - 1);
  const names = Math.max(0, ...shown.map(({ subject }) => textWidth(nameOf(subject, active))));
  return [
    ...shown.flatMap((job) => [
      jobLine(job, sign, Math.min(names, Math.floor(frame.columns / 3)), nameOf(job.subject, active), frame),
      ...(logs && job.tail.length > 0 ? [logOf(job, frame)] : []),
    ]),
    ...(shown.length < active.length ? [line(frame, [['dim', `  … ${active.length - shown.length} more`]])] : []),
    totalLine(progress, active, sign, frame),
  ];
}

type Pieces = readonly (readonly [colour: Parameters<View['style']>[0] | null, text: string])[];

/** Puts pieces together, cutting what is too wide. */
function line({ columns, style }: Frame, pieces: Pieces): LiveLine {
  let room = columns;
  const cut = pieces.map(([colour, text]) => {
    const part = truncate(text, room);
    room -= textWidth(part);
    return [colour, part] as const;
  });
  const put = (paint: View['style']): string =>
    cut.map(([colour, text]) => (colour === null ? text : paint(colour, text))).join('');
  return { painted: put(style), plain: put(plain) };
}

function nameOf({ image, target }: Job['subject'], active: readonly Job[]): string {
  const twice = active.some(({ subject }) => subject.image === image && subject.target !== target);
  return visible(twice ? `${image} ${target}` : image);
}

function jobLine(job: Job, sign: string, names: number, name: string, frame: Frame): LiveLine {
  const elapsed = duration(Math.max(0, frame.now - job.startedAt));
  const share = job.fraction === null ? '' : `  ${Math.round(Math.min(1, Math.max(0, job.fraction)) * 100)} %`;
  const end = `${share}  ${elapsed}`;
  const head = `${sign} ${pad(truncate(name, names), names)}  `;
  const digits = frame.columns < 60 ? '' : `${short(job.subject.version)}  `;
  const room = frame.columns - textWidth(head) - digits.length - end.length;
  return line(frame, [
    [null, head],
    ['cyan', digits],
    [null, truncate(doing(job), Math.max(0, room))],
    ['dim', end],
  ]);
}

function doing({ phase, detail }: Job): string {
  if (phase === 'waiting') return `waits for ${visible(detail)}`;
  if (phase === 'checking') return detail === '0' ? 'checking' : `checking · ${count(Number(detail), 'check')}`;
  return detail === '' ? 'building' : visible(detail);
}

function logOf({ tail }: Job, frame: Frame): LiveLine {
  return line(frame, [['dim', `  │ ${tail.at(-1) ?? ''}`]]);
}

function totalLine(progress: Progress, active: readonly Job[], sign: string, frame: Frame): LiveLine {
  const elapsed = duration(Math.max(0, frame.now - frame.startedAt));
  if (progress.total === null) return line(frame, [['dim', `${sign} planning  ${elapsed}`]]);
  const done = progress.jobs.length - active.length;
  return line(frame, [['dim', `  ${done} of ${progress.total} done · ${elapsed}`]]);
}
