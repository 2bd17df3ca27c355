import type { Source } from '../catalog/events.js';

/** What git says about the definition's folder. */
export interface GitState {
  /** `null` outside a repository, without git, or before the first commit. */
  readonly source: Source | null;
  /** The branch that is checked out; `null` when detached or outside a repository. */
  readonly branch: string | null;
  readonly inside: boolean;
}

const outside: GitState = { source: null, branch: null, inside: false };

/** Runs git without locks and prompts; `undefined` where it fails or is not installed. */
async function git(root: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve) => {
    const options = { cwd: root, env: { ...env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' }, maxBuffer: 64 * 1024 * 1024 };
    execFile('git', [...args], options, (error, stdout) => resolve(error ? undefined : stdout));
  });
}

/** Asks git, in one call, for the commit, the branch, and whether the folder differs from the commit. */
export async function readGit(root: string, env: NodeJS.ProcessEnv): Promise<GitState> {
  const text = await git(root, ['status', '--porcelain=v2', '--branch', '--', '.'], env);
  return text === undefined ? outside : parseStatus(text);
}

/** Understands `git status --porcelain=v2 --branch`. */
export function parseStatus(text: string): GitState {
  const lines = text.split('\n').filter((line) => line !== '');
  const header = (name: string): string | undefined =>
    lines.find((line) => line.startsWith(`# ${name} `))?.slice(name.length + 3);
  const commit = header('branch.oid');
  const head = header('branch.head');
  const dirty = lines.some((line) => !line.startsWith('#'));
  return {
    source: commit === undefined || commit === '(initial)' ? null : { commit, dirty },
    branch: head === undefined || head === '(detached)' ? null : head,
    inside: true,
  };
}

/** The branch that origin/HEAD names, else `main` or `master` where there is one, else `main`. */
export async function readDefaultBranch(root: string, env: NodeJS.ProcessEnv): Promise<string> {
  const origin = await git(root, ['symbolic-ref', '--short', 'refs/remotes/origin/HEAD'], env);
  if (origin !== undefined) return origin.trim().replace(/^origin\//, '');
  const heads = await git(
    root,
    ['for-each-ref', '--format=%(refname:short)', 'refs/heads/main', 'refs/heads/master'],
    env,
  );
  return heads?.split('\n')[0]?.trim() || 'main';
}
