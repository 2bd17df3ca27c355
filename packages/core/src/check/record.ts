import { blobOf } from '../catalog/blob-of.js';
import type { BuildLog } from '../events/log.js';
import type { Author, Catalog } from '../catalog/types.js';
import { canonicalJson } from '../plan/json.js';
import type { Plan } from '../plan/types.js';
import type { Artifact } from '../provider/types.js';
import type { CheckSummary } from './run.js';

export interface Recorder {
  readonly catalog: Catalog;
  readonly author: Author;
  redact(text: string): string;
}

export interface CheckOutcome {
  readonly summary: CheckSummary;
  readonly log: BuildLog;
  readonly milliseconds: number;
}

/** Records what checks came to for one artifact and one set of checks. */
export async function recordChecked(
  { catalog, author, redact }: Recorder,
  plan: Plan,
  { id, digest }: Artifact,
  { summary, log, milliseconds }: CheckOutcome,
): Promise<void> {
  const report = blobOf(redact(canonicalJson({ checks: summary.checks, log: log.text() })));
  await catalog.blobs.write([report]);
  await catalog.append(plan.project, plan.image, author, () => ({
    type: 'checked',
    payload: {
      target: plan.target,
      version: plan.version,
      artifact: { id, digest },
      checks: plan.checksDigest,
      outcome: summary.outcome,
      ...summary.counts,
      report: report.digest,
      milliseconds,
    },
  }));
}
