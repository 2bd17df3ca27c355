import type { CheckCounts } from '../library.js';
import { checkName } from '../plan/plan.js';
import type { Plan } from '../plan/types.js';
import type { Artifact, ArtifactRequest, CheckResult, Provider } from '../provider/types.js';

/** What the checks of a plan came to. */
export interface CheckSummary {
  /** `passed` where there is nothing to check. */
  readonly outcome: 'passed' | 'failed' | 'unchecked';
  readonly counts: CheckCounts;
  readonly checks: readonly CheckResult[];
}

/** Runs a plan's checks on a fresh copy of an artifact; where the provider cannot, they are not run. */
export async function runChecks(
  provider: Provider,
  plan: Plan,
  artifact: Artifact,
  request: ArtifactRequest,
): Promise<CheckSummary> {
  const named = plan.checks.map((check) => ({ name: checkName(check), check }));
  if (named.length === 0) return summarise([]);
  if (provider.check) return summarise((await provider.check(artifact, { checks: named }, request)).checks);
  const detail = `the provider ${plan.identity.provider.kind} runs no checks`;
  return summarise(named.map(({ name }) => ({ name, outcome: 'notRun', detail, milliseconds: 0 })));
}

function summarise(checks: readonly CheckResult[]): CheckSummary {
  const count = (outcome: CheckResult['outcome']): number => checks.filter((check) => check.outcome === outcome).length;
  const counts = { passed: count('passed'), failed: count('failed'), notRun: count('notRun') };
  const outcome = counts.failed > 0 ? 'failed' : counts.notRun > 0 ? 'unchecked' : 'passed';
  return { outcome, counts, checks };
}

/** One line that says which checks failed and why. */
export function failureText(checks: readonly CheckResult[]): string {
  return checks
    .filter((check) => check.outcome === 'failed')
    .map(({ name, detail }) => (detail === null ? name : `${name}: ${detail}`))
    .join('; ');
}
