import type { Check, ImageDefinition } from '../definition/types.js';
import { normalConfig } from './config.js';
import { canonical, checksDigest, versionOf } from './identity.js';
import type { Json, JsonObject } from './json.js';
import { planStep, type StepMaterial } from './steps.js';
import type { Plan, PlanBase, PlanIdentity, PlanOrigin } from './types.js';

/** Everything a plan is made of, already resolved. */
export interface PlanInput {
  readonly project: string;
  readonly image: string;
  readonly target: string;
  readonly platform: string;
  readonly provider: { readonly kind: string; readonly options: Json };
  readonly engine: { readonly name: string; readonly revision: number };
  readonly template: PlanIdentity['template'];
  /** The image with variables substituted and only the steps and checks for this target. */
  readonly definition: ImageDefinition;
  readonly base: PlanBase;
  readonly origin: PlanOrigin;
  /** One per step of `definition`. */
  readonly materials: readonly StepMaterial[];
  /** An existing Dockerfile or Packer template, by digests. */
  readonly source: JsonObject | undefined;
  readonly refreshed: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/** Makes the plan of one image for one target. Pure. */
export function makePlan(input: PlanInput): Plan {
  const { definition } = input;
  const steps = (definition.steps ?? []).map((step, index) =>
    planStep(step, input.materials[index] ?? { kind: 'none' }, `images.${input.image}.steps[${index}]`),
  );
  const checks = definition.checks ?? [];
  const config = normalConfig(definition.config);
  const identity = canonical<PlanIdentity>({
    provider: input.provider,
    platform: input.platform,
    engine: { name: input.engine.name, revision: input.engine.revision },
    base: input.base,
    steps: steps.map((step) => step.identity),
    ...(config && { config }),
    ...(input.source && { source: input.source }),
    ...(input.template && { template: input.template }),
    ...(input.refreshed !== undefined && { refreshed: input.refreshed }),
  });
  return {
    schema: 1,
    project: input.project,
    image: input.image,
    target: input.target,
    version: versionOf(identity),
    identity,
    origin: input.origin,
    steps: steps.map((step) => step.source),
    checks,
    checksDigest: checksDigest(checks),
    labels: input.labels,
    mutable: definition.mutable ?? [],
  };
}

/** What a check is called where it has no name of its own. */
export function checkName(check: Check): string {
  if (check.name !== undefined) return check.name;
  if ('run' in check) return `run ${check.run}`;
  if ('http' in check) return `http ${check.http}`;
  if ('port' in check) return `port ${check.port}`;
  if ('file' in check) return `file ${check.file}`;
  return `package ${check.package}`;
}
