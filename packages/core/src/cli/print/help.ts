import type { ArgumentSpec, CliCommand, Example, OptionSpec } from '../command.js';
import { globalOptions } from '../options.js';
import { commandGroups } from '../registry.js';
import { pairLines } from './pairs.js';
import { wrap } from './text.js';
import type { View } from './view.js';

const exits: Readonly<Record<number, string>> = {
  0: 'done',
  1: 'failed',
  2: 'usage or definition',
  130: 'interrupted',
};

/** All commands, and the options that each of them has. */
export function printOverview(view: View): readonly string[] {
  return [
    ...wrap('Bakehouse builds layered, checked, content-addressed images.', view.columns),
    '',
    `${heading('Usage', view)}  bake COMMAND [OPTION…]`,
    ...commandGroups.flatMap(({ title, commands }) => [
      '',
      heading(title, view),
      ...pairLines(
        commands.map(({ name, summary }) => ({ name: name.padEnd(widest), text: summary })),
        view,
        'cyan',
      ),
    ]),
    '',
    heading('Everywhere', view),
    ...optionLines(globalOptions, view),
    '',
    'Details: bake help COMMAND',
  ];
}

const widest = Math.max(...commandGroups.flatMap(({ commands }) => commands.map(({ name }) => name.length)));

/** Usage, what the command does, its options, examples, and exit codes. */
export function printHelp(command: CliCommand, view: View): readonly string[] {
  const words = command.arguments.map(argumentText);
  const codes = Object.entries({ ...exits, ...command.exits });
  return [
    [heading('Usage', view), `  bake ${command.name}`, ...words.map((word) => ` ${word}`), ' [OPTION…]'].join(''),
    '',
    ...wrap(command.about, Math.min(view.columns, 80)),
    ...(command.options.length > 0 ? ['', heading('Options', view), ...optionLines(command.options, view)] : []),
    '',
    heading('Everywhere', view),
    ...wrap(globalOptions.map((option) => flagText(option).trim()).join(' · '), Math.min(view.columns, 80) - 2).map(
      (line) => `  ${line}`,
    ),
    '',
    heading('Examples', view),
    ...command.examples.flatMap((example) => exampleLines(example, view)),
    '',
    heading('Exit codes', view),
    ...pairLines(
      codes.map(([code, about]) => ({ name: code.padStart(3), text: about })),
      view,
      'cyan',
    ),
  ];
}

const heading = (text: string, view: View): string => view.style('bold', text);

function argumentText({ name, required, many }: ArgumentSpec): string {
  const text = many === true ? `${name}…` : name;
  return required === true ? text : `[${text}]`;
}

function flagText({ name, letter, value, negatable }: OptionSpec): string {
  const short = letter === undefined ? '' : `-${letter}`;
  const long = name === '' ? '' : `--${negatable === true ? '[no-]' : ''}${name}`;
  const flags = [short, long].filter((text) => text !== '').join(', ');
  return value === undefined ? flags : `${flags} ${value}`;
}

function optionLines(options: readonly OptionSpec[], view: View): readonly string[] {
  return pairLines(
    options.map((option) => ({ name: flagText(option), text: option.about })),
    view,
    'cyan',
  );
}

function exampleLines({ command, about }: Example, view: View): readonly string[] {
  return [...wrap(about, view.columns - 4).map((line) => view.style('dim', `  # ${line}`)), `  ${command}`];
}
