import { resolve } from 'node:path';
import type { ArgumentSpec, CliCommand, Completes, OptionSpec } from '../command.js';
import { globalOptions } from '../options.js';
import { glance } from '../parse.js';
import { createSink } from '../print/output.js';
import { visible } from '../print/text.js';
import { commandEntries, findCommand } from '../registry.js';
import type { CliHost } from '../types.js';
import { projectNames, type Place } from './names.js';

/** Something that could be typed, and what it is. */
export interface Candidate {
  readonly value: string;
  readonly about: string;
}

/** What fits at the cursor: words, or names of files or folders, which the shell itself knows best. */
export type Completion = 'files' | 'folders' | readonly Candidate[];

/**
 * `bake __complete WORD…`: answers shells with what the last word could become. Prints `words`, `files` or `folders`,
 * then a candidate a line. Whatever goes wrong, there is nothing to complete, and nothing else is said.
 */
export async function runComplete(host: CliHost): Promise<number> {
  const out = createSink(host.stdout, { env: host.env, noColor: true });
  try {
    const words = host.argv.slice(1);
    const found = await complete(host, words.slice(0, -1), words.at(-1) ?? '');
    if (typeof found === 'string') out.lines([found]);
    else out.lines(['words', ...found.map(({ value, about }) => `${visible(value)}\t${visible(about)}`)]);
  } catch {
    out.lines(['words']);
  }
  await out.flush();
  return 0;
}

/** What `current` could become after the words before it. */
export async function complete(host: CliHost, before: readonly string[], current: string): Promise<Completion> {
  const { command: name, input } = glance(before);
  const entry = name === undefined ? undefined : findCommand(name);
  const command = await entry?.load();
  const options = [...(command?.options ?? []), ...globalOptions];
  const place: Place = { host, cwd: resolve(host.cwd, input.text('C') ?? '.'), input };

  const waiting = before.includes('--') ? undefined : valueOf(options, before.at(-1));
  if (waiting) return candidates(waiting.completes, current, place);
  const [, flag, rest] = /^(--[^=]+)=(.*)$/s.exec(current) ?? [];
  if (flag !== undefined && rest !== undefined) {
    const found = await candidates(valueOf(options, flag)?.completes, rest, place);
    return typeof found === 'string' ? found : found.map(({ value, about }) => ({ value: `${flag}=${value}`, about }));
  }
  if (current.startsWith('-') && !before.includes('--')) return fitting(optionCandidates(options), current);
  if (command === undefined) return name === undefined ? candidates('command', current, place) : [];
  return candidates(argumentAt(command, before, options)?.completes, current, place);
}

/** The option that `word` is, if its value comes next. */
function valueOf(options: readonly OptionSpec[], word: string | undefined): OptionSpec | undefined {
  return options.find(
    ({ name, letter, value }) =>
      value !== undefined && (word === `--${name}` || (letter !== undefined && word === `-${letter}`)),
  );
}

/** The argument at the cursor: the words before it that are neither options nor their values, less the command. */
function argumentAt(
  command: CliCommand,
  before: readonly string[],
  options: readonly OptionSpec[],
): ArgumentSpec | undefined {
  const words = before.filter((word, index) => !word.startsWith('-') && !valueOf(options, before[index - 1]));
  return command.arguments[words.length - 1] ?? command.arguments.findLast(({ many }) => many === true);
}

const fitting = (found: readonly Candidate[], current: string): readonly Candidate[] =>
  found.filter(({ value }) => value.startsWith(current));

function optionCandidates(options: readonly OptionSpec[]): readonly Candidate[] {
  return options.flatMap(({ name, letter, about, negatable }) => [
    ...(name === '' ? [{ value: `-${letter ?? ''}`, about }] : [{ value: `--${name}`, about }]),
    ...(negatable === true ? [{ value: `--no-${name}`, about: `the opposite of --${name}` }] : []),
  ]);
}

/** What is offered for an argument or a value. */
async function candidates(completes: Completes | undefined, current: string, place: Place): Promise<Completion> {
  if (completes === undefined) return [];
  if (completes === 'file') return 'files';
  if (completes === 'folder') return 'folders';
  if (completes === 'command')
    return fitting(
      commandEntries.map(({ name, summary }) => ({ value: name, about: summary })),
      current,
    );
  if (typeof completes === 'string') return fitting(await projectNames(place, completes, current), current);
  return fitting(
    completes.map((value) => ({ value, about: '' })),
    current,
  );
}
