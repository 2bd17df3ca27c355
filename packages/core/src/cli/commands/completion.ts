import { defineCommand, type CliCommand } from '../command.js';
import { completionScript, shells } from '../completion/scripts.js';
import { usageError } from '../usage.js';
import { suggest } from '../../definition/suggest.js';

export const completion: CliCommand = defineCommand<string>({
  name: 'completion',
  about:
    'Prints a script that completes commands, options, images, targets, channels, branches and refs. Load it where your shell starts.',
  arguments: [{ name: 'SHELL', required: true, completes: shells }],
  options: [],
  examples: [
    { command: 'source <(bake completion bash)', about: 'in ~/.bashrc; the same with zsh in ~/.zshrc' },
    { command: 'bake completion fish > ~/.config/fish/completions/bake.fish', about: 'once, for fish' },
  ],
  async run(_session, input) {
    const shell = input.argument(0) ?? '';
    const script = completionScript(shell);
    if (script !== undefined) return script;
    const near = suggest(shell, shells);
    const known = `There are: ${shells.join(', ')}.`;
    throw usageError(`there is no completion for '${shell}'`, near === null ? known : `Did you mean ${near}? ${known}`);
  },
  textOnly: true,
  json: () => ({}),
  print: (script) => script.trimEnd().split('\n'),
});
