import assert from 'node:assert/strict';
import type { Artifact } from '../../provider/types.js';
import type { ProviderContractOptions } from '../provider-contract.js';
import type { TestRunner } from '../runner.js';
import { collected, inSession, keyOf, never } from './session.js';

/** What becomes of an artifact that is built without trouble. */
export function artifactTests<Options>({ it }: TestRunner, options: ProviderContractOptions<Options>): void {
  const { images, plugin } = options;

  it('is given plans of its own', async () => {
    await inSession(options, async ({ plan, context }) => {
      for (const image of images) {
        const { identity, target, project } = await plan(image);
        assert.equal(identity.provider.kind, plugin.kind, 'a plan is for another kind of provider');
        assert.equal(target, context.target, 'a plan is for another target than the context');
        assert.equal(project, context.project, 'a plan is of another project than the context');
        const engine = plugin.engines.find(({ name }) => name === identity.engine.name);
        assert.equal(engine?.revision, identity.engine.revision, `the plan's engine is not one of the provider's`);
      }
    });
  });

  it('finds nothing before a build, and after it what was built, in another process too', async () => {
    await inSession(options, async ({ provider, plan, build, open }) => {
      for (const image of images) {
        const key = keyOf(await plan(image));
        assert.equal(await provider.find(key, never), undefined);
        const artifact = await build(image);
        assert.deepEqual(keyOf(artifact), key);
        assert(artifact.id !== '' && artifact.digest !== '', 'an artifact has an id and a digest');
        assert.deepEqual(await provider.find(key, never), artifact);
        assert.deepEqual(await open().find(key, never), artifact);
      }
    });
  });

  it('finds an artifact by its whole key only', async () => {
    await inSession(options, async ({ provider, build }) => {
      const [image] = images;
      assert(image, 'the suite needs an image');
      const key = keyOf(await build(image));
      const similar = `${key.version.slice(0, 12)}${key.version.slice(12).replaceAll(/./g, otherDigit)}`;
      assert.equal(await provider.find({ ...key, version: similar }, never), undefined, 'the first digits are not all');
      assert.equal(await provider.find({ ...key, image: `${key.image}-other` }, never), undefined);
      assert.equal(await provider.find({ ...key, project: `${key.project}-other` }, never), undefined);
    });
  });

  it('builds a present version again, and has it once', async () => {
    await inSession(options, async ({ provider, build, inventory }) => {
      const [image] = images;
      assert(image, 'the suite needs an image');
      await build(image);
      const again = await build(image);
      assert.deepEqual(await provider.find(keyOf(again), never), again);
      const { artifacts } = await inventory();
      assert.equal(artifacts.length, new Set(artifacts).size);
    });
  });

  it('builds a version twice at once', async () => {
    await inSession(options, async ({ provider, build, plan }) => {
      const [image] = images;
      assert(image, 'the suite needs an image');
      const both = await Promise.all([build(image), build(image)]);
      const found = await provider.find(keyOf(await plan(image)), never);
      assert(found && both.some(({ id }) => id === found.id), 'what is found is neither of the two builds');
    });
  });

  it('removes an artifact, also twice, and no other', async () => {
    await inSession(options, async ({ provider, build }) => {
      const artifacts: Artifact[] = [];
      for (const image of images) artifacts.push(await build(image));
      while (artifacts.length > 0) {
        const artifact = artifacts.shift();
        assert(artifact);
        await provider.remove(artifact, never);
        await provider.remove(artifact, never);
        assert.equal(await provider.find(keyOf(artifact), never), undefined);
        for (const other of artifacts) assert.deepEqual(await provider.find(keyOf(other), never), other);
      }
    });
  });

  if (!options.capabilities.includes('list')) return;
  it('lists what was built, until it is removed', async () => {
    await inSession(options, async ({ provider, build, open }) => {
      assert(provider.list);
      const built: Artifact[] = [];
      for (const image of images) built.push(await build(image));
      const all = await collected(open().list?.(never) ?? provider.list(never));
      for (const artifact of built) assert.deepEqual(all.filter(({ id }) => id === artifact.id).length > 0, true);
      for (const artifact of built.reverse()) await provider.remove(artifact, never);
      const left = await collected(provider.list(never));
      for (const { version, image } of built)
        assert(!left.some((one) => one.version === version && one.image === image), `${image} is still listed`);
    });
  });
}

function otherDigit(digit: string): string {
  return digit === '0' ? '1' : '0';
}
