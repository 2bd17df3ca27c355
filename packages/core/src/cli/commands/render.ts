import { defineCommand, given, type CliCommand } from '../command.js';
import type { RenderResult } from '../../library.js';
import { target, variables } from '../options.js';
import { printRender } from '../print/render.js';

export const render: CliCommand = defineCommand<RenderResult>({
  name: 'render',
  about:
    'Shows the Dockerfile, Packer template or list of layers that a build of the image would use. Nothing is built, and a single file comes without headings, so that it can be redirected.',
  arguments: [{ name: 'IMAGE', required: true, completes: 'image' }],
  options: [target, ...variables],
  examples: [
    { command: 'bake render web', about: 'what a build of web would use' },
    { command: 'bake render base --target docker > Dockerfile', about: 'that of one target' },
  ],
  async run(session, input) {
    const bake = await session.project();
    return bake.render(input.argument(0) ?? '', given({ target: input.text('target') }));
  },
  json: (data) => ({ files: (data?.files ?? []).map(({ name, text }) => ({ name, text })) }),
  print: printRender,
});
