import type { ExplainResult } from '../library.js';
import { BakeError } from '../errors/bake-error.js';
import { explainPlans } from '../plan/explain.js';
import type { Plan } from '../plan/types.js';
import { planAll } from '../project/plans.js';
import type { Project } from '../project/types.js';
import { readPlan, treeLoader } from './blobs.js';
import { findOne } from './find.js';
import { parseRef } from './ref.js';
import { treesOf } from './plan.js';

/** Which inputs differ between two recorded versions, or between one and the working definition. */
export async function explain(project: Project, a: string, b?: string, target?: string): Promise<ExplainResult> {
  const before = await recordedPlan(project, a, target);
  if (b !== undefined) {
    const after = await recordedPlan(project, b, target ?? before.target);
    return { changes: await explainPlans(before, after, treeLoader(await project.readCatalog())) };
  }
  const { nodes } = await planAll(project, { images: [parseRef(a).image], target: before.target });
  const node = nodes.find(({ image, target: name }) => image === before.image && name === before.target);
  if (node === undefined) throw new TypeError(`${before.image} was not planned`);
  const load = treeLoader(await project.readCatalog(), treesOf(node));
  return { changes: await explainPlans(before, node.plan, load) };
}

async function recordedPlan(project: Project, ref: string, target?: string): Promise<Plan> {
  const { record } = await findOne(project, ref, target);
  const catalog = await project.readCatalog();
  const plan = catalog && (await readPlan(catalog, record.plan));
  if (plan) return plan;
  throw new BakeError('ERR_BAKE_BLOB_MISSING', `${ref}: the plan of this version was not recorded`, {
    hint: 'Its build failed before its inputs were kept.',
    data: { ref, version: record.version },
  });
}
