import type { VersionRecord } from '../catalog/state.js';
import { canonicalBuild } from '../catalog/canonical-build.js';
import type { Catalog, ImageHistory } from '../catalog/types.js';
import type { PlannedImage, PlanOptions, PlanResult, PlanState } from '../library.js';
import type { Digest } from '../plan/digest.js';
import { explainPlans } from '../plan/explain.js';
import type { Change } from '../plan/types.js';
import { branchOf } from '../project/branch.js';
import { planAll, targetOf, type PlannedNode } from '../project/plans.js';
import type { Project } from '../project/types.js';
import { readPlan, treeLoader } from './blobs.js';

/** Which version each chosen image has now, whether it is there, and why not. Writes nothing. */
export async function readPlans(project: Project, options: PlanOptions): Promise<PlanResult> {
  const warnings: string[] = [];
  const listening: Project = {
    ...project,
    emit: (event) => {
      if (event.type === 'warning') warnings.push(event.message);
      project.emit(event);
    },
  };
  const { nodes, lock } = await planAll(listening, options);
  const catalog = await project.readCatalog();
  const images: PlannedImage[] = [];
  for (const node of nodes) {
    const history = await catalog?.history(node.plan.project, node.image);
    const record = await history?.version(node.target, node.plan.version);
    const state = await stateOf(project, node, record, options.refresh ?? false);
    const branch = async (): Promise<string> =>
      branchOf({ given: undefined, locked: lock.branch, git: await project.git(), env: project.env });
    const reasons =
      state === 'present' ? checksChanged(node, record) : await whyMissing(catalog, history, node, branch);
    images.push({
      image: node.image,
      target: node.target,
      version: node.plan.version,
      platform: node.plan.identity.platform,
      base: node.plan.origin.selector,
      state,
      reasons,
    });
  }
  project.emit({ type: 'planned', total: images.length });
  return { images, warnings };
}

async function stateOf(
  project: Project,
  node: PlannedNode,
  record: VersionRecord | undefined,
  refresh: boolean,
): Promise<PlanState> {
  if (record === undefined) return 'missing';
  if (record.revoked !== null) return 'revoked';
  if (canonicalBuild(record) === undefined) return record.failure === null ? 'gone' : 'failed';
  if (!refresh) return 'present';
  const found = await targetOf(project, node.target).provider().find(node.plan, project.signal);
  const recorded = record.builds.some(({ retired, artifact }) => !retired && artifact.digest === found?.digest);
  return recorded ? 'present' : 'gone';
}

/** A present version whose checks are not those that were recorded will be checked again. */
function checksChanged({ plan }: PlannedNode, record: VersionRecord | undefined): readonly Change[] {
  const known = record?.checks.map(({ checks }) => checks) ?? [];
  if (known.length === 0 || known.includes(plan.checksDigest)) return [];
  return [{ input: 'checks', kind: 'changed', before: known.at(-1) ?? null, after: plan.checksDigest }];
}

/** How the inputs differ from the newest version on the branch, else from the newest of all. */
async function whyMissing(
  catalog: Catalog | undefined,
  history: ImageHistory | undefined,
  node: PlannedNode,
  branch: () => Promise<string>,
): Promise<readonly Change[]> {
  if (catalog === undefined || history === undefined || history.sequence === 0) return [];
  const latest = history.latest(await branch())?.versions[node.target];
  const record =
    (latest === undefined ? undefined : await history.version(node.target, latest)) ??
    (await history.versions()).find(({ target, plan }) => target === node.target && plan !== null);
  const before = record && (await readPlan(catalog, record.plan));
  return before ? explainPlans(before, node.plan, treeLoader(catalog, treesOf(node))) : [];
}

/** The tree objects that a planned image was just hashed from. */
export function treesOf(node: PlannedNode): ReadonlyMap<Digest, Uint8Array> {
  return new Map(node.snapshots.flatMap((found) => (found?.kind === 'tree' ? [...found.objects] : [])));
}
