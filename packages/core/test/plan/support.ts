import type { ImageDefinition } from '../../src/definition/types.js';
import { makePlan, type PlanInput } from '../../src/plan/plan.js';
import type { Plan } from '../../src/plan/types.js';

/** 64 hex digits that stand for some content. */
export const digestOf = (name: string): string => Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64);

/** A plan input for one image with one copied folder. */
export function anInput(overrides: Partial<PlanInput> = {}, image: Partial<ImageDefinition> = {}): PlanInput {
  return {
    project: 'shop',
    image: 'web',
    target: 'docker',
    platform: 'linux/amd64',
    provider: { kind: 'docker', options: {} },
    engine: { name: 'assembler', revision: 1 },
    template: undefined,
    definition: { steps: [{ copy: './site', to: '/var/www/html' }], ...image },
    base: { kind: 'external', id: `sha256:${digestOf('debian')}` },
    origin: { selector: 'debian:12', reference: `debian@sha256:${digestOf('manifest')}` },
    materials: [{ kind: 'copy', source: { tree: digestOf('site') } }],
    source: undefined,
    refreshed: undefined,
    labels: {},
    ...overrides,
  };
}

export const planOf = (overrides: Partial<PlanInput> = {}, image: Partial<ImageDefinition> = {}): Plan =>
  makePlan(anInput(overrides, image));
