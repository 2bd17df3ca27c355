import { defineCommand, given, type CliCommand } from '../command.js';
import type { PlanResult } from '../../library.js';
import { images, target, rehash, variables } from '../options.js';
import { printPlan } from '../print/plan.js';

export const plan: CliCommand = defineCommand<PlanResult>({
  name: 'plan',
  about:
    'Shows which version each image has, whether it is there, and if not, which of its inputs differ from the newest version. It writes nothing, and needs no credentials where bake.lock is complete.',
  arguments: [images],
  options: [
    target,
    { name: 'refresh', about: 'ask the providers too whether artifacts are still there' },
    rehash,
    { name: 'exit-code', about: 'exit with 4 where something is not present' },
    ...variables,
  ],
  examples: [
    { command: 'bake plan', about: 'all images' },
    { command: 'bake plan web --exit-code --quiet', about: 'in a script: is there anything to build?' },
  ],
  exits: { 4: 'with --exit-code: something is not present' },
  async run(session, input) {
    const bake = await session.project();
    return bake.plan(
      given({
        images: input.arguments.length === 0 ? undefined : input.arguments,
        target: input.text('target'),
        refresh: input.flag('refresh'),
        rehash: input.flag('rehash'),
      }),
    );
  },
  json: (data) => ({
    images: (data?.images ?? []).map(({ image, target, version, platform, base, state, reasons }) => ({
      image,
      target,
      version,
      platform,
      base,
      state,
      reasons: reasons.map(({ input, kind, before, after }) => ({ input, kind, before, after })),
    })),
  }),
  print: printPlan,
  warnings: ({ warnings }) => warnings,
  exit: ({ images }, input) =>
    input.flag('exit-code') === true && images.some(({ state }) => state !== 'present') ? 4 : undefined,
});
