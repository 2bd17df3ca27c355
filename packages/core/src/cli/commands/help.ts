import { defineCommand, type CliCommand } from '../command.js';
import { printHelp, printOverview } from '../print/help.js';
import { unknownCommand } from '../parse.js';
import { findCommand } from '../registry.js';

export const help: CliCommand = defineCommand<CliCommand | null>({
  name: 'help',
  about: 'Shows all commands, or how one of them is used. The same as bake COMMAND --help.',
  arguments: [{ name: 'COMMAND', completes: 'command' }],
  options: [],
  examples: [
    { command: 'bake help', about: 'all commands' },
    { command: 'bake help build', about: 'one command' },
  ],
  async run(_session, input) {
    const name = input.argument(0);
    if (name === undefined) return null;
    const entry = findCommand(name);
    if (entry === undefined) throw unknownCommand(name);
    return entry.load();
  },
  textOnly: true,
  json: () => ({}),
  print: (command, view) => (command === null ? printOverview(view) : printHelp(command, view)),
});
