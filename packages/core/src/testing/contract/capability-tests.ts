import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../plan/digest.js';
import type { Artifact, Capabilities, NamedCheck, Provider } from '../../provider/types.js';
import type { ProviderContractOptions } from '../provider-contract.js';
import type { TestRunner } from '../runner.js';
import { hasCode } from './plugin-tests.js';
import { collected, inSession, keyOf, never, type Session } from './session.js';

/** What each capability promises, for those that the provider has. */
export function capabilityTests<Options>({ it }: TestRunner, options: ProviderContractOptions<Options>): void {
  const [image] = options.images;
  /** A test of one capability on the first image's artifact. */
  const test = <Name extends keyof Capabilities>(
    name: Name,
    sentence: string,
    body: (provider: Provider & Pick<Capabilities, Name>, artifact: Artifact, session: Session) => Promise<void>,
  ): void => {
    if (!options.capabilities.includes(name)) return;
    it(`${name}: ${sentence}`, () =>
      inSession(options, async (session) => {
        assert(image, 'the suite needs an image');
        await body(session.provider as Provider & Pick<Capabilities, Name>, await session.build(image), session);
      }));
  };

  test('check', 'gives a result for each check, in order, and leaves nothing', async (provider, artifact, session) => {
    const { passing = [], failing = [] } = options.checks ?? {};
    const checks = [...passing, ...failing].map((check, index): NamedCheck => ({ name: `check ${index}`, check }));
    const before = await session.inventory();
    const output = await provider.check(artifact, { checks }, session.request);
    assert.deepEqual(
      output.checks.map(({ name }) => name),
      checks.map(({ name }) => name),
    );
    for (const [index, { name, outcome, detail, milliseconds }] of output.checks.entries()) {
      const expected = index < passing.length ? 'passed' : 'failed';
      assert(
        outcome === expected || outcome === 'notRun',
        `${name} should have ${expected}, but ${outcome}: ${detail}`,
      );
      if (outcome !== 'passed') assert(detail, `${name} does not say why it did not pass`);
      assert(milliseconds >= 0);
    }
    assert.deepEqual(await provider.check(artifact, { checks: [] }, session.request), { checks: [] });
    assert.deepEqual(await provider.find(keyOf(artifact), never), artifact);
    assert.deepEqual(await session.inventory(), before);
  });

  test('check', 'stops when it is aborted', async (provider, artifact, session) => {
    const checks = (options.checks?.passing ?? []).map((check, index) => ({ name: `check ${index}`, check }));
    if (checks.length === 0) return;
    const aborted = { ...session.request, signal: AbortSignal.abort() };
    await assert.rejects(provider.check(artifact, { checks }, aborted), (error) => hasCode(error, 'ERR_BAKE_ABORTED'));
  });

  test('publish', 'is idempotent', async (provider, artifact, session) => {
    assert(options.destination, 'the suite needs a destination to publish to');
    const first = await provider.publish(artifact, options.destination, session.request);
    const second = await provider.publish(artifact, options.destination, session.request);
    assert.equal(first.destination, options.destination.name);
    assert.equal(second.destination, options.destination.name);
    assert.equal(second.id, first.id);
    assert.equal(second.outcome, 'present');
  });

  test('alias', 'can be written twice', async (provider, artifact) => {
    await provider.alias(artifact.image, 'staging', artifact, never);
    await provider.alias(artifact.image, 'staging', artifact, never);
  });

  test('deprecate', 'can be said twice', async (provider, artifact) => {
    await provider.deprecate(artifact, '2030-01-01T00:00:00.000Z', never);
    await provider.deprecate(artifact, '2030-01-01T00:00:00.000Z', never);
    assert.deepEqual(await provider.find(keyOf(artifact), never), artifact);
  });

  test('revoke', 'can be said twice', async (provider, artifact) => {
    await provider.revoke(artifact, 'a test', never);
    await provider.revoke(artifact, 'a test', never);
  });

  test('restore', 'can be said twice, of what was never revoked too', async (provider, artifact) => {
    await provider.restore(artifact, never);
    await provider.revoke?.(artifact, 'a test', never);
    await provider.restore(artifact, never);
    await provider.restore(artifact, never);
    assert.deepEqual(await provider.find(keyOf(artifact), never), artifact);
  });

  test('leftovers', 'has nothing of a build that ended', async (provider, artifact) => {
    const ofThis = (await collected(provider.leftovers(never))).filter(({ id }) => id === artifact.id);
    assert.deepEqual(ofThis, []);
  });

  test('fleet', 'can be counted', async (provider) => {
    for (const { id } of await collected(provider.fleet(never))) assert.notEqual(id, '');
  });

  test('inUse', 'answers for each artifact, in order', async (provider, artifact) => {
    const usages = await provider.inUse([artifact, artifact], never);
    assert.deepEqual(
      usages.map((usage) => usage.artifact.id),
      [artifact.id, artifact.id],
    );
    for (const { used, by } of usages) assert.equal(by.length > 0, used, 'what uses it is named, and only then');
    assert.deepEqual(await provider.inUse([], never), []);
  });

  test('drift', 'answers for each machine of the fleet', async (provider) => {
    for (const machine of provider.fleet ? await collected(provider.fleet(never)) : [])
      assert(Array.isArray(await provider.drift(machine, never)));
  });

  test('doctor', 'says what to do where something is wrong', async (provider) => {
    for (const { name, ok, hint } of await provider.doctor(never)) {
      assert.notEqual(name, '');
      assert(ok || hint, `${name} is wrong, without a hint`);
    }
  });

  test(
    'export',
    'writes the same archive each time, and its digest is that of the bytes',
    async (provider, artifact) => {
      const file = join(tmpdir(), `bake-contract-${randomUUID()}`);
      try {
        const digest = await provider.export(artifact, file, never);
        assert.equal(await digestOf(file), digest);
        await rm(file);
        assert.equal(await provider.export(artifact, file, never), digest);
      } finally {
        await rm(file, { force: true });
      }
    },
  );

  test('export', 'leaves no file when it is aborted', async (provider, artifact) => {
    const file = join(tmpdir(), `bake-contract-${randomUUID()}`);
    await assert.rejects(provider.export(artifact, file, AbortSignal.abort()), (error) =>
      hasCode(error, 'ERR_BAKE_ABORTED'),
    );
    assert.equal(existsSync(file), false);
  });

  test('render', 'shows the same files each time', async (provider, _artifact, session) => {
    assert(image);
    const plan = await session.plan(image);
    const files = await provider.render(plan);
    assert.notDeepEqual(files, []);
    assert.deepEqual(await provider.render(plan), files);
  });

  test('verify', 'finds no fault with what was just built', async (provider, artifact) => {
    assert.deepEqual(await provider.verify(artifact, never), []);
  });

  test('baseBlobs', 'gives bytes that have their digests and sizes', async (provider) => {
    const selector = options.plugin.parseSelector(options.goodSelector);
    const blobs = await provider.baseBlobs(selector, await provider.resolveBase(selector, never), never);
    assert.notDeepEqual(blobs, []);
    for (const blob of blobs) {
      const content = await blob.read();
      const bytes = content instanceof Uint8Array ? content : Buffer.concat(await collected(content));
      assert.equal(sha256(bytes), blob.digest);
      assert.equal(bytes.length, blob.size);
    }
  });
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}
