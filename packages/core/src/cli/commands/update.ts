import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defineCommand, given, type CliCommand } from '../command.js';
import type { UpdateResult } from '../../library.js';
import { images, target, variables } from '../options.js';
import { printUpdate } from '../print/update.js';

interface Updated extends UpdateResult {
  readonly dryRun: boolean;
  /** Whether there is a lock. */
  readonly locked: boolean;
}

export const update: CliCommand = defineCommand<Updated>({
  name: 'update',
  about:
    'Resolves the base selectors again, writes bake.lock, and shows which images that makes new versions of. With --steps it makes the steps of the images run anew instead, for security fixes that a `run` line installs.',
  arguments: [images],
  options: [
    target,
    { name: 'steps', about: 'make the steps run anew instead' },
    { name: 'dry-run', about: 'show it, and leave bake.lock as it is' },
    ...variables.filter(({ name }) => name === 'set'),
  ],
  examples: [
    { command: 'bake update --dry-run', about: 'what would move?' },
    { command: 'bake update base --steps', about: 'install the security fixes of the day' },
  ],
  progress: true,
  async run(session, input) {
    const bake = await session.project();
    const dryRun = input.flag('dry-run') ?? false;
    const result = await bake.update(
      given({
        images: input.arguments.length === 0 ? undefined : input.arguments,
        target: input.text('target'),
        steps: input.flag('steps'),
        dryRun,
      }),
    );
    return { ...result, dryRun, locked: existsSync(join(bake.root, 'bake.lock')) };
  },
  json: (data) => ({
    changes: (data?.changes ?? []).map(({ image, target, selector, from, to }) => ({
      image,
      target,
      selector,
      from,
      to,
    })),
    rebuilds: data?.rebuilds ?? [],
  }),
  print: (data, view) => printUpdate(data, view, data),
});
