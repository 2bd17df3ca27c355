import type { Definition, ImageDefinition } from '../definition/types.js';
import { sha256 } from '../plan/digest.js';
import { checksDigest, versionOf } from '../plan/identity.js';
import type { Plan, PlanIdentity, PlanStep, PlanStepSource } from '../plan/types.js';
import type { Artifact } from '../provider/types.js';
import { aTree } from './tree.js';

/** A small definition that is valid: project `shop`, one image `web` on one target `memory`. */
export function aDefinition(overrides: Partial<Definition> = {}): Definition {
  return { name: 'shop', providers: { memory: { use: 'memory' } }, images: { web: anImage() }, ...overrides };
}

/** An image from scratch that copies `./site` to `/www` and checks for its page. */
export function anImage(overrides: Partial<ImageDefinition> = {}): ImageDefinition {
  return {
    from: 'scratch',
    steps: [{ copy: './site', to: '/www' }],
    checks: [{ file: '/www/index.html' }],
    ...overrides,
  };
}

/** What {@link aPlan} takes: any member of a plan, and any member of its identity. */
export type PlanOverrides = Partial<Omit<Plan, 'identity' | 'version' | 'checksDigest'>> & {
  readonly identity?: Partial<PlanIdentity>;
};

/** The plan of {@link anImage} with the tree of {@link aTree}. Its version is always the digest of its identity. */
export function aPlan(overrides: PlanOverrides = {}): Plan {
  const identity: PlanIdentity = {
    provider: { kind: 'memory', options: {} },
    platform: 'linux/amd64',
    engine: { name: 'assembler', revision: 1 },
    base: { kind: 'scratch' },
    steps: [{ kind: 'copy', source: { tree: aTree().digest }, to: '/www' }],
    ...overrides.identity,
  };
  const checks = overrides.checks ?? [{ file: '/www/index.html' }];
  return {
    schema: 1,
    project: 'shop',
    image: 'web',
    target: 'memory',
    origin: { selector: identity.base.kind },
    steps: identity.steps.map(sourceOf),
    labels: {},
    mutable: [],
    ...overrides,
    checks,
    checksDigest: checksDigest(checks),
    identity,
    version: versionOf(identity),
  };
}

/** An artifact of {@link aPlan}, as a provider would answer it. */
export function anArtifact(overrides: Partial<Artifact> = {}): Artifact {
  const digest = `sha256:${sha256(overrides.version ?? 'an artifact')}`;
  return {
    project: 'shop',
    image: 'web',
    target: 'memory',
    version: aPlan().version,
    id: digest,
    digest,
    locations: [`memory:shop/web@${digest}`],
    ...overrides,
  };
}

function sourceOf(step: PlanStep, index: number): PlanStepSource {
  return step.kind === 'copy' ? { name: `copy site → ${step.to}`, path: 'site' } : { name: `${step.kind} ${index}` };
}
