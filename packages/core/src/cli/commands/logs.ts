import { defineCommand, given, type CliCommand } from '../command.js';
import type { LogsResult } from '../../library.js';
import { ref, target } from '../options.js';
import { printLogs } from '../print/logs.js';

export const logs: CliCommand = defineCommand<LogsResult>({
  name: 'logs',
  about:
    'Shows the recorded build and check logs of a version, step by step. Secrets were masked before they were recorded.',
  arguments: [ref],
  options: [target],
  examples: [
    { command: 'bake logs web@9c41f7e0', about: 'why did it fail?' },
    { command: 'bake logs base@latest --target docker', about: 'the log of one target' },
  ],
  async run(session, input) {
    const bake = await session.project();
    return bake.logs(input.argument(0) ?? '', given({ target: input.text('target') }));
  },
  json: (data) => ({ logs: (data?.logs ?? []).map(({ step, text }) => ({ step, text })) }),
  print: printLogs,
});
