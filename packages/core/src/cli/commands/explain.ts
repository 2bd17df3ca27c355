import { defineCommand, given, type CliCommand } from '../command.js';
import type { ExplainResult } from '../../library.js';
import { target, variables } from '../options.js';
import { printExplain } from '../print/explain.js';

export const explain: CliCommand = defineCommand<ExplainResult>({
  name: 'explain',
  about:
    'Shows which inputs of two versions differ, down to the file. With one ref it compares that version with the working definition.',
  arguments: [
    { name: 'A', required: true, completes: 'ref' },
    { name: 'B', completes: 'ref' },
  ],
  options: [target, ...variables],
  examples: [
    { command: 'bake explain web@latest', about: 'what have I changed since?' },
    { command: 'bake explain web@e27a5510 web@9c41f7e0', about: 'what changed from one version to the other?' },
  ],
  async run(session, input) {
    const bake = await session.project();
    return bake.explain(input.argument(0) ?? '', input.argument(1), given({ target: input.text('target') }));
  },
  json: (data) => ({
    changes: (data?.changes ?? []).map(({ input, kind, before, after }) => ({ input, kind, before, after })),
  }),
  print: printExplain,
});
