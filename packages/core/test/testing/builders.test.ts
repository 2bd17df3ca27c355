import { describe, expect, it } from 'vitest';
import { aDefinition, anArtifact, anImage, aPlan, aTree, inputsOf } from '@bakehouse/core/testing';
import { canonicalJson, sha256 } from '@bakehouse/core/provider';

/** All that an iterable gives. */
async function all<T>(items: Iterable<T> | AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe('aPlan', () => {
  it('has the version that its identity gives', () => {
    const plan = aPlan({ identity: { platform: 'linux/arm64' } });
    expect(plan.version).toBe(sha256(`bakehouse/plan/1\n${canonicalJson(plan.identity)}`));
    expect(plan.identity.platform).toBe('linux/arm64');
    expect(plan.version).not.toBe(aPlan().version);
  });

  it('has one source a step', () => {
    const { steps } = aPlan({ identity: { steps: [{ kind: 'run', run: ['true'] }] } });
    expect(steps).toHaveLength(1);
  });

  it('keeps names out of the digest of its checks', () => {
    const named = aPlan({ checks: [{ name: 'a', port: 80 }] });
    expect(named.checksDigest).toBe(aPlan({ checks: [{ port: 80 }] }).checksDigest);
    expect(named.checksDigest).not.toBe(aPlan({ checks: [{ port: 81 }] }).checksDigest);
  });
});

describe('the other builders', () => {
  it('take overrides', () => {
    expect(aDefinition({ name: 'other' }).name).toBe('other');
    expect(anImage({ from: 'base' }).from).toBe('base');
    expect(anArtifact({ image: 'other' })).toMatchObject({ image: 'other', version: aPlan().version });
  });
});

describe('aTree', () => {
  it('has one digest whatever the order of its files', () => {
    expect(aTree({ 'a/b': 'x', c: 'y' }).digest).toBe(aTree({ c: 'y', 'a/b': 'x' }).digest);
    expect(aTree({ 'a/b': 'x' }).digest).not.toBe(aTree({ 'a/b': { text: 'x', mode: '0755' } }).digest);
    expect(aTree({ a: { link: 'b' } }).digest).not.toBe(aTree({ a: 'b' }).digest);
    expect(aTree({ a: { folder: true } }).digest).not.toBe(aTree({}).digest);
  });

  it('lists folders before what they hold, in byte order', () => {
    const { entries } = aTree({ 'b/x': '', a: '', 'B/y': '', é: '' });
    expect(entries.map(({ path }) => path)).toEqual(['B', 'B/y', 'a', 'b', 'b/x', 'é']);
  });
});

describe('inputsOf', () => {
  it('reads the trees of steps, and blobs by what they hold', async () => {
    const inputs = inputsOf([undefined, aTree({ a: 'text' })], ['a blob']);
    const entries = await all(inputs.entries(1));
    expect(entries).toMatchObject([{ type: 'file', path: 'a', size: 4, digest: sha256('text') }]);
    expect(await inputs.blob(sha256('a blob'))).toMatchObject({ size: 6 });
    expect(() => inputs.entries(0)).toThrow(/step 0/);
    await expect(inputs.blob(sha256('other'))).rejects.toMatchObject({ code: 'ERR_BAKE_BLOB_MISSING' });
  });
});
