import { defineCommand, given, type CliCommand } from '../command.js';
import type { ShowResult } from '../../library.js';
import { ref, target } from '../options.js';
import { printShow } from '../print/show.js';
import { historyJson } from './history.js';

export const show: CliCommand = defineCommand<ShowResult>({
  name: 'show',
  about:
    'Shows everything that is known about a version: where it came from, its steps, builds and checks, and where it is. With --verbose also each event of the log that speaks of it.',
  arguments: [ref],
  options: [target],
  examples: [
    { command: 'bake show web@9c41f7e0', about: 'one version' },
    { command: 'bake show web@latest --json', about: 'the same for programs, with the whole plan' },
  ],
  async run(session, input) {
    const bake = await session.project();
    return bake.show(input.argument(0) ?? '', given({ target: input.text('target') }));
  },
  json: (data) => ({
    project: data?.project ?? null,
    ...(data ? historyJson(data) : nothing),
    plan: data?.plan ?? null,
    record: data?.record ?? null,
    builds: data?.record.builds ?? [],
    events: data?.events ?? [],
  }),
  print: printShow,
});

const nothing = {
  image: null,
  target: null,
  version: null,
  createdAt: null,
  branch: null,
  parents: [],
  base: null,
  source: null,
  state: null,
  channels: [],
  artifact: null,
};
