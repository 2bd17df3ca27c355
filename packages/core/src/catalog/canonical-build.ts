import type { BuildRecord, VersionRecord } from './state.js';

/**
 * The build that a version means: the first that is not retired and whose artifact has a passed check;
 * with none passed, the newest that is not retired. `checks` narrows it to results of those checks.
 */
export function canonicalBuild(record: VersionRecord, checks?: string): BuildRecord | undefined {
  const there = record.builds.filter((build) => !build.retired);
  const passed = new Set(
    record.checks
      .filter((check) => check.outcome === 'passed' && (checks === undefined || check.checks === checks))
      .map((check) => check.artifact),
  );
  return there.find((build) => passed.has(build.artifact.digest)) ?? there.at(-1);
}
