import type { GitState } from './git.js';

/** Where CI systems say which branch they build, pull requests first. */
const ciVariables = [
  'GITHUB_HEAD_REF',
  'GITHUB_REF_NAME',
  'CI_MERGE_REQUEST_SOURCE_BRANCH_NAME',
  'CI_COMMIT_BRANCH',
  'BITBUCKET_BRANCH',
  'BUILDKITE_BRANCH',
  'CIRCLE_BRANCH',
  'TRAVIS_PULL_REQUEST_BRANCH',
  'TRAVIS_BRANCH',
  'BUILD_SOURCEBRANCHNAME',
  'CHANGE_BRANCH',
  'BRANCH_NAME',
  'GIT_BRANCH',
] as const;

export interface BranchSources {
  /** `--branch`. */
  readonly given: string | undefined;
  /** What `bake branch` wrote into the lock. */
  readonly locked: string | null;
  readonly git: GitState;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The branch of a bake: given, locked, git's, CI's, `detached`; outside git `main`. */
export function branchOf({ given, locked, git, env }: BranchSources): string {
  if (given !== undefined) return given;
  if (locked !== null) return locked;
  if (git.branch !== null) return git.branch;
  if (!git.inside) return 'main';
  for (const name of ciVariables) {
    const value = env[name];
    if (value) return value.replace(/^(refs\/heads\/|origin\/)/, '');
  }
  return 'detached';
}
