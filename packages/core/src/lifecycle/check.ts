import { runChecks } from '../check/run.js';
import { recordChecked } from '../check/record.js';
import { openLog } from '../events/log.js';
import type { CheckReport } from '../library.js';
import type { Project } from '../project/types.js';
import { reachArtifact } from './artifact.js';
import { readPlan } from './blobs.js';
import { checksDigest } from '../plan/identity.js';
import type { Check } from '../definition/types.js';
import { BakeError } from '../errors/bake-error.js';

/** Runs the definition's checks on a fresh copy of a recorded artifact, and records what came of it. Removes nothing. */
export async function checkRef(project: Project, ref: string, target?: string): Promise<CheckReport> {
  const { history, record, provider, artifact } = await reachArtifact(project, ref, target);
  const catalog = await project.writeCatalog();
  const recorded = await readPlan(catalog, record.plan);
  if (recorded === undefined) {
    throw new BakeError('ERR_BAKE_BLOB_MISSING', `${ref}: the plan of this version was not recorded`, {
      data: { ref },
    });
  }
  const checks = definedChecks(project, history.image, record.target) ?? recorded.checks;
  const plan = { ...recorded, checks, checksDigest: checksDigest(checks) };
  const log = openLog(project.redact);
  const start = project.now();
  const { run, signal } = project;
  const summary = await runChecks(provider, plan, artifact, { run, signal, log: log.add });
  const milliseconds = Math.max(0, Math.round(project.now() - start));
  await recordChecked({ catalog, author: await project.author(), redact: project.redact }, plan, artifact, {
    summary,
    log,
    milliseconds,
  });
  const { id, digest } = artifact;
  return { version: record.version, artifact: { id, digest }, checks: summary.checks };
}

/** The checks that the working definition asks for, where it still has the image. */
function definedChecks(project: Project, image: string, target: string): readonly Check[] | undefined {
  const body = Object.hasOwn(project.definition.images, image) ? project.definition.images[image] : undefined;
  return body && (body.checks ?? []).filter(({ only }) => only === undefined || only.includes(target));
}
