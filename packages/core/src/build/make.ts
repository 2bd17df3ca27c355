import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { blobOf } from '../catalog/blob-of.js';
import type { VersionRef } from '../catalog/events.js';
import { BakeError, isBakeError } from '../errors/bake-error.js';
import { isAborted } from '../errors/abort.js';
import { openLog, type BuildLog } from '../events/log.js';
import type { Artifact, BaseBlob, Provider } from '../provider/types.js';
import { canonicalJson } from '../plan/json.js';
import { since, subjectOf, type NodeContext } from './context.js';
import { fetchInputs } from './fetch.js';
import { secretsFor, workingInputs } from './inputs.js';
import { retainInputs, type Retained } from './retain.js';

/** Builds a version, keeps its inputs, and records it. A failure is recorded too, and leaves nothing behind. */
export async function makeArtifact(
  context: NodeContext,
  parent: Artifact | undefined,
  signal: AbortSignal,
): Promise<Artifact> {
  const { project, node, catalog, target } = context;
  const start = project.now();
  const log = openLog(project.redact);
  try {
    const secrets = secretsFor(node, project.secrets);
    const folder = join(project.stateDir, 'cache', 'fetch');
    const pause = (milliseconds: number): Promise<void> => sleep(milliseconds, undefined, { signal });
    const fetched = await fetchInputs(node.plan, { folder, blobs: catalog.blobs, signal, sleep: pause });
    const provider = target.provider();
    const [keeping, building] = await Promise.allSettled([
      baseBlobs(context, provider, signal).then((base) => retainInputs(project, catalog.blobs, node, fetched, base)),
      provider.build({
        plan: node.plan,
        inputs: workingInputs(node, fetched, catalog.blobs),
        parent,
        selector: node.selector,
        base: node.locked && { id: node.locked.id, reference: node.locked.reference },
        secrets,
        run: project.run,
        signal,
        progress: (step, fraction) =>
          project.emit({ type: 'step', ...subjectOf(context), step, fraction: fraction ?? null }),
        log: (step, line) => {
          log.add(step, line);
          project.emit({ type: 'log', ...subjectOf(context), step, line });
        },
      }),
    ]);
    if (building.status === 'rejected') throw building.reason;
    if (keeping.status === 'rejected') {
      await removeUnrecorded(provider, building.value, keeping.reason);
      throw keeping.reason;
    }
    await recordBuilt(context, building.value, keeping.value, log, since(context, start));
    return building.value;
  } catch (error) {
    if (!isAborted(error, signal)) await recordFailure(context, 'build', error, log);
    throw error;
  }
}

/** Removes an artifact whose inputs could not be kept; a failure to do so joins the reason. */
async function removeUnrecorded(provider: Provider, artifact: Artifact, reason: unknown): Promise<void> {
  try {
    await provider.remove(artifact, AbortSignal.timeout(60_000));
  } catch (removing) {
    throw joined(reason, removing);
  }
}

/** The bytes of an external base, unless the definition says not to keep them or the provider cannot give them. */
async function baseBlobs(
  { project, node }: NodeContext,
  provider: Provider,
  signal: AbortSignal,
): Promise<readonly BaseBlob[]> {
  const image = project.definition.images[node.image];
  const keep = image?.retain?.bases ?? project.definition.retain?.bases ?? true;
  if (!keep || !provider.baseBlobs || node.selector === undefined || node.locked === undefined) return [];
  return provider.baseBlobs(node.selector, { id: node.locked.id, reference: node.locked.reference }, signal);
}

async function recordBuilt(
  context: NodeContext,
  { id, digest }: Artifact,
  retained: Retained,
  log: BuildLog,
  milliseconds: number,
): Promise<void> {
  const { catalog, node, author, branch, project } = context;
  const { plan } = node;
  const logDigest = await storeLog(context, log);
  await catalog.append(plan.project, plan.image, author, () => ({
    type: 'built',
    payload: {
      target: plan.target,
      version: plan.version,
      branch,
      platform: plan.identity.platform,
      artifact: { id, digest },
      plan: retained.plan,
      definition: retained.definition,
      vars: project.vars,
      inputs: retained.inputs,
      base: plan.origin.selector,
      parents: parentsOf(context),
      log: logDigest,
      packages: null,
      milliseconds,
    },
  }));
}

/** The version that a plan's base is, where it is an image. */
export function parentsOf({ node }: NodeContext): readonly VersionRef[] {
  const { base } = node.plan.identity;
  const { project, image } = node.plan.origin;
  return base.kind === 'image' && project !== undefined && image !== undefined
    ? [{ project, image, version: base.version }]
    : [];
}

async function storeLog({ catalog }: NodeContext, log: BuildLog): Promise<string | null> {
  if (log.empty) return null;
  const blob = blobOf(log.text());
  await catalog.blobs.write([blob]);
  return blob.digest;
}

/** Records that something failed. A failure to record joins the first and never masks it. */
export async function recordFailure(
  context: NodeContext,
  stage: 'build' | 'check' | 'publish',
  error: unknown,
  log: BuildLog,
): Promise<void> {
  const { catalog, node, author, branch, project } = context;
  const { plan } = node;
  try {
    const planBlob = blobOf(canonicalJson(plan));
    await catalog.blobs.write([planBlob]);
    const logDigest = await storeLog(context, log);
    await catalog.append(plan.project, plan.image, author, () => ({
      type: 'failed',
      payload: {
        target: plan.target,
        version: plan.version,
        branch,
        stage,
        code: isBakeError(error) ? error.code : 'ERR_BAKE_INTERNAL',
        message: project.redact(error instanceof Error ? error.message : String(error)),
        plan: planBlob.digest,
        log: logDigest,
      },
    }));
  } catch (recording) {
    throw joined(error, recording);
  }
}

/** The first error with a second one that came of dealing with it. */
function joined(first: unknown, second: unknown): AggregateError {
  const message = first instanceof Error ? first.message : String(first);
  return new AggregateError([first, second], message, { cause: second });
}

/** Any error as one with a code. */
export function asBakeError(error: unknown): BakeError {
  if (isBakeError(error)) return error;
  const first = error instanceof AggregateError ? (error.errors as unknown[])[0] : undefined;
  if (isBakeError(first)) return new BakeError(first.code, first.message, { data: first.data, cause: error });
  const message = error instanceof Error ? error.message : String(error);
  return new BakeError('ERR_BAKE_INTERNAL', message, { cause: error });
}
