import type { ArgumentSpec, OptionSpec } from './command.js';

/** Options that every command has. */
export const globalOptions: readonly OptionSpec[] = [
  { letter: 'C', name: '', value: 'DIR', about: 'work as if started in DIR', completes: 'folder' },
  { name: 'config', value: 'FILE', about: 'the definition. Default: bake.config.*, found upwards', completes: 'file' },
  {
    name: 'catalog',
    value: 'DIR',
    about: "the folder that history is in. Default: the definition's",
    completes: 'folder',
  },
  { name: 'json', about: 'exactly one JSON document on stdout' },
  { name: 'events', value: 'FILE', about: 'write what happens to FILE as JSON lines', completes: 'file' },
  { name: 'quiet', about: 'results and errors only' },
  { name: 'verbose', about: 'logs, all reasons, and causes of errors' },
  { name: 'no-color', about: 'no colour; NO_COLOR and FORCE_COLOR work too' },
  { letter: 'h', name: 'help', about: 'help on a command' },
  { letter: 'V', name: 'version', about: 'the version of bake' },
];

export const images: ArgumentSpec = { name: 'IMAGE', many: true, completes: 'image' };
export const ref: ArgumentSpec = { name: 'REF', required: true, completes: 'ref' };

export const target: OptionSpec = { name: 'target', value: 'NAME', about: 'only this target', completes: 'target' };
export const branch: OptionSpec = { name: 'branch', value: 'NAME', about: '', completes: 'branch' };
export const rehash: OptionSpec = {
  name: 'rehash',
  about: 'read every input again instead of trusting the stat cache',
};

/** For commands that read the definition. */
export const variables: readonly OptionSpec[] = [
  { name: 'set', value: 'NAME=VALUE', repeat: true, about: 'value of a variable of the definition' },
  { name: 'frozen', negatable: true, about: 'refuse a missing or stale lock entry. Default: whether CI is set' },
];

/** For commands that run steps. */
export const secrets: OptionSpec = {
  name: 'secret',
  value: 'NAME[=FROM]',
  repeat: true,
  about: 'a secret, FROM env:VARIABLE or file:PATH. Default: the variable NAME',
};
