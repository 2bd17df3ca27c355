import type { Redactor } from '../events/redact.js';
import type { Input } from './command.js';
import type { Progress } from './progress.js';
import { printWarning } from './print/error.js';
import { createSink, type Sink } from './print/output.js';
import type { ProgressRenderer } from './print/renderer.js';
import type { View } from './print/view.js';
import type { CliHost } from './types.js';

/** Where a run is seen: results on one stream, everything else on the other. */
export interface Terminal {
  readonly out: Sink;
  readonly err: Sink;
  readonly json: boolean;
  readonly view: (sink: Sink) => View;
  /** Masks secrets in all that is written from now on. */
  mask(redactor: Redactor): void;
  readonly redactor: () => Redactor;
  /** Shows a warning, once, unless only results are wanted. */
  warn(message: string): void;
  /** What shows the progress of a run; for most commands only its warnings. */
  renderer(progressing: boolean, progress: Progress): Promise<ProgressRenderer>;
}

const unmasked: Redactor = {
  redact: (text) => text,
  redactJson: (value) => value,
  stream: () => ({ push: (chunk) => chunk, end: () => '' }),
};

export function createTerminal(host: CliHost, input: Input): Terminal {
  let redactor = unmasked;
  const options = {
    env: host.env,
    noColor: input.flag('color') === false,
    mask: (text: string): string => redactor.redact(text),
  };
  const [out, err] = [createSink(host.stdout, options), createSink(host.stderr, options)];
  const now = host.now ?? Date.now;
  const quiet = input.flag('quiet') === true;
  const verbose = input.flag('verbose') === true;
  const view = (sink: Sink): View => ({ style: sink.style, columns: sink.columns, now: now(), verbose });
  const warned = new Set<string>();
  let current: ProgressRenderer | undefined;

  const warn = (message: string): void => {
    if (quiet || warned.has(message)) return;
    warned.add(message);
    const lines = printWarning(message, view(err));
    if (current) current.note(lines);
    else err.lines(lines);
  };

  /** Warnings of all renderers go through here, so that none is shown twice. */
  const warning = (renderer: ProgressRenderer): ProgressRenderer => ({
    ...renderer,
    handle(timed, job) {
      if (timed.event.type === 'warning') warn(timed.event.message);
      else renderer.handle(timed, job);
    },
  });

  return {
    out,
    err,
    json: input.flag('json') === true,
    view,
    mask: (next) => {
      redactor = next;
    },
    redactor: () => redactor,
    warn,
    async renderer(progressing, progress) {
      const options = { sink: err, progress, view: () => view(err) };
      if (quiet || !progressing) current = silent(err, quiet);
      else if (showsLive(host, err)) {
        const { createLiveRenderer } = await import('./print/live-progress.js');
        current = createLiveRenderer({ ...options, now, atExit: host.atExit ?? (() => () => undefined) });
      } else current = (await import('./print/plain-progress.js')).createPlainRenderer(options);
      return warning(current);
    },
  };
}

/** Shows nothing but what it is told to. */
function silent(err: Sink, quiet: boolean): ProgressRenderer {
  return { handle: () => undefined, note: (lines) => (quiet ? undefined : err.lines(lines)), stop: () => undefined };
}

/** Whether lines can be drawn over: on a terminal that can do it, with a person before it. */
function showsLive({ env }: CliHost, err: Sink): boolean {
  const ci = env['CI'];
  return err.terminal && env['TERM'] !== 'dumb' && (ci === undefined || ci === '' || ci === 'false' || ci === '0');
}
