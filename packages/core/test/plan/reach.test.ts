import { describe, expect, it } from 'vitest';
import type { Definition } from '../../src/definition/types.js';
import { BakeError } from '../../src/errors/bake-error.js';
import { reach } from '../../src/plan/reach.js';
import type { ProviderPlugin } from '../../src/provider/types.js';
import { aDefinition, memoryProvider } from '../../src/testing/index.js';

const containers = memoryProvider({ kind: 'docker' });
const machines: ProviderPlugin = {
  ...memoryProvider({ kind: 'aws' }),
  parseSelector: (input) => {
    if (typeof input === 'object' && input !== null && 'name' in input) return { key: String(input.name), value: null };
    throw new BakeError('ERR_BAKE_SELECTOR_INVALID', 'not an AMI filter');
  },
};
const plugins = new Map<string, ProviderPlugin>([
  ['docker', containers],
  ['arm', containers],
  ['aws', machines],
]);

const reached = (images: Definition['images']): string[] =>
  reach(aDefinition({ images }), plugins).map(({ key, base }) => `${key} ${base.kind}`);

describe('what an image is built for', () => {
  it('is every target whose provider understands a reference', () => {
    expect(reached({ web: { from: 'debian:12' } })).toEqual(['web@docker selector', 'web@arm selector']);
  });

  it('is what its parent is built for, and less with `targets`', () => {
    const images = { web: { from: 'base', targets: ['arm'] }, base: { from: 'debian:12' } };
    expect(reached(images)).toEqual(['base@docker selector', 'base@arm selector', 'web@arm image']);
  });

  it('is what `from` names, one selector a target', () => {
    const from = { docker: 'debian:12', aws: { name: 'debian-12-*' } };
    expect(reached({ web: { from } })).toEqual(['web@docker selector', 'web@aws selector']);
  });

  it('is everything for a base of another project', () => {
    expect(reached({ web: { from: { image: 'platform/base', channel: 'production' } } })).toEqual([
      'web@docker project',
      'web@arm project',
      'web@aws project',
    ]);
  });

  it('cannot be a target that is not reached', () => {
    expect(() => reached({ web: { from: 'debian:12', targets: ['aws'] } })).toThrow(
      expect.objectContaining({ code: 'ERR_BAKE_TARGET_UNKNOWN' }),
    );
  });
});
