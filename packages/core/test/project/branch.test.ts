import { describe, expect, it } from 'vitest';
import { branchOf, type BranchSources } from '../../src/project/branch.js';
import { parseStatus } from '../../src/project/git.js';

const detached = parseStatus('# branch.oid 3f2a1c8\n# branch.head (detached)\n');
const sources = (overrides: Partial<BranchSources> = {}): BranchSources => ({
  given: undefined,
  locked: null,
  git: detached,
  env: {},
  ...overrides,
});

describe('what git says', () => {
  it('is the commit, the branch, and whether anything differs', () => {
    const clean = parseStatus('# branch.oid 3f2a1c8\n# branch.head main\n# branch.upstream origin/main\n');
    expect(clean).toEqual({ source: { commit: '3f2a1c8', dirty: false }, branch: 'main', inside: true });
    expect(parseStatus('# branch.oid 3f2a1c8\n# branch.head main\n? new.txt\n').source?.dirty).toBe(true);
  });
  it('is no commit before the first one', () => {
    expect(parseStatus('# branch.oid (initial)\n# branch.head main\n')).toMatchObject({ source: null, branch: 'main' });
  });
});

describe('the branch of a bake', () => {
  const main = parseStatus('# branch.oid 3f2a1c8\n# branch.head main\n');
  it('is the one given, else the one in the lock, else git’s', () => {
    expect(branchOf(sources({ given: 'a', locked: 'b', git: main }))).toBe('a');
    expect(branchOf(sources({ locked: 'b', git: main }))).toBe('b');
    expect(branchOf(sources({ git: main, env: { GITHUB_REF_NAME: 'other' } }))).toBe('main');
  });
  it('is what CI says where git is detached, a pull request’s own branch first', () => {
    expect(branchOf(sources({ env: { GITHUB_REF_NAME: '7/merge', GITHUB_HEAD_REF: 'feature' } }))).toBe('feature');
    expect(branchOf(sources({ env: { CI_COMMIT_BRANCH: 'stable' } }))).toBe('stable');
    expect(branchOf(sources({ env: { GIT_BRANCH: 'origin/stable' } }))).toBe('stable');
  });
  it('is `detached` without any of these, and `main` outside git', () => {
    expect(branchOf(sources())).toBe('detached');
    expect(branchOf(sources({ git: { source: null, branch: null, inside: false } }))).toBe('main');
  });
});
