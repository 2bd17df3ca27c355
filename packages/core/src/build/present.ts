import type { VersionRecord } from '../catalog/state.js';
import { BakeError } from '../errors/bake-error.js';
import { short } from '../plan/digest.js';
import type { Artifact } from '../provider/types.js';
import type { NodeContext } from './context.js';

/** What is recorded of a version, and the recorded artifact where it can be reached. */
export interface Present {
  readonly record: VersionRecord | undefined;
  readonly artifact: Artifact | undefined;
}

/**
 * Looks whether a version is present: recorded, and its artifact can be reached from here.
 * Throws `ERR_BAKE_REVOKED` for a forbidden version.
 */
export async function lookUp({ project, target, node, catalog }: NodeContext): Promise<Present> {
  const { plan } = node;
  const history = await catalog.history(plan.project, plan.image);
  const record = await history.version(plan.target, plan.version);
  if (record === undefined) return { record, artifact: undefined };
  if (record.revoked !== null) {
    throw new BakeError(
      'ERR_BAKE_REVOKED',
      `${plan.image}@${short(plan.version)} is revoked: ${record.revoked.reason}`,
      {
        hint: 'Change an input, or allow the version again with: bake restore',
        data: { image: plan.image, target: plan.target, version: plan.version },
      },
    );
  }
  const found = await target.provider().find(plan, project.signal);
  const recorded = record.builds.some((build) => !build.retired && build.artifact.digest === found?.digest);
  return { record, artifact: recorded ? found : undefined };
}
