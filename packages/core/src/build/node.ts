import { BakeError } from '../errors/bake-error.js';
import { isAborted } from '../errors/abort.js';
import type { VersionRecord } from '../catalog/state.js';
import { recordChecked } from '../check/record.js';
import { failureText, runChecks, type CheckSummary } from '../check/run.js';
import type { BuiltImage, CheckCounts } from '../library.js';
import { openLog } from '../events/log.js';
import type { Artifact } from '../provider/types.js';
import { since, subjectOf, type NodeContext } from './context.js';
import { asBakeError, makeArtifact, recordFailure } from './make.js';
import { lookUp, type Present } from './present.js';

/** What became of one planned image. */
export interface NodeResult {
  readonly image: BuiltImage;
  readonly artifact: Artifact | undefined;
  /** Whether it passed its checks, so that it may be a parent and enter a baked set. */
  readonly passed: boolean;
}

const noChecks: CheckCounts = { passed: 0, failed: 0, notRun: 0 };

/** Brings one planned image to a checked artifact. Rejects only when the run was aborted: a failure is a value. */
export async function bakeNode(context: NodeContext, parents: readonly NodeResult[]): Promise<NodeResult> {
  const start = context.project.now();
  const finish = (
    outcome: BuiltImage['outcome'],
    rest: { checks?: CheckCounts; artifact?: Artifact | undefined; error?: BakeError },
  ): NodeResult => {
    const { checks = noChecks, artifact, error = null } = rest;
    const milliseconds = since(context, start);
    const message = error?.message ?? null;
    context.project.emit({ type: 'finished', ...subjectOf(context), outcome, milliseconds, message });
    const shown = artifact && { id: artifact.id, digest: artifact.digest, locations: artifact.locations };
    return {
      image: { ...subjectOf(context), outcome, checks, artifact: shown ?? null, milliseconds, error },
      artifact,
      passed: error === null && checks.notRun === 0 && checks.failed === 0,
    };
  };

  const unusable = parents.find((parent) => !parent.passed);
  if (unusable) return finish('skipped', { error: skippedError(context, unusable) });
  try {
    const { artifact, summary, built } = await bake(context, parents[0]?.artifact);
    if (summary.outcome !== 'failed') return finish(built ? 'built' : 'reused', { checks: summary.counts, artifact });
    return finish('failed', { checks: summary.counts, artifact, error: checkError(context, summary) });
  } catch (error) {
    if (isAborted(error, context.project.signal)) throw error;
    return finish('failed', { error: asBakeError(error) });
  }
}

interface Baked {
  readonly artifact: Artifact | undefined;
  readonly summary: CheckSummary;
  readonly built: boolean;
}

/** Re-uses what is present and checked; otherwise takes the lease, looks again, and does what is left. */
async function bake(context: NodeContext, parent: Artifact | undefined): Promise<Baked> {
  const { project, catalog, node } = context;
  const known = reusable(context, await lookUp(context));
  if (known) return known;
  project.emit({ type: 'started', ...subjectOf(context) });
  const { plan } = node;
  const name = ['build', plan.project, plan.image, plan.target, plan.version].join('.');
  await using lease = await catalog.lease(name, project.signal, (holder) => {
    project.emit({ type: 'waiting', ...subjectOf(context), holder });
  });
  const signal = AbortSignal.any([project.signal, lease.lost]);
  const present = await lookUp(context);
  const meanwhile = reusable(context, present);
  if (meanwhile) return meanwhile;
  const artifact = present.artifact ?? (await makeArtifact(context, await parentOf(context, parent), signal));
  return { ...(await check(context, artifact, present.record, signal)), built: present.artifact === undefined };
}

/** The present artifact, where its checks have passed; what could not be run before is tried again. */
function reusable({ node }: NodeContext, { record, artifact }: Present): Baked | undefined {
  const result = record?.checks.find(
    (checked) => checked.artifact === artifact?.digest && checked.checks === node.plan.checksDigest,
  );
  if (artifact === undefined || result?.outcome !== 'passed') return undefined;
  const { passed, failed, notRun } = result;
  return { artifact, built: false, summary: { outcome: 'passed', counts: { passed, failed, notRun }, checks: [] } };
}

/** Runs the checks, records the result, and removes an artifact that has never passed and has now failed. */
async function check(
  context: NodeContext,
  artifact: Artifact,
  record: VersionRecord | undefined,
  signal: AbortSignal,
): Promise<Omit<Baked, 'built'>> {
  const { project, target, node, catalog, author } = context;
  const { plan } = node;
  const start = project.now();
  const log = openLog(project.redact);
  project.emit({ type: 'checking', ...subjectOf(context), checks: plan.checks.length });
  const summary = await runChecks(target.provider(), plan, artifact, {
    run: project.run,
    signal,
    log: (step, line) => {
      log.add(step, line);
      project.emit({ type: 'log', ...subjectOf(context), step, line });
    },
  });
  if (plan.checks.length === 0) warn(context, 'has no checks: nothing was tested');
  if (summary.outcome === 'unchecked') warn(context, uncheckedText(summary.counts.notRun));

  await recordChecked({ catalog, author, redact: project.redact }, plan, artifact, {
    summary,
    log,
    milliseconds: since(context, start),
  });
  if (summary.outcome !== 'failed') return { artifact, summary };
  const everPassed = record?.checks.some(
    (checked) => checked.artifact === artifact.digest && checked.outcome === 'passed',
  );
  if (everPassed || context.onFailure === 'keep') return { artifact, summary };
  await target.provider().remove(artifact, signal);
  await catalog.append(plan.project, plan.image, author, () => ({
    type: 'retired',
    payload: {
      target: plan.target,
      version: plan.version,
      artifact: { id: artifact.id, digest: artifact.digest },
      because: ['checks failed'],
    },
  }));
  await recordFailure(context, 'check', checkError(context, summary), log);
  return { artifact: undefined, summary };
}

/** The parent's artifact: of this run, or, for an image of another project, the recorded one. */
async function parentOf(context: NodeContext, parent: Artifact | undefined): Promise<Artifact | undefined> {
  const { plan } = context.node;
  const { base } = plan.identity;
  const { project, image } = plan.origin;
  if (parent || base.kind !== 'image' || project === undefined || image === undefined) return parent;
  const key = { project, image, target: plan.target, version: base.version };
  const found = await context.target.provider().find(key, context.project.signal);
  if (found) return found;
  throw new BakeError(
    'ERR_BAKE_ARTIFACT_MISSING',
    `the base ${project}/${image} of ${plan.image} cannot be reached from here`,
    {
      hint: `Build ${project}/${image} first.`,
      data: key,
    },
  );
}

const uncheckedText = (count: number): string =>
  `is unchecked: ${count === 1 ? 'one check' : `${count} checks`} could not be run here`;

function warn({ project, node }: NodeContext, text: string): void {
  project.emit({ type: 'warning', message: `${node.image} (${node.target}) ${text}` });
}

function checkError({ node }: NodeContext, summary: CheckSummary): BakeError {
  return new BakeError('ERR_BAKE_CHECK_FAILED', `checks of ${node.image} failed: ${failureText(summary.checks)}`, {
    hint: `See the report with: bake logs ${node.image}@${node.plan.version.slice(0, 12)}`,
    data: { image: node.image, target: node.target, version: node.plan.version },
  });
}

function skippedError({ node }: NodeContext, parent: NodeResult): BakeError {
  const why = parent.image.error === null ? 'has not passed its checks' : 'failed';
  return new BakeError('ERR_BAKE_BUILD_FAILED', `${node.image} was skipped: its base ${parent.image.image} ${why}`, {
    data: { image: node.image, target: node.target, base: parent.image.image },
  });
}
