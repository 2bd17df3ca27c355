import type { UpdateOptions, UpdateResult } from '../library.js';
import { BakeError } from '../errors/bake-error.js';
import { readLock, writeLock } from '../lock/file.js';
import { withBases } from '../lock/format.js';
import { resolveNow } from '../lock/resolve.js';
import { emptyLock, type Lock, type LockedBase } from '../lock/types.js';
import { lockProjectBase } from '../project/project-base.js';
import { checkSelection, isSelected } from '../project/selection.js';
import { planAll, targetOf, type PlannedNode } from '../project/plans.js';
import type { Project } from '../project/types.js';

/** Resolves selectors again, or makes steps run anew, and says what that rebuilds. */
export async function update(project: Project, options: UpdateOptions): Promise<UpdateResult> {
  const thawed: Project = { ...project, frozen: false };
  // All of them, because what stands on a chosen image is rebuilt too.
  const before = await planAll(thawed);
  checkSelection(project, before.nodes, options);
  const chosen = before.nodes.filter((node) => isSelected(node, options));
  const old = readLock(project.root);
  if (options.steps) requireRuns(chosen);
  const lock = options.steps
    ? refreshed(before.lock, chosen.filter(runs), new Date(project.now()).toISOString())
    : withBases(before.lock, await resolveAgain(thawed, chosen));
  const complete = options.steps ? withBases(lock, before.added) : lock;
  const after = await planAll(thawed, { lock: complete });
  if (!options.dryRun) await writeLock(project.root, complete);
  return { changes: changesOf(old, complete, options), rebuilds: rebuildsOf(before.nodes, after.nodes) };
}

/** Only what is run can come out otherwise the next time: files that are copied or fetched are what they are. */
const runs = ({ plan }: PlannedNode): boolean =>
  plan.identity.steps.some(({ kind }) => kind === 'run' || kind === 'provisioner');

function requireRuns(chosen: readonly PlannedNode[]): void {
  if (chosen.some(runs)) return;
  const images = [...new Set(chosen.map(({ image }) => image))];
  throw new BakeError('ERR_BAKE_USAGE', `${images.join(', ')}: no step is run, so there is nothing to run anew`, {
    hint: 'Files that are copied or fetched change the version by themselves.',
    data: { images },
  });
}

async function resolveAgain(project: Project, nodes: readonly PlannedNode[]): Promise<readonly LockedBase[]> {
  const { signal, now } = project;
  const resolved = nodes.map(async ({ image, target, selector, base }) => {
    if (base.kind === 'project') return (await lockProjectBase(project, emptyLock, { image, target, base })).base;
    if (selector === undefined) return undefined;
    return resolveNow({ image, target, selector }, { provider: targetOf(project, target).provider(), signal, now });
  });
  return (await Promise.all(resolved)).filter((base) => base !== undefined);
}

function refreshed(lock: Lock, nodes: readonly PlannedNode[], time: string): Lock {
  const images = new Set(nodes.map(({ image }) => image));
  return {
    ...lock,
    refreshed: { ...lock.refreshed, ...Object.fromEntries([...images].map((image) => [image, time])) },
  };
}

function changesOf(before: Lock, after: Lock, options: UpdateOptions): UpdateResult['changes'] {
  if (options.steps) {
    const images = Object.entries(after.refreshed).filter(([image, time]) => before.refreshed[image] !== time);
    return images.map(([image, time]) => ({
      image,
      target: options.target ?? '*',
      selector: 'steps',
      from: before.refreshed[image] ?? null,
      to: time,
    }));
  }
  return after.bases.flatMap(({ image, target, scope, selector, id }) => {
    const old = before.bases.find((base) => base.image === image && base.target === target && base.scope === scope);
    return old?.id === id && old.selector === selector
      ? []
      : [{ image, target, selector, from: old?.id ?? null, to: id }];
  });
}

/** Images whose version is another one, parents first. */
function rebuildsOf(before: readonly PlannedNode[], after: readonly PlannedNode[]): readonly string[] {
  const versions = new Map(before.map(({ key, plan }) => [key, plan.version]));
  return [...new Set(after.filter(({ key, plan }) => versions.get(key) !== plan.version).map(({ image }) => image))];
}
