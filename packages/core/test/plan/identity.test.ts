import { describe, expect, it } from 'vitest';
import type { ImageDefinition, Step } from '../../src/definition/types.js';
import type { PlanInput } from '../../src/plan/plan.js';
import type { StepMaterial } from '../../src/plan/steps.js';
import { digestOf, planOf } from './support.js';

const version = (overrides: Partial<PlanInput> = {}, image: Partial<ImageDefinition> = {}): string =>
  planOf(overrides, image).version;

const withStep = (step: Step, material: StepMaterial = { kind: 'none' }): string =>
  version({ materials: [material] }, { steps: [step] });

const original = version();

describe('what changes a version', () => {
  const changed: Record<string, string> = {
    'the provider kind': version({ provider: { kind: 'aws', options: {} } }),
    'what the provider’s identity returns': version({ provider: { kind: 'docker', options: { squash: true } } }),
    'the platform': version({ platform: 'linux/arm64' }),
    'the engine': version({ engine: { name: 'engine', revision: 1 } }),
    'the revision of the engine': version({ engine: { name: 'assembler', revision: 2 } }),
    'the resolved base': version({ base: { kind: 'external', id: `sha256:${digestOf('moved')}` } }),
    'no base': version({ base: { kind: 'scratch' } }),
    'the version of the parent': version({ base: { kind: 'image', version: digestOf('parent') } }),
    'the content of a copied tree': version({ materials: [{ kind: 'copy', source: { tree: digestOf('other') } }] }),
    'the destination of a copy': version({}, { steps: [{ copy: './site', to: '/srv' }] }),
    'the owner of a copy': version({}, { steps: [{ copy: './site', to: '/var/www/html', owner: 'www-data' }] }),
    'the mode of a copy': version({}, { steps: [{ copy: './site', to: '/var/www/html', mode: '0600' }] }),
    'a container config': version({}, { config: { cmd: ['nginx'] } }),
    'a label in the image': version({}, { config: { labels: { team: 'shop' } } }),
    'the digest of a project’s own template': version({ template: { source: digestOf('template') } }),
    'the name and revision of a built-in template': version({
      template: { name: 'docker/Dockerfile.hbs', revision: 2 },
    }),
    'the time at which steps were refreshed': version({ refreshed: '2026-01-01T00:00:00.000Z' }),
    'an existing Dockerfile': version({ source: { dockerfile: digestOf('Dockerfile') } }),
  };
  for (const [what, other] of Object.entries(changed)) it(what, () => expect(other).not.toBe(original));

  it('tells all of these apart from each other', () => {
    expect(new Set(Object.values(changed)).size).toBe(Object.keys(changed).length);
  });

  const run: Step = { run: 'make' };
  const steps: Record<string, string> = {
    'a run line': withStep({ run: 'make all' }),
    'two lines instead of one': withStep({ run: ['make', 'all'] }),
    'the environment of a run': withStep({ ...run, env: { A: '1' } }),
    'the shell of a run': withStep({ ...run, shell: 'bash' }),
    'the user of a run': withStep({ ...run, user: 'app' }),
    'the folder of a run': withStep({ ...run, workdir: '/srv' }),
    'the names of its secrets': withStep({ ...run, secrets: ['token'] }),
    'the bytes of a script': withStep({ run: { script: './a.sh' } }, { kind: 'script', digest: digestOf('a') }),
    'other bytes of a script': withStep({ run: { script: './a.sh' } }, { kind: 'script', digest: digestOf('b') }),
    'the sha256 of a fetch': withStep({ fetch: 'https://example.com/a', sha256: digestOf('a'), to: '/a' }),
    'another sha256': withStep({ fetch: 'https://example.com/a', sha256: digestOf('b'), to: '/a' }),
    'whether a fetch is unpacked': withStep({
      fetch: 'https://example.com/a',
      sha256: digestOf('a'),
      to: '/a',
      unpack: true,
    }),
  };
  it('each field of a step', () => {
    expect(new Set([withStep(run), ...Object.values(steps)]).size).toBe(Object.keys(steps).length + 1);
  });

  it('the order of steps', () => {
    const a: Step = { run: 'a' };
    const b: Step = { run: 'b' };
    expect(version({ materials: [] }, { steps: [a, b] })).not.toBe(version({ materials: [] }, { steps: [b, a] }));
  });

  it('the base name of a copied file, which is where it lands in a folder', () => {
    const file = (name: string): string =>
      withStep(
        { copy: name, to: '/opt' },
        { kind: 'copy', source: { file: digestOf('a'), name, mode: '0644', size: 1 } },
      );
    expect(file('a')).not.toBe(file('b'));
  });

  it('the execute bit of a copied file', () => {
    const file = (mode: '0644' | '0755'): string =>
      withStep({ copy: 'a', to: '/a' }, { kind: 'copy', source: { file: digestOf('a'), name: 'a', mode, size: 1 } });
    expect(file('0644')).not.toBe(file('0755'));
  });
});

describe('what does not change a version', () => {
  const same: Record<string, string> = {
    'the names of project, image and target': version({ project: 'other', image: 'api', target: 'prod' }),
    'the selector that a base came from': version({ origin: { selector: 'debian:stable' } }),
    'the manifest digest to pull by': version({ origin: { selector: 'debian:12', reference: 'debian@sha256:other' } }),
    'top-level labels': version({ labels: { owner: 'shop' } }),
    checks: version({}, { checks: [{ run: 'true' }] }),
    'paths that may change at run time': version({}, { mutable: ['/var/log'] }),
    retention: version({}, { retain: { last: 3 } }),
    'the name of a step': version({}, { steps: [{ copy: './site', to: '/var/www/html', name: 'the site' }] }),
    'the way a destination is written': version({}, { steps: [{ copy: './site', to: '/var//www/./html/' }] }),
    'the name of the copied folder': version({}, { steps: [{ copy: './public', to: '/var/www/html' }] }),
    'an empty container config': version({}, { config: {} }),
    'empty maps and lists': version({}, { config: { env: {}, expose: [], volumes: [] } }),
  };
  for (const [what, other] of Object.entries(same)) it(what, () => expect(other).toBe(original));

  it('the url of a fetch', () => {
    const from = (host: string): string => withStep({ fetch: `https://${host}/a`, sha256: digestOf('a'), to: '/a' });
    expect(from('example.com')).toBe(from('mirror.example.com'));
  });

  it('the order in which maps and sets are written', () => {
    const a = version({}, { config: { env: { A: '1', B: '2' }, expose: [443, 80] } });
    const b = version({}, { config: { expose: ['80/tcp', '443/tcp', 80], env: { B: '2', A: '1' } } });
    expect(a).toBe(b);
  });

  it('the order and repetition of secrets', () => {
    const a = withStep({ run: 'make', secrets: ['b', 'a', 'b'] });
    expect(a).toBe(withStep({ run: 'make', secrets: ['a', 'b'] }));
  });

  it('a leading zero of a mode', () => {
    const mode = (text: string): string => version({}, { steps: [{ copy: './site', to: '/srv', mode: text }] });
    expect(mode('640')).toBe(mode('0640'));
  });
});

it('writes the identity in canonical order, so that what is built from it depends on the version alone', () => {
  const { identity } = planOf({}, { config: { env: { B: '2', A: '1' } } });
  expect(Object.keys(identity.config?.env ?? {})).toEqual(['A', 'B']);
});

it('records checks under what they assert, not under their names', () => {
  const digest = (name: string, run: string): string => planOf({}, { checks: [{ name, run }] }).checksDigest;
  expect(digest('a', 'true')).toBe(digest('b', 'true'));
  expect(digest('a', 'true')).not.toBe(digest('a', 'false'));
});
