import { BakeError } from '../../errors/index.js';
import { defineCommand, given, type CliCommand } from '../command.js';
import type { BuildResult, BuiltImage } from '../../library.js';
import { branch, images, rehash, secrets, target, variables } from '../options.js';
import { printBuild } from '../print/build.js';

export const build: CliCommand = defineCommand<BuildResult>({
  name: 'build',
  about:
    'Builds what is missing, with its bases, checks a fresh copy of each image, and records it. What is present is used again, and an image starts only when its parent has passed its checks.',
  arguments: [images],
  options: [
    target,
    { ...branch, about: "record it on this branch. Default: git's" },
    rehash,
    {
      name: 'on-failure',
      value: 'WHAT',
      choices: ['remove', 'keep'],
      completes: ['remove', 'keep'],
      about: 'remove or keep what failed its checks. Default: remove',
    },
    secrets,
    ...variables,
  ],
  examples: [
    { command: 'bake build', about: 'everything that is missing' },
    { command: 'bake build web --secret npm_token=env:NPM_TOKEN', about: 'one image and its bases, with a secret' },
  ],
  exits: { 3: 'checks failed, and nothing else did' },
  progress: true,
  async run(session, input) {
    const bake = await session.project();
    const onFailure = input.text('on-failure');
    return bake.build(
      given({
        images: input.arguments.length === 0 ? undefined : input.arguments,
        target: input.text('target'),
        branch: input.text('branch'),
        rehash: input.flag('rehash'),
        onFailure: onFailure === 'keep' || onFailure === 'remove' ? onFailure : undefined,
      }),
    );
  },
  json: (data) => ({
    images: (data?.images ?? []).map(({ image, target, version, outcome, checks, artifact, milliseconds }) => ({
      image,
      target,
      version,
      outcome,
      checks: { passed: checks.passed, failed: checks.failed, notRun: checks.notRun },
      artifact: artifact && { id: artifact.id, digest: artifact.digest, locations: artifact.locations },
      milliseconds,
    })),
  }),
  print: (data, view, { times }) => printBuild(data, view, times),
  failure: ({ images }) => {
    const failed = images.filter(({ outcome }) => outcome === 'failed');
    const [first] = [...failed, ...images].flatMap(({ error }) => error ?? []);
    return first === undefined ? null : withAll(first, images);
  },
  printsFailure: true,
  exit({ images }) {
    const failed = images.filter(({ outcome, error }) => outcome === 'failed' || error !== null);
    if (failed.length === 0) return undefined;
    const codes = failed.filter(({ outcome }) => outcome === 'failed').map(({ error }) => error?.code);
    if (codes.includes('ERR_BAKE_ABORTED')) return 130;
    return codes.length > 0 && codes.every((code) => code === 'ERR_BAKE_CHECK_FAILED') ? 3 : 1;
  },
});

/** The first error, with those of all images in its data. */
function withAll(first: BakeError, images: readonly BuiltImage[]): BakeError {
  const errors = images.flatMap(({ image, target, error }) =>
    error === null ? [] : [{ image, target, code: error.code, message: error.message, hint: error.hint ?? null }],
  );
  const hint = first.hint === undefined ? {} : { hint: first.hint };
  return new BakeError(first.code, first.message, { ...hint, data: { ...first.data, errors }, cause: first });
}
