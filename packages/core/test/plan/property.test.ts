import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify, parse } from 'yaml';
import type { ContainerConfig, ImageDefinition, Step } from '../../src/definition/types.js';
import { makePlan } from '../../src/plan/plan.js';
import type { StepMaterial } from '../../src/plan/steps.js';
import { canonicalJson } from '../../src/plan/json.js';
import { anInput, digestOf } from './support.js';

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/);
const path = fc.array(word, { minLength: 1, maxLength: 3 }).map((names) => `/${names.join('/')}`);
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => value.isWellFormed());
const map = fc.dictionary(word, text, { maxKeys: 4, noNullPrototype: true });

/** Leaves undefined members out, as a definition that was read from a file does. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ copy: word, to: path, owner: optional(word), mode: optional(fc.constantFrom('0600', '0755')) }),
  fc.record({ run: fc.array(text, { minLength: 1, maxLength: 3 }), env: optional(map), user: optional(word) }),
  fc.record({ fetch: fc.webUrl(), sha256: word.map(digestOf), to: path, unpack: optional(fc.constant(true)) }),
) as fc.Arbitrary<Step>;

const config = fc.record({
  cmd: optional(fc.array(text, { maxLength: 3 })),
  env: optional(map),
  expose: optional(fc.uniqueArray(fc.integer({ min: 1, max: 65535 }), { maxLength: 3 })),
  labels: optional(map),
  user: optional(word),
  volumes: optional(fc.uniqueArray(path, { maxLength: 3 })),
}) as fc.Arbitrary<ContainerConfig>;

const image: fc.Arbitrary<ImageDefinition> = fc
  .record({ steps: fc.array(step, { minLength: 1, maxLength: 4 }), config: optional(config) })
  .map((value) => plain(value) as ImageDefinition);

/** What the walk would find: a tree for each copy, told apart by what is copied. */
const materials = (definition: ImageDefinition): StepMaterial[] =>
  (definition.steps ?? []).map((each) =>
    'copy' in each ? { kind: 'copy', source: { tree: digestOf(each.copy) } } : { kind: 'none' },
  );

const versionOf = (definition: ImageDefinition, found = materials(definition)): string =>
  makePlan(anInput({ definition, materials: found })).version;

/** The same value with every object's members in the opposite order. */
function reversed<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item) => reversed(item) as unknown) as T;
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => [key, reversed(member) as unknown] as const);
  return Object.fromEntries(members.toReversed()) as T;
}

/** Something that makes another image of an image. */
const changes: readonly ((image: ImageDefinition) => ImageDefinition)[] = [
  (each) => ({ ...each, config: { ...each.config, workdir: '/changed' } }),
  (each) => ({ ...each, config: { ...each.config, env: { ...each.config?.env, CHANGED: '1' } } }),
  (each) => ({ ...each, steps: [...(each.steps ?? []), { run: 'changed' }] }),
  (each) => ({ ...each, steps: [{ run: 'changed' }, ...(each.steps ?? [])] }),
  (each) => ({ ...each, steps: (each.steps ?? []).slice(1) }),
];

describe('over random definitions, a version', () => {
  it('is the same for the same definition in whatever order and in whatever form it is written', () => {
    fc.assert(
      fc.property(image, (definition) => {
        const version = versionOf(definition);
        expect(versionOf(reversed(definition))).toBe(version);
        expect(versionOf(parse(stringify(definition)) as ImageDefinition)).toBe(version);
        expect(versionOf(JSON.parse(canonicalJson(definition)) as ImageDefinition)).toBe(version);
      }),
      { numRuns: 300 },
    );
  });

  it('is not changed by names, urls, checks, or how a set is written', () => {
    fc.assert(
      fc.property(image, word, (definition, name) => {
        const steps = (definition.steps ?? []).map((each) => ({
          ...each,
          name,
          ...('fetch' in each && { fetch: `https://${name}.example` }),
        }));
        const expose = definition.config?.expose?.map((port) => `${port}/tcp`).toReversed();
        const other = { ...definition, steps, checks: [{ run: name }], mutable: [`/${name}`] };
        const spelled = expose ? { ...other, config: { ...definition.config, expose: [...expose, ...expose] } } : other;
        expect(versionOf(spelled, materials(definition))).toBe(versionOf(definition));
      }),
      { numRuns: 300 },
    );
  });

  it('is changed by every change of an input', () => {
    fc.assert(
      fc.property(image, fc.constantFrom(...changes), (definition, change) => {
        const changed = change(definition);
        fc.pre(canonicalJson(changed) !== canonicalJson(definition));
        expect(versionOf(changed)).not.toBe(versionOf(definition));
      }),
      { numRuns: 300 },
    );
  });

  it('is changed by the content of any copied tree', () => {
    fc.assert(
      fc.property(image, fc.nat(), (definition, pick) => {
        const found = materials(definition);
        const copies = found.flatMap(({ kind }, index) => (kind === 'copy' ? [index] : []));
        fc.pre(copies.length > 0);
        const at = copies[pick % copies.length] ?? 0;
        const other = found.with(at, { kind: 'copy', source: { tree: digestOf('other content') } });
        expect(versionOf(definition, other)).not.toBe(versionOf(definition));
      }),
      { numRuns: 300 },
    );
  });
});
