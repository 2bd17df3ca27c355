import { resolve } from 'node:path';
import type { BakeError } from '../errors/index.js';
import type { TimedEvent } from '../events/types.js';
import type { CliCommand, Input, Outcome } from './command.js';
import { openEventsFile } from './events-file.js';
import { exitOf, toBakeError } from './failure.js';
import { glance, parse } from './parse.js';
import { printError, printWarning } from './print/error.js';
import { jsonDocument } from './print/json.js';
import { createProgress } from './progress.js';
import { findCommand } from './registry.js';
import { createSession } from './session.js';
import { createTerminal, type Terminal } from './terminal.js';
import type { CliHost } from './types.js';
import { usageError } from './usage.js';
import { abandoned, noticeOf } from './print/interrupt.js';

/**
 * Runs the command: parses, calls the library, prints, and resolves with the exit code once all is written.
 * Rejects only where the command itself is at fault. After the second interrupt it resolves at once, and what the library was doing goes on unseen.
 */
export async function runCli(host: CliHost): Promise<number> {
  if (host.argv[0] === '__complete') return (await import('./completion/complete.js')).runComplete(host);
  const first = glance(host.argv);
  const terminal = createTerminal(host, first.input);
  const signal = host.signal ?? new AbortController().signal;
  const asked = await answer(host, first.command, first.input, terminal);
  if (asked !== undefined) return finish(terminal, asked);

  const entry = first.command === undefined ? undefined : findCommand(first.command);
  const command = await entry?.load();
  let outcome: Outcome | undefined;
  let error: BakeError | null;
  try {
    if (first.error !== null) throw first.error;
    const input = parse(host.argv, command);
    if (command === undefined) throw usageError('no command was given', 'See: bake help');
    outcome = await execute(host, command, input, signal, terminal);
    error = outcome.error;
  } catch (thrown) {
    error = toBakeError(thrown, signal);
  }

  const { out, err, json, view, redactor } = terminal;
  for (const message of outcome?.warnings ?? []) terminal.warn(message);
  if (json && (outcome === undefined || command?.textOnly !== true)) {
    const shape = outcome?.json ?? command?.emptyJson() ?? {};
    out.write(jsonDocument(redactor().redactJson(shape), error));
  } else if (outcome !== undefined) out.lines(outcome.print(view(out)));
  if (error !== null && (json || outcome?.printsError !== true)) err.lines(printError(error, view(err)));
  if (error === null) return finish(terminal, outcome?.exit ?? 0);
  return finish(terminal, signal.aborted ? 130 : (outcome?.exit ?? exitOf(error)));
}

/** Answers `--version` and `--help`, and `bake` alone, which need nothing more to be parsed. */
async function answer(
  host: CliHost,
  name: string | undefined,
  input: Input,
  { out, err, json, view }: Terminal,
): Promise<number | undefined> {
  if (input.flag('version') === true) {
    out.lines([host.version()]);
    return 0;
  }
  const alone = host.argv.length === 0;
  if (input.flag('help') !== true && !alone) return undefined;
  const entry = name === undefined ? undefined : findCommand(name);
  if (name !== undefined && entry === undefined) return undefined;
  const { printHelp, printOverview } = await import('./print/help.js');
  const sink = alone && !json ? err : out;
  sink.lines(entry === undefined ? printOverview(view(sink)) : printHelp(await entry.load(), view(sink)));
  return alone ? 2 : 0;
}

/** Runs a command with a renderer beside it, and takes care of interrupts. */
async function execute(
  host: CliHost,
  command: CliCommand,
  input: Input,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<Outcome> {
  const progress = createProgress();
  let receive: (event: TimedEvent) => void = () => undefined;
  const session = createSession(host, input, signal, (event) => receive(event));
  terminal.mask(session.redactor);
  const path = input.text('events');
  const events = path === undefined ? undefined : openEventsFile(resolve(session.cwd, path), session.redactor);
  const renderer = await terminal.renderer(command.progress === true, progress);
  receive = (event) => {
    events?.write(event);
    renderer.handle(event, progress.apply(event));
  };
  const onInterrupt = (): void => renderer.note(noticeOf(signal.reason));
  signal.addEventListener('abort', onInterrupt, { once: true });
  let left = false;
  const hard = new Promise<never>((_, reject) => {
    host.hardSignal?.addEventListener('abort', () => {
      left = true;
      renderer.stop();
      terminal.err.lines(abandoned(progress.jobs));
      reject(signal.reason instanceof Error ? signal.reason : new Error('interrupted'));
    });
  });
  hard.catch(() => undefined);
  try {
    return await Promise.race([command.execute(session, input), hard]);
  } finally {
    if (!left) await Promise.race([session.close(), hard]);
    signal.removeEventListener('abort', onInterrupt);
    renderer.stop();
    const lost = events?.close();
    if (lost !== undefined) terminal.warn(`--events: ${lost.message}`);
  }
}

/** Waits until everything is written. What could not be written turns success into failure. */
async function finish({ out, err, view }: Terminal, exit: number): Promise<number> {
  const lost = await out.flush();
  if (lost !== undefined) err.lines(printWarning(`the output is not complete: ${lost.message}`, view(err)));
  await err.flush();
  return lost !== undefined && exit === 0 ? 1 : exit;
}
