import { relative, resolve } from 'node:path';
import { defineCommand, given, type CliCommand } from '../command.js';
import { printInit } from '../print/init.js';
import type { InitResult } from '../../definition/init.js';

interface Written extends InitResult {
  readonly dir: string;
}

export const init: CliCommand = defineCommand<Written>({
  name: 'init',
  about:
    'Writes a starter that bakes at once, without overwriting anything. With --from it starts from an existing Dockerfile, bake file or Packer template instead; to build such images needs a Docker Engine or Packer, which this version does not drive yet.',
  arguments: [{ name: 'DIR', completes: 'folder' }],
  options: [
    {
      name: 'template',
      value: 'NAME',
      about: 'container, minimal or yaml. Default: container',
      completes: ['container', 'minimal', 'yaml'],
    },
    {
      name: 'from',
      value: 'FILE',
      about: 'a Dockerfile, bake file or Packer template to start from',
      completes: 'file',
    },
  ],
  examples: [
    { command: 'bake init shop', about: 'a starter in the folder shop' },
    { command: 'bake init --from Dockerfile', about: 'a definition of an existing Dockerfile, not to be built yet' },
  ],
  async run({ host, cwd, signal }, input) {
    const dir = resolve(cwd, input.argument(0) ?? '.');
    const from = input.text('from');
    const options = given({
      template: input.text('template'),
      from: from === undefined ? undefined : resolve(cwd, from),
    });
    return { ...(await host.init({ dir, signal, ...options })), dir };
  },
  json: (data) => ({ files: data?.files ?? [] }),
  print: (data, view, { cwd }) => printInit(data, view, relative(cwd, data.dir) || '.'),
});
