import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { e2eSuite, run, startDocker, temporary, type DockerEngine } from '../../../../test/e2e/engines.js';
import { isBakeError } from '../../src/errors/index.js';
import { loadIgnore } from '../../src/tree/ignore.js';
import { entriesOf } from '../../src/tree/reader.js';
import { aTree, takeTree, type TreeSpec } from './builders.js';
import { brokenIn23, ignoreCases, ignoreTree } from './ignore-cases.js';

/** Paths, folders with a `/` behind them; or that the patterns were refused. */
type Listing = readonly string[] | 'refused';

/** A random number generator that is the same in every run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >> 8) % below;
  };
}

const words = ['src', 'lib', 'a', 'b', 'foo', 'bar', 'index.js', 'a.log', 'keep', 'x y', '.env', '1'];
const globs = ['*', '?', '*.log', '[a-k]*', 'f?o', '**', '*.*', '?*', 'k**'];

/** A tree and an ignore file for it. Without negated wildcards, so that engines of every age agree. */
function aGeneratedCase(seed: number): { readonly tree: TreeSpec; readonly text: string } {
  const random = seeded(seed);
  const pick = (from: readonly string[]): string => from[random(from.length)] ?? '';
  const path = (from: readonly string[]): string => Array.from({ length: 1 + random(3) }, () => pick(from)).join('/');
  const tree: Record<string, string | null> = {};
  for (let i = 0; i < 25; i += 1) {
    const added = path(words);
    const clashes = Object.keys(tree).some(
      (other) => `${other}/`.startsWith(`${added}/`) || `${added}/`.startsWith(`${other}/`),
    );
    if (!clashes) tree[added] = random(6) === 0 ? null : added;
  }
  const lines = Array.from({ length: 1 + random(4) }, () => path([...words, ...globs]) + (random(5) === 0 ? '/' : ''));
  return { tree, text: lines.join('\n') };
}

e2eSuite('the ignore rules leave out what docker build leaves out', ['docker'], () => {
  let engine: DockerEngine;
  let major = 0;
  let recipe = '';
  let contexts = 0;
  let remove = async (): Promise<void> => {};

  beforeAll(async () => {
    engine = await startDocker();
    major = Number((await engine.docker(['version', '--format', '{{.Client.Version}}'])).stdout.split('.')[0]);
    const folder = await temporary('bake-ignore');
    remove = folder.remove;
    recipe = folder.dir;
    writeFileSync(join(recipe, 'Dockerfile'), 'FROM scratch\nCOPY . /\n');
  });
  afterAll(async () => {
    await engine?.stop();
    await remove();
  });

  /** What `COPY . /` puts into an image. The Dockerfile lies elsewhere, so that it is no exception to the patterns. */
  const docker = async (context: string): Promise<Listing> => {
    const archive = join(context, '..', `${context.split('/').at(-1)}.tar`);
    const output = ['-q', '-f', join(recipe, 'Dockerfile'), '-o', `type=tar,dest=${archive}`, context];
    const built = await engine.docker(['build', ...output], { allowFailure: true });
    if (built.code !== 0) {
      expect(built.stderr).toMatch(/syntax error in pattern|illegal exclusion pattern|invalid excludepatterns/i);
      return 'refused';
    }
    const listed = await run('tar', ['-tf', archive, '--quoting-style=literal']);
    await run('rm', [archive]);
    const names = listed.stdout.split('\n').map((name) => name.replace(/^\.\//, ''));
    return names.filter((name) => name !== '').sort();
  };

  const bakehouse = async (root: string): Promise<Listing> => {
    try {
      const taken = takeTree(root, { ignore: await loadIgnore(root) });
      return [...entriesOf(taken)].map(({ type, path }) => (type === 'folder' ? `${path}/` : path)).sort();
    } catch (error) {
      if (isBakeError(error, 'ERR_BAKE_DEFINITION_INVALID')) return 'refused';
      throw error;
    }
  };

  const both = async (tree: TreeSpec, text: string): Promise<readonly [ours: Listing, theirs: Listing]> => {
    contexts += 1;
    const root = aTree({ ...tree, '.dockerignore': text }, join(recipe, `context-${contexts}`));
    return [await bakehouse(root), await docker(root)];
  };

  describe.concurrent('of hand-picked patterns', () => {
    test.each(ignoreCases)('$text', async ({ text, older }) => {
      const [ours, theirs] = await both(ignoreTree, text);
      if (major < 23 && older !== undefined) expect(ours).not.toEqual(theirs);
      else if (major < 23 || !brokenIn23.includes(text)) expect(ours).toEqual(theirs);
    });
  });

  describe.concurrent('of generated patterns and trees', () => {
    test.each(Array.from({ length: 24 }, (_, seed) => seed + 1))('number %i', async (seed) => {
      const { tree, text } = aGeneratedCase(seed);
      const [ours, theirs] = await both(tree, text);
      expect({ text, listing: ours }).toEqual({ text, listing: theirs });
    });
  });
});
