import { describe, expect, it } from 'vitest';
import {
  aborts,
  anImage,
  aPlan,
  aTree,
  dies,
  fails,
  failsTimes,
  inputsOf,
  latch,
  memoryProvider,
  memoryWorld,
  on,
  providerContract,
  takes,
  type ContractImage,
} from '@bakehouse/core/testing';
import {
  capabilityNames,
  isBakeError,
  sha256,
  type BuildRequest,
  type ProviderContext,
} from '@bakehouse/core/provider';

const site = aTree({ 'index.html': 'hello\n', 'css/site.css': 'body {}\n', 'bin/run': { text: '#!', mode: '0755' } });
const tool = 'the bytes of a tool';

const base = aPlan({
  image: 'base',
  identity: { steps: [{ kind: 'fetch', sha256: sha256(tool), to: '/bin/tool', mode: '0755' }] },
});
const web = aPlan({
  identity: {
    base: { kind: 'image', version: base.version },
    steps: [{ kind: 'copy', source: { tree: site.digest }, to: '/www' }],
    config: { cmd: ['/bin/tool'] },
  },
});

const images: readonly ContractImage[] = [
  { definition: anImage(), plan: aPlan(), inputs: inputsOf({ 'index.html': 'hello\n' }) },
  { definition: anImage(), plan: base, inputs: inputsOf([], [tool]) },
  { definition: anImage({ from: 'base' }), plan: web, inputs: inputsOf(site) },
  {
    definition: anImage({ steps: [{ run: ['one', 'two'], secrets: ['TOKEN'] }] }),
    selector: 'memory/base:1',
    plan: ({ id }) =>
      aPlan({
        image: 'app',
        identity: {
          engine: { name: 'engine', revision: 1 },
          base: { kind: 'external', id },
          steps: [{ kind: 'run', run: ['one', 'two'], secrets: ['TOKEN'] }],
        },
      }),
    secrets: { TOKEN: 's3cret' },
  },
];

/** All that an iterable gives. */
async function all<T>(items: Iterable<T> | AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

const context: ProviderContext = {
  project: 'shop',
  target: 'memory',
  platform: 'linux/amd64',
  root: '/nowhere',
  stateDir: '/nowhere/.bake',
  env: {},
  warn() {},
};

const withoutSecret = aPlan({
  image: 'failing',
  identity: {
    engine: { name: 'engine', revision: 1 },
    steps: [{ kind: 'run', run: ['x'], secrets: ['ABSENT'] }],
  },
});

for (const capabilities of [capabilityNames, ['list'] as const, []]) {
  providerContract(
    { describe, it },
    {
      plugin: memoryProvider({ capabilities }),
      options: { flavour: 'plain', registry: 'registry.example.com' },
      capabilities,
      makeContext: () => context,
      goodSelector: { name: 'memory/base', tag: '1' },
      unknownSelector: 'memory/base:2',
      invalidOptions: { input: { flavour: 1, flavor: 'plain' }, mentions: ['flavour', 'flavor'] },
      images,
      failing: { definition: anImage({ steps: [{ run: 'x', secrets: ['ABSENT'] }] }), plan: withoutSecret },
      checks: { passing: [{ file: '/www/index.html' }, { run: 'true' }], failing: [{ file: '/www/absent.html' }] },
      destination: { name: 'memory' },
    },
  );
}

describe('the in-memory provider', () => {
  const request = (overrides: Partial<BuildRequest> = {}): BuildRequest => ({
    plan: aPlan(),
    inputs: inputsOf({ 'index.html': 'hello\n' }),
    parent: undefined,
    selector: undefined,
    base: undefined,
    secrets: {},
    run: 'run-1',
    signal: new AbortController().signal,
    progress() {},
    log() {},
    ...overrides,
  });
  const never = new AbortController().signal;

  it('shares its world between providers, as processes share a cloud', async () => {
    const world = memoryWorld();
    const artifact = await memoryProvider({ world }).create({}, context).build(request());
    expect(await memoryProvider({ world }).create({}, context).find(artifact, never)).toEqual(artifact);
    expect(await memoryProvider().create({}, context).find(artifact, never)).toBeUndefined();
  });

  it('gives equal bytes for equal plans, unless builds are said to be unrepeatable', async () => {
    const plugin = memoryProvider();
    const provider = plugin.create({}, context);
    const first = await provider.build(request());
    expect((await provider.build(request())).digest).toBe(first.digest);
    plugin.world.unrepeatable = true;
    expect((await provider.build(request())).digest).not.toBe(first.digest);
  });

  it('fails where a hook says so, as often as it says', async () => {
    const plugin = memoryProvider();
    const provider = plugin.create({}, context);
    const remove = on(plugin.world, { action: 'build', step: 'copy site → /www', image: 'web' }, fails());
    await expect(provider.build(request())).rejects.toMatchObject({ code: 'ERR_BAKE_BUILD_FAILED' });
    remove();
    on(plugin.world, { action: 'build', step: 'commit' }, failsTimes(1, new Error('once')));
    await expect(provider.build(request())).rejects.toThrow('once');
    await expect(provider.build(request())).resolves.toBeDefined();
    expect(plugin.world.builds).toHaveLength(3);
  });

  it('is aborted where a hook says so', async () => {
    const plugin = memoryProvider();
    const controller = new AbortController();
    on(plugin.world, { step: 'commit' }, aborts(controller));
    const build = plugin.create({}, context).build(request({ signal: controller.signal }));
    await expect(build).rejects.toSatisfy((error) => isBakeError(error, 'ERR_BAKE_ABORTED'));
    expect(plugin.world.images.size).toBe(0);
  });

  it('waits at a latch until it is opened', async () => {
    const plugin = memoryProvider();
    const gate = latch();
    on(plugin.world, { action: 'build', step: 'start' }, gate.hook);
    const build = plugin.create({}, context).build(request());
    await gate.reached;
    expect(plugin.world.images.size).toBe(0);
    gate.open();
    await build;
    expect(plugin.world.images.size).toBe(1);
  });

  it('lets an abort end what waits at a latch or takes long', async () => {
    for (const hook of [latch().hook, takes(60_000)]) {
      const plugin = memoryProvider();
      const controller = new AbortController();
      on(plugin.world, { action: 'build', step: 'start' }, (at) => {
        setImmediate(() => controller.abort());
        return hook(at);
      });
      const build = plugin.create({}, context).build(request({ signal: controller.signal }));
      await expect(build).rejects.toMatchObject({ code: 'ERR_BAKE_ABORTED' });
    }
  });

  it('leaves something behind only where its process died, and it can be removed', async () => {
    const plugin = memoryProvider();
    const provider = plugin.create({}, context);
    on(plugin.world, { action: 'build', step: 'commit' }, dies());
    await expect(provider.build(request())).rejects.toThrow('killed');
    const leftovers = await all(provider.leftovers?.(never) ?? []);
    expect(leftovers).toMatchObject([{ kind: 'build', run: 'run-1' }]);
    for (const leftover of leftovers) await leftover.remove(never);
    expect(await all(provider.leftovers?.(never) ?? [])).toEqual([]);
  });

  it('answers checks by its files, and others as they are scripted, never as passed by itself', async () => {
    const plugin = memoryProvider();
    const provider = plugin.create({}, context);
    const artifact = await provider.build(request());
    plugin.world.outcomes.set('known', 'passed').set('broken', { outcome: 'failed', detail: 'exit 1' });
    const checks = [
      { name: 'page', check: { file: '/www/index.html', contains: 'hello', mode: '644' } },
      { name: 'owner', check: { file: '/www/index.html', owner: '33:33' } },
      { name: 'absent', check: { file: '/www/secret', exists: false } },
      { name: 'known', check: { run: 'true' } },
      { name: 'broken', check: { http: 'http://localhost/' } },
      { name: 'unknown', check: { port: 80 } },
    ];
    const output = await provider.check?.(artifact, { checks }, { run: 'r', signal: never, log() {} });
    expect(output?.checks.map(({ outcome }) => outcome)).toEqual([
      'passed',
      'failed',
      'passed',
      'passed',
      'failed',
      'notRun',
    ]);
  });
});
