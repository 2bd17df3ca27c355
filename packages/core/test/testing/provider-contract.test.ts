import { describe, expect, it } from 'vitest';
import {
  anImage,
  aPlan,
  inputsOf,
  memoryProvider,
  providerContract,
  type MemoryPlugin,
  type ProviderContractOptions,
} from '@bakehouse/core/testing';
import { capabilityNames, type Provider, type ProviderPlugin } from '@bakehouse/core/provider';

/** Runs the suite on a provider, and gives the names of the tests that fail. */
async function failures(
  plugin: ProviderPlugin<object>,
  overrides: Partial<ProviderContractOptions<object>> = {},
): Promise<readonly string[]> {
  const tests: [string, () => Promise<void>][] = [];
  const runner = {
    describe: (_name: string, body: () => void) => body(),
    it: (name: string, body: () => Promise<void>) => tests.push([name, body]),
  };
  providerContract(runner, {
    plugin,
    options: {},
    capabilities: capabilityNames,
    makeContext: () => ({
      project: 'shop',
      target: 'memory',
      platform: 'linux/amd64',
      root: '/nowhere',
      stateDir: '/nowhere',
      env: {},
      warn() {},
    }),
    goodSelector: 'memory/base:1',
    unknownSelector: 'memory/base:2',
    images: [{ definition: anImage(), plan: aPlan(), inputs: inputsOf({ 'index.html': 'hello\n', more: 'x' }) }],
    failing: {
      definition: anImage(),
      plan: aPlan({ image: 'failing', identity: { steps: [{ kind: 'run', run: ['x'], secrets: ['ABSENT'] }] } }),
    },
    checks: { passing: [{ file: '/www/index.html' }], failing: [{ file: '/absent' }] },
    destination: { name: 'memory' },
    ...overrides,
  });
  const failed: string[] = [];
  for (const [name, body] of tests) await body().catch(() => failed.push(name));
  return failed;
}

/** The in-memory provider with a fault. */
function faulty(fault: (provider: Provider, plugin: MemoryPlugin) => Partial<Provider>): ProviderPlugin<object> {
  const plugin = memoryProvider();
  return {
    ...plugin,
    create(options, context) {
      const provider = plugin.create(options, context);
      return { ...provider, ...fault(provider, plugin) };
    },
  };
}

describe('providerContract', () => {
  it('passes the reference', async () => {
    expect(await failures(memoryProvider())).toEqual([]);
  });

  it.each<[string, RegExp, () => ProviderPlugin<object>]>([
    [
      'a build that goes on when it is aborted',
      /aborted already/,
      () => faulty((provider) => ({ build: (r) => provider.build({ ...r, signal: new AbortController().signal }) })),
    ],
    [
      'a failed build that leaves a part',
      /inputs fail, at any moment/,
      () =>
        faulty((provider, { world }) => ({
          async build(request) {
            const { project, image, target, version } = request.plan;
            const key = { project, image, target, version };
            world.unfinished.set('part', { key, run: request.run });
            const artifact = await provider.build(request);
            world.unfinished.delete('part');
            return artifact;
          },
        })),
    ],
    [
      'a failed build that takes the artifact of an earlier one away',
      /keeps the artifact that is there when another build of its version fails/,
      () =>
        faulty((provider, { world }) => ({
          async build(request) {
            try {
              return await provider.build(request);
            } catch (error) {
              world.images.clear();
              throw error;
            }
          },
        })),
    ],
    [
      'an error without a code',
      /aborted already/,
      () =>
        faulty((provider) => ({
          async build(request) {
            request.signal.throwIfAborted();
            return provider.build(request);
          },
        })),
    ],
    [
      'an error of the inputs that is masked',
      /passes their error on/,
      () =>
        faulty((provider) => ({
          build: (r) =>
            provider.build(r).catch(() => {
              throw new Error('something went wrong');
            }),
        })),
    ],
    [
      'a find by the first digits',
      /whole key/,
      () =>
        faulty((_provider, { world }) => ({
          find: async ({ version }) =>
            [...world.images.values()].find(({ artifact }) => artifact.version.startsWith(version.slice(0, 12)))
              ?.artifact,
        })),
    ],
    [
      'a remove that minds a second call',
      /removes an artifact, also twice/,
      () =>
        faulty((provider) => ({
          async remove(artifact, signal) {
            if ((await provider.find(artifact, signal)) === undefined) throw new Error('not there');
            await provider.remove(artifact, signal);
          },
        })),
    ],
    [
      'an unknown base without its code',
      /unknown base/,
      () => faulty(() => ({ resolveBase: () => Promise.reject(new Error('404')) })),
    ],
    [
      'an id that moves',
      /one id/,
      () => {
        let calls = 0;
        return faulty(() => ({ resolveBase: async () => ({ id: `${(calls += 1)}` }) }));
      },
    ],
    [
      'a publish that publishes anew',
      /publish/,
      () => faulty(() => ({ publish: async (_a, { name }) => ({ destination: name, id: 'x', outcome: 'published' }) })),
    ],
    [
      'checks that pass without having been run',
      /result for each check/,
      () =>
        faulty(() => ({
          check: async (_a, { checks }) => ({
            checks: checks.map(({ name }) => ({ name, outcome: 'passed', detail: null, milliseconds: 0 })),
          }),
        })),
    ],
    ['a list that is empty', /lists what was built/, () => faulty(() => ({ async *list() {} }))],
    [
      'an identity that depends on the time',
      /pure, stable/,
      () => ({ ...memoryProvider(), identity: () => ({ at: process.hrtime.bigint().toString() }) }),
    ],
    [
      'an identity that changes what it is given',
      /pure, stable/,
      () => ({ ...memoryProvider(), identity: (options) => Object.assign(options, { seen: true }) }),
    ],
    [
      'options of which only the first problem is reported',
      /all problems/,
      () => {
        const plugin = memoryProvider();
        return {
          ...plugin,
          parseOptions(input) {
            const [first] = Object.entries(input as object);
            return plugin.parseOptions(Object.fromEntries(first ? [first] : []));
          },
        };
      },
    ],
  ])('catches %s', async (_fault, test, plugin) => {
    expect((await failures(plugin())).filter((name) => test.test(name))).not.toEqual([]);
  });

  it('catches a capability that is not declared, and one that is not there', async () => {
    expect(await failures(memoryProvider(), { capabilities: capabilityNames.slice(1) })).toContain(
      'declares exactly its capabilities',
    );
    expect(await failures(memoryProvider({ capabilities: [] }))).toContain('declares exactly its capabilities');
  });
});
