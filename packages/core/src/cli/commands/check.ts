import { BakeError } from '../../errors/index.js';
import { defineCommand, given, type CliCommand } from '../command.js';
import type { CheckReport } from '../../library.js';
import { ref, secrets, target, variables } from '../options.js';
import { printCheck } from '../print/check.js';
import { count } from '../print/marks.js';

export const check: CliCommand = defineCommand<CheckReport>({
  name: 'check',
  about:
    "Runs the definition's checks on a fresh copy of a recorded artifact, and records what came of it. It removes nothing; no image may stand on a version whose checks fail.",
  arguments: [ref],
  options: [target, secrets, ...variables],
  examples: [
    { command: 'bake check web', about: 'the newest version of web on the current branch' },
    { command: 'bake check web@9c41f7e0 --target docker', about: 'one version on one target' },
  ],
  exits: { 3: 'checks failed' },
  progress: true,
  async run(session, input) {
    const bake = await session.project();
    return bake.check(input.argument(0) ?? '', given({ target: input.text('target') }));
  },
  json: (data) => ({
    version: data?.version ?? null,
    artifact: data ? { id: data.artifact.id, digest: data.artifact.digest } : null,
    checks: (data?.checks ?? []).map(({ name, outcome, detail, milliseconds }) => ({
      name,
      outcome,
      detail,
      milliseconds,
    })),
  }),
  print: printCheck,
  failure({ version, checks }) {
    const failed = checks.filter(({ outcome }) => outcome === 'failed');
    if (failed.length === 0) return null;
    return new BakeError('ERR_BAKE_CHECK_FAILED', `${failed.length} of ${count(checks.length, 'check')} failed`, {
      data: { version, checks: failed.map(({ name }) => name) },
    });
  },
  printsFailure: true,
});
