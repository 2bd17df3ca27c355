import { defineCommand, given, type CliCommand } from '../command.js';
import type { Resolution } from '../../library.js';
import { ref, target } from '../options.js';
import { printResolution } from '../print/resolve.js';

export const resolve: CliCommand = defineCommand<Resolution>({
  name: 'resolve',
  about:
    "Prints the one native id that a ref means: of a container image its config digest, which Docker shows as the image's id once the exported archive is loaded. Its JSON is flat and all strings, as Terraform's external data source wants it.",
  arguments: [ref],
  options: [target, { name: 'at', value: 'DESTINATION', about: 'its id there, where the provider knows one' }],
  examples: [
    {
      command: 'docker run "$(bake resolve web@latest)"',
      about: 'run what was tested, once it is exported and loaded',
    },
    { command: 'bake resolve web@latest --json', about: 'for Terraform and other programs' },
  ],
  async run(session, input) {
    const bake = await session.project();
    return bake.resolve(input.argument(0) ?? '', given({ target: input.text('target'), at: input.text('at') }));
  },
  json: (data) => ({
    schema: '1',
    id: data?.id ?? '',
    project: data?.project ?? '',
    image: data?.image ?? '',
    target: data?.target ?? '',
    version: data?.version ?? '',
    digest: data?.digest ?? '',
    location: data?.location ?? '',
  }),
  print: printResolution,
});
