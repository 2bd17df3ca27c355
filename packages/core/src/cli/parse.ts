import { Argument, Command, CommanderError, Option } from 'commander';
import type { CliCommand, Input, OptionSpec } from './command.js';
import { globalOptions } from './options.js';
import { commandEntries } from './registry.js';
import { usageError } from './usage.js';
import type { BakeError } from '../errors/index.js';

/** The name that commander keeps an option's value under. */
const attribute = ({ name, letter }: OptionSpec): string =>
  name === '' ? (letter ?? '') : name.replaceAll(/-([a-z])/g, (_, next: string) => next.toUpperCase());

function toOptions(spec: OptionSpec): readonly Option[] {
  const long = spec.name === '' ? [] : [`--${spec.name}`];
  const flags = [...(spec.letter === undefined ? [] : [`-${spec.letter}`]), ...long].join(', ');
  const option = new Option(spec.value === undefined ? flags : `${flags} <${spec.value}>`);
  if (spec.choices) option.choices(spec.choices);
  if (spec.repeat === true)
    option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
  return spec.negatable === true ? [option, new Option(`--no-${spec.name}`)] : [option];
}

function bare(name: string): Command {
  return new Command(name)
    .helpOption(false)
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined, outputError: () => undefined });
}

function withOptions(command: Command, options: readonly OptionSpec[]): Command {
  for (const option of options.flatMap(toOptions)) command.addOption(option);
  return command;
}

/** What can be told of the arguments before the command's own options are known. */
export interface Glance {
  readonly command: string | undefined;
  readonly input: Input;
  /** Set where the arguments make no sense already. */
  readonly error: BakeError | null;
}

/** Finds the command's name and the options that every command has. */
export function glance(argv: readonly string[]): Glance {
  const program = withOptions(bare('bake'), globalOptions);
  let operands: readonly string[] = [];
  let error: BakeError | null = null;
  try {
    ({ operands } = program.parseOptions([...argv]));
  } catch (cause) {
    error = toUsageError(cause);
  }
  return { command: operands[0], input: toInput(program.opts(), []), error };
}

/** Parses everything. Throws `ERR_BAKE_USAGE`. `command` is that which {@link glance} named, if there is one of that name. */
export function parse(argv: readonly string[], command: CliCommand | undefined): Input {
  const program = withOptions(bare('bake'), globalOptions);
  for (const { name } of commandEntries) program.addCommand(command?.name === name ? subcommand(command) : bare(name));
  try {
    program.parse([...argv], { from: 'user' });
  } catch (cause) {
    throw toUsageError(cause, command?.name);
  }
  const parsed = program.commands.find((one) => one.name() === command?.name);
  return toInput({ ...parsed?.opts(), ...program.opts() }, parsed?.args ?? []);
}

function subcommand(spec: CliCommand): Command {
  const command = withOptions(bare(spec.name), spec.options);
  for (const { name, required, many } of spec.arguments) {
    const dots = many === true ? '...' : '';
    command.addArgument(new Argument(required === true ? `<${name}${dots}>` : `[${name}${dots}]`));
  }
  return command.action(() => undefined);
}

function toInput(options: Readonly<Record<string, unknown>>, args: readonly string[]): Input {
  const value = (name: string): unknown => options[attribute({ name, about: '' })];
  return {
    arguments: args,
    argument: (index) => args[index],
    text: (name) => {
      const found = value(name);
      return typeof found === 'string' ? found : undefined;
    },
    texts: (name) => {
      const found = value(name);
      return Array.isArray(found) ? found.map(String) : [];
    },
    flag: (name) => {
      const found = value(name);
      return typeof found === 'boolean' ? found : undefined;
    },
  };
}

/** Commander's complaint in our words: what is wrong as the message, what was probably meant as the hint. */
function toUsageError(cause: unknown, command?: string): BakeError {
  if (!(cause instanceof CommanderError)) throw cause;
  const [, message = cause.message, suggestion] = /^(?:error: )?(.*?)(?:\n\((.*)\))?$/s.exec(cause.message) ?? [];
  const help = command === undefined ? 'bake help' : `bake help ${command}`;
  return usageError(message.replaceAll(/<([^<>]+)>/g, '$1'), suggestion ?? `See: ${help}`);
}

/** The error for a command that there is none of, with the nearest one as its hint. */
export function unknownCommand(name: string): BakeError {
  try {
    parse([name], undefined);
  } catch (error) {
    return error as BakeError;
  }
  return usageError(`unknown command '${name}'`);
}
