import assert from 'node:assert/strict';
import { BakeError } from '../../errors/index.js';
import type { ContractImage, ProviderContractOptions } from '../provider-contract.js';
import type { TestRunner } from '../runner.js';
import { spread } from './moments.js';
import { hasCode } from './plugin-tests.js';
import { inSession, keyOf, never, settled } from './session.js';

/** A build that fails leaves everything as it was. */
export function failureTests<Options>({ it }: TestRunner, options: ProviderContractOptions<Options>): void {
  const { failing, images } = options;

  it('leaves nothing when its inputs fail, at any moment, and passes their error on', async () => {
    for (const image of images) {
      const total = await inputMoments(options, image);
      for (const moment of spread(total, options.moments)) {
        await inSession(options, async (session) => {
          await session.prepare(image);
          const before = await session.inventory();
          const failed = await settled(session.build(image, { onMoment: failingAt(moment) }));
          assert('error' in failed, `the inputs failed at moment ${moment} of ${total}, and the build succeeded`);
          hasCode(failed.error, 'ERR_BAKE_INPUT_CHANGED');
          assert.equal(await session.provider.find(keyOf(await session.plan(image)), never), undefined);
          assert.deepEqual(await session.inventory(), before);
          await session.build(image);
        });
      }
    }
  });

  it('keeps the artifact that is there when another build of its version fails', async () => {
    for (const image of images) {
      const total = await inputMoments(options, image);
      await inSession(options, async (session) => {
        const artifact = await session.build(image);
        for (const moment of spread(total, 3)) {
          // A provider that has the version's parts in a cache may not come to the moment at which they would fail.
          const ended = await settled(session.build(image, { onMoment: failingAt(moment) }));
          const expected = 'value' in ended ? ended.value : artifact;
          assert.deepEqual(await session.provider.find(keyOf(artifact), never), expected);
        }
      });
    }
  });

  if (failing === undefined) return;
  it('leaves nothing when a step fails, and rejects with a code', async () => {
    await inSession(options, async (session) => {
      const before = await session.inventory();
      await assert.rejects(session.build(failing), (error) => hasCode(error));
      assert.equal(await session.provider.find(keyOf(await session.plan(failing)), never), undefined);
      assert.deepEqual(await session.inventory(), before);
    });
  });
}

/** How often a first build uses its inputs. */
async function inputMoments<Options>(options: ProviderContractOptions<Options>, image: ContractImage): Promise<number> {
  let count = 0;
  await inSession(options, async ({ build }) => {
    await build(image, { onMoment: (kind) => void (count += kind === 'input' ? 1 : 0) });
  });
  return count;
}

function failingAt(moment: number): (kind: string) => void {
  let left = moment;
  return (kind) => {
    if (kind === 'input' && --left === 0) throw new BakeError('ERR_BAKE_INPUT_CHANGED', 'a file changed, as told to');
  };
}
