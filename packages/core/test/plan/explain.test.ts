import { describe, expect, it } from 'vitest';
import type { ImageDefinition } from '../../src/definition/types.js';
import { explainPlans, type LoadTree } from '../../src/plan/explain.js';
import type { PlanInput } from '../../src/plan/plan.js';
import type { Change, Plan } from '../../src/plan/types.js';
import type { TreeMember } from '../../src/tree/types.js';
import { sha256 } from '../../src/plan/digest.js';
import { encodeTree } from '../../src/tree/tree-object.js';
import { digestOf, planOf } from './support.js';

const trees = new Map<string, readonly TreeMember[]>();
const load: LoadTree = async (digest) => trees.get(digest);

/** A folder by the names of what it holds: the text of a file, or a folder. */
interface Folder {
  readonly [name: string]: string | Folder;
}

/** Stores the tree objects of a folder, and answers the digest of the root. */
function store(folder: Folder): string {
  const members = Object.entries(folder).map(([name, body]): TreeMember =>
    typeof body === 'string' ? ['f', name, '0644', body.length, digestOf(body)] : ['d', name, store(body)],
  );
  const digest = sha256(encodeTree(members));
  trees.set(digest, members);
  return digest;
}

function planWith(files: Folder, overrides: Partial<PlanInput> = {}, image: Partial<ImageDefinition> = {}): Plan {
  return planOf({ materials: [{ kind: 'copy', source: { tree: store(files) } }], ...overrides }, image);
}

const brief = (changes: readonly Change[]): string[] => changes.map(({ kind, input }) => `${kind} ${input}`);

describe('an explanation', () => {
  it('is empty for the same version', async () => {
    expect(await explainPlans(planOf(), planOf(), load)).toEqual([]);
  });

  it('names exactly the files that differ, at any depth', async () => {
    const before = planWith({ css: { 'a.css': 'a', 'b.css': 'b' }, 'index.html': 'a', old: { x: 'x' }, same: 's' });
    const after = planWith({ css: { 'a.css': 'a', 'b.css': 'c' }, 'index.html': 'b', new: { y: 'y' }, same: 's' });
    expect(brief(await explainPlans(before, after, load))).toEqual([
      'changed steps[0] site/css/b.css',
      'changed steps[0] site/index.html',
      'added steps[0] site/new/y',
      'removed steps[0] site/old/x',
    ]);
  });

  it('names a removed file by where it was, and an added one by where it is', async () => {
    const moved = { steps: [{ copy: './public', to: '/var/www/html' }] };
    const changes = await explainPlans(planWith({ a: 'a' }), planWith({ b: 'b' }, {}, moved), load);
    expect(brief(changes)).toEqual(['removed steps[0] site/a', 'added steps[0] public/b']);
  });

  it('says so where the trees are not at hand, instead of guessing', async () => {
    const [change] = await explainPlans(planOf(), planWith({ a: 'a' }), load);
    expect(change).toMatchObject({ input: 'steps[0] site', kind: 'changed', before: digestOf('site') });
  });

  it('names the fields that differ', async () => {
    const site: Folder = { a: 'a' };
    const before = planWith(site, {}, { config: { env: { TZ: 'UTC', A: '1' }, cmd: ['a'] } });
    const after = planWith(
      site,
      { platform: 'linux/arm64' },
      { config: { env: { TZ: 'CET' }, cmd: ['a'], user: 'app' } },
    );
    expect(await explainPlans(before, after, load)).toEqual([
      { input: 'config.env.A', kind: 'removed', before: '1', after: null },
      { input: 'config.env.TZ', kind: 'changed', before: 'UTC', after: 'CET' },
      { input: 'config.user', kind: 'added', before: null, after: 'app' },
      { input: 'platform', kind: 'changed', before: 'linux/amd64', after: 'linux/arm64' },
    ]);
  });

  it('shows a moved base by selector and id', async () => {
    const after = planOf({ base: { kind: 'external', id: 'sha256:2' } });
    expect(await explainPlans(planOf(), after, load)).toEqual([
      {
        input: 'base',
        kind: 'changed',
        before: `debian:12 (sha256:${digestOf('debian')})`,
        after: 'debian:12 (sha256:2)',
      },
    ]);
  });

  it('tells an inserted step from changed ones', async () => {
    const [a, b, c] = [{ run: 'a' }, { run: 'b' }, { run: 'c' }];
    const before = planOf({ materials: [] }, { steps: [a, c] });
    const after = planOf({ materials: [] }, { steps: [a, b, c] });
    expect(await explainPlans(before, after, load)).toEqual([
      { input: 'steps[1]', kind: 'added', before: null, after: 'run b' },
    ]);
    expect(await explainPlans(after, before, load)).toEqual([
      { input: 'steps[1]', kind: 'removed', before: 'run b', after: null },
    ]);
  });

  it('names the field of a step that differs', async () => {
    const before = planOf({ materials: [] }, { steps: [{ run: 'a', user: 'app' }] });
    const after = planOf({ materials: [] }, { steps: [{ run: 'b', user: 'app' }] });
    expect(brief(await explainPlans(before, after, load))).toEqual(['changed steps[0].run']);
  });
});
