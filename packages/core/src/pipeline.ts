import type { Catalog } from './catalog/types.js';
import type { VersionSet } from './catalog/events.js';
import { bakeNode, type NodeResult } from './build/node.js';
import { schedule } from './build/schedule.js';
import { abortedError, isAborted } from './errors/abort.js';
import type { BuildOptions, BuildResult } from './library.js';
import { writeLock } from './lock/file.js';
import { withBases } from './lock/format.js';
import { canonicalJson } from './plan/json.js';
import { branchOf } from './project/branch.js';
import { planAll, targetOf, type PlannedNode } from './project/plans.js';
import type { Project } from './project/types.js';

/** How many images are worked on at once. Their work is mostly waiting: for engines, registries, disks. */
const parallel = 8;

/**
 * The order of everything: plan, pin, build and check what is missing, record what was baked.
 * Rejects where nothing could be planned, and with `ERR_BAKE_ABORTED`; the failure of one image is a value.
 */
export async function runPipeline(project: Project, options: BuildOptions): Promise<BuildResult> {
  const git = project.git();
  const planned = await planAll(project, options);
  const { nodes, lock, added } = planned;
  if (added.length > 0) await writeLock(project.root, withBases(lock, added));
  const catalog = await project.writeCatalog();
  const author = await project.author();
  const branch = branchOf({ given: options.branch, locked: lock.branch, git: await git, env: project.env });
  project.emit({ type: 'planned', total: nodes.length });
  const onFailure = options.onFailure ?? 'remove';
  const results = await interruptible(project, () =>
    schedule(nodes, parallel, (node, parents: readonly NodeResult[]) =>
      bakeNode({ project, target: targetOf(project, node.target), node, catalog, author, branch, onFailure }, parents),
    ),
  );
  await recordBaked(project, catalog, nodes, results, branch, options);
  return { images: results.map(({ image }) => image) };
}

async function interruptible<T>(project: Project, work: () => Promise<T>): Promise<T> {
  try {
    project.signal.throwIfAborted();
    return await work();
  } catch (error) {
    throw isAborted(error, project.signal) ? abortedError(error) : error;
  }
}

/** Appends `baked` for every image of which all selected targets passed, unless that is what the branch's last one says. */
async function recordBaked(
  project: Project,
  catalog: Catalog,
  nodes: readonly PlannedNode[],
  results: readonly NodeResult[],
  branch: string,
  { target }: BuildOptions,
): Promise<void> {
  const author = await project.author();
  const carried = target === undefined ? [] : await otherTargets(project, nodes, target);
  for (const image of new Set(nodes.map((node) => node.image))) {
    const members = nodes.filter((node) => node.image === image);
    if (!members.every((node) => results[nodes.indexOf(node)]?.passed)) continue;
    await catalog.append(project.definition.name, image, author, async (history) => {
      const versions: Record<string, string> = {};
      for (const { image: other, target: name, plan } of carried) {
        if (other === image && (await history.version(name, plan.version))) versions[name] = plan.version;
      }
      for (const { target: name, plan } of members) versions[name] = plan.version;
      const last = history.latest(branch);
      const same = last && sameSet(last.versions, versions) && last.source?.commit === author.source?.commit;
      return same ? undefined : { type: 'baked', payload: { branch, versions } };
    });
  }
}

/** Plans of the targets that were not selected; where they cannot be planned without asking anybody, there are none. */
async function otherTargets(
  project: Project,
  nodes: readonly PlannedNode[],
  target: string,
): Promise<readonly PlannedNode[]> {
  const images = [...new Set(nodes.map(({ image }) => image))];
  try {
    const all = await planAll({ ...project, frozen: true }, { images });
    return all.nodes.filter((node) => node.target !== target);
  } catch {
    return [];
  }
}

const sameSet = (a: VersionSet, b: VersionSet): boolean => canonicalJson(a) === canonicalJson(b);
