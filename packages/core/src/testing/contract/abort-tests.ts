import assert from 'node:assert/strict';
import type { ContractImage, ProviderContractOptions } from '../provider-contract.js';
import type { TestRunner } from '../runner.js';
import { spread } from './moments.js';
import { hasCode } from './plugin-tests.js';
import { inSession, keyOf, never, settled, type Session } from './session.js';

/** An aborted build leaves everything as it was, whenever that happens. */
export function abortTests<Options>({ it }: TestRunner, options: ProviderContractOptions<Options>): void {
  const { images } = options;

  it('does nothing when it is aborted already', async () => {
    for (const image of images) {
      await inSession(options, async (session) => {
        const ended = await abortedBuild(session, image, 0, 'at once');
        assert.equal(ended, 'aborted', 'a build whose signal was aborted before it began succeeded');
        await session.build(image);
      });
    }
  });

  for (const when of ['at once', 'soon after'] as const) {
    it(`leaves nothing when it is aborted at any moment, or ends whole (${when})`, async () => {
      for (const image of images) {
        const total = await moments(options, image);
        for (const moment of spread(total, options.moments)) {
          await inSession(options, async (session) => {
            const ended = await abortedBuild(session, image, moment, when);
            if (moment === 1 && total > 1 && when === 'at once')
              assert.equal(ended, 'aborted', 'an abort at the beginning of a build went unnoticed');
            await session.build(image);
          });
        }
      }
    });
  }

  it('keeps the artifact that is there when another build of its version is aborted', async () => {
    for (const image of images) {
      const total = await moments(options, image);
      await inSession(options, async (session) => {
        const artifact = await session.build(image);
        for (const moment of spread(total, 3)) {
          const ended = await settled(session.build(image, abortingAt(moment, 'at once')));
          const expected = 'value' in ended ? ended.value : artifact;
          assert.deepEqual(await session.provider.find(keyOf(artifact), never), expected);
        }
      });
    }
  });

  it('completes a build while another of its version is aborted', async () => {
    for (const image of images) {
      const total = await moments(options, image);
      for (const moment of spread(total, 3)) {
        await inSession(options, async (session) => {
          await session.prepare(image);
          const [, other] = await Promise.all([
            settled(session.build(image, abortingAt(moment, 'at once'))),
            session.build(image),
          ]);
          const found = await session.provider.find(keyOf(other), never);
          assert(found, 'the aborted build took the artifact of the other with it');
        });
      }
    }
  });
}

type When = 'at once' | 'soon after';

/** Builds with an abort at a moment (0: before) and says how it ended, having seen that the provider is as it was. */
async function abortedBuild(
  session: Session,
  image: ContractImage,
  moment: number,
  when: When,
): Promise<'aborted' | 'whole'> {
  const key = keyOf(await session.plan(image));
  await session.prepare(image);
  const before = await session.inventory();
  const ended = await settled(session.build(image, abortingAt(moment, when)));
  const found = await session.provider.find(key, never);
  if ('value' in ended) {
    assert.deepEqual(found, ended.value, `aborted at moment ${moment}, the build succeeded, but is not found`);
    await session.provider.remove(ended.value, never);
  } else {
    hasCode(ended.error, 'ERR_BAKE_ABORTED');
    assert.equal(found, undefined, `aborted at moment ${moment}, the build rejected, but is found`);
  }
  assert.deepEqual(await session.inventory(), before, `the abort at moment ${moment} left something`);
  return 'value' in ended ? 'whole' : 'aborted';
}

/** How often a first build reports something or uses its inputs. */
async function moments<Options>(options: ProviderContractOptions<Options>, image: ContractImage): Promise<number> {
  let count = 0;
  await inSession(options, async ({ build }) => void (await build(image, { onMoment: () => void count++ })));
  return count;
}

function abortingAt(moment: number, when: When): { readonly signal: AbortSignal; onMoment(): void } {
  const controller = new AbortController();
  let left = moment;
  if (moment === 0) controller.abort();
  return {
    signal: controller.signal,
    onMoment() {
      if (--left !== 0) return;
      if (when === 'at once') controller.abort();
      else setImmediate(() => controller.abort());
    },
  };
}
