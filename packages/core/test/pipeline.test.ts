import { describe, expect, it } from 'vitest';
import type { Definition } from '../src/definition/types.js';
import { aborts, anImage, fails, latch, on } from '../src/testing/index.js';
import { aWorkshop } from './support.js';

const twoLayers = (overrides: Partial<Definition['images'][string]> = {}): Partial<Definition> => ({
  images: {
    base: anImage({ ...overrides }),
    web: anImage({ from: 'base', steps: [{ copy: './site', to: '/app' }], checks: [{ file: '/app/index.html' }] }),
  },
});

describe('a build', () => {
  it('builds bases before what stands on them, and builds each version once', async () => {
    const { open, plugin } = aWorkshop();
    const bake = await open(twoLayers());
    const first = await bake.build();
    expect(first.images.map(({ image, outcome }) => [image, outcome])).toEqual([
      ['base', 'built'],
      ['web', 'built'],
    ]);
    const second = await bake.build();
    expect(second.images.map(({ outcome }) => outcome)).toEqual(['reused', 'reused']);
    expect(second.images.map(({ checks }) => checks.passed)).toEqual([1, 1]);
    expect(plugin.world.builds).toHaveLength(2);
  });

  it('records what was baked once, and again only when something else is', async () => {
    const { open, write } = aWorkshop();
    const bake = await open();
    const [built] = (await bake.build()).images;
    await bake.build();
    const events = (await bake.show('web')).events.map(({ type }) => type);
    expect(events).toEqual(['built', 'checked', 'baked']);

    write('site/index.html', 'other');
    await bake.build();
    write('site/index.html', '<h1>Fresh bread</h1>');
    const [reverted] = (await bake.build()).images;
    expect(reverted).toMatchObject({ outcome: 'reused', version: built?.version });
    expect((await bake.resolve('web@latest')).version).toBe(built?.version);
  });

  it('makes what stands on a changed base anew, because a version is made of its base’s', async () => {
    const { open } = aWorkshop();
    const before = await (await open(twoLayers())).plan();
    const after = await (await open(twoLayers({ config: { env: { A: '1' } } }))).plan();
    expect(after.images.map(({ version }) => version)).not.toContain(before.images[1]?.version);
  });

  it('checks again and builds nothing when only the checks changed', async () => {
    const { open, plugin } = aWorkshop();
    await (await open()).build();
    const changed = { images: { web: anImage({ checks: [{ file: '/www/index.html', contains: 'bread' }] }) } };
    const bake = await open(changed);
    const [planned] = (await bake.plan()).images;
    expect(planned).toMatchObject({ state: 'present', reasons: [{ input: 'checks', kind: 'changed' }] });
    const [image] = (await bake.build()).images;
    expect(image).toMatchObject({ outcome: 'reused', checks: { passed: 1 } });
    expect(plugin.world.builds).toHaveLength(1);
    expect((await bake.show('web')).events.filter(({ type }) => type === 'checked')).toHaveLength(2);
  });

  it('goes on with independent images when one fails, and skips what stands on the failed one', async () => {
    const { open, plugin } = aWorkshop();
    on(plugin.world, { action: 'build', image: 'base' }, fails());
    const bake = await open({
      images: { ...twoLayers().images, other: anImage({ steps: [{ copy: './site', to: '/o' }], checks: [] }) },
    });
    const { images } = await bake.build();
    expect(images.map(({ image, outcome }) => [image, outcome])).toEqual([
      ['base', 'failed'],
      ['web', 'skipped'],
      ['other', 'built'],
    ]);
    expect(images[0]?.error?.code).toBe('ERR_BAKE_BUILD_FAILED');
    expect((await bake.history({ image: 'base' })).versions).toMatchObject([{ state: 'failed', artifact: null }]);
    expect((await bake.history({ image: 'web' })).versions).toEqual([]);
    const { logs } = await bake.logs(`base@${images[0]?.version}`);
    expect(logs.at(-1)).toMatchObject({
      step: 'build',
      text: expect.stringContaining('ERR_BAKE_BUILD_FAILED') as string,
    });
  });

  it('can be verified, and what was never built cannot', async () => {
    const { open, plugin } = aWorkshop();
    const bake = await open();
    await expect(bake.verify()).rejects.toMatchObject({ code: 'ERR_BAKE_CATALOG_NOT_FOUND' });
    const [image] = (await bake.build()).images;
    expect((await bake.verify()).faults).toEqual([]);
    plugin.world.faults.set(image?.artifact?.id ?? '', [{ kind: 'blob', where: 'web', detail: 'damaged' }]);
    expect((await bake.verify()).faults).toMatchObject([{ kind: 'blob' }]);
  });

  it('tries a failed version again', async () => {
    const { open, plugin } = aWorkshop();
    const heal = on(plugin.world, { action: 'build' }, fails());
    const bake = await open();
    await bake.build();
    expect((await bake.plan()).images[0]?.state).toBe('failed');
    heal();
    expect((await bake.build()).images[0]?.outcome).toBe('built');
    expect((await bake.plan()).images[0]?.state).toBe('present');
  });

  it('builds again what is recorded but gone', async () => {
    const { open, plugin } = aWorkshop();
    const bake = await open();
    await bake.build();
    plugin.world.images.clear();
    expect((await bake.plan()).images[0]?.state).toBe('present');
    expect((await bake.plan({ refresh: true })).images[0]?.state).toBe('gone');
    expect((await bake.build()).images[0]?.outcome).toBe('built');
  });

  it('rejects when it is aborted, with nothing left and nothing recorded', async () => {
    const { open, plugin } = aWorkshop();
    const controller = new AbortController();
    on(plugin.world, { action: 'build', step: 'commit' }, aborts(controller));
    const bake = await open({}, { signal: controller.signal });
    await expect(bake.build()).rejects.toMatchObject({ code: 'ERR_BAKE_ABORTED' });
    expect([...plugin.world.images, ...plugin.world.unfinished]).toEqual([]);
    const later = await open();
    expect((await later.history()).versions).toEqual([]);
    expect((await later.build()).images[0]?.outcome).toBe('built');
  });

  it('waits for a process that builds the same version, and re-uses what that one made', async () => {
    const { open, plugin, events } = aWorkshop();
    const gate = latch();
    on(plugin.world, { action: 'build', step: 'commit' }, gate.hook);
    const first = (await open()).build();
    await gate.reached;
    const second = (await open()).build();
    await expect.poll(() => events.some(({ event }) => event.type === 'waiting')).toBe(true);
    gate.open();
    expect((await first).images[0]?.outcome).toBe('built');
    expect((await second).images[0]?.outcome).toBe('reused');
    expect(plugin.world.builds).toHaveLength(1);
  });
});

describe('checks', () => {
  it('remove an artifact that never passed, keep the log, and are tried again with the next build', async () => {
    const { open, plugin } = aWorkshop();
    const bake = await open({ images: { web: anImage({ checks: [{ name: 'boots', run: 'true' }] }) } });
    plugin.world.outcomes.set('boots', { outcome: 'failed', detail: 'exit 1' });
    const [image] = (await bake.build()).images;
    expect(image).toMatchObject({ outcome: 'failed', error: { code: 'ERR_BAKE_CHECK_FAILED' }, checks: { failed: 1 } });
    expect(image?.error?.message).toContain('boots: exit 1');
    expect(plugin.world.images.size).toBe(0);
    expect((await bake.history()).versions[0]?.state).toBe('failed');
    await expect(bake.resolve('web@latest')).rejects.toMatchObject({ code: 'ERR_BAKE_REF_UNKNOWN' });
    const logs = await bake.logs(`web@${image?.version.slice(0, 12)}`);
    expect(logs.logs.map(({ text }) => text).join('\n')).toContain('boots: exit 1');
    plugin.world.outcomes.set('boots', 'passed');
    expect((await bake.build()).images[0]?.outcome).toBe('built');
  });

  it('remove nothing that passed before', async () => {
    const { open, plugin } = aWorkshop();
    plugin.world.outcomes.set('*', 'passed');
    await (await open()).build();
    plugin.world.outcomes.set('flaky', 'failed');
    const bake = await open({ images: { web: anImage({ checks: [{ name: 'flaky', run: 'true' }] }) } });
    expect((await bake.build()).images[0]?.outcome).toBe('failed');
    expect(plugin.world.images.size).toBe(1);
  });

  it('that cannot be run are not passed: no baked set, no parent, but no failure either', async () => {
    const { open, events } = aWorkshop();
    const bake = await open(twoLayers({ checks: [{ run: 'true' }] }));
    const { images } = await bake.build();
    expect(images.map(({ outcome }) => outcome)).toEqual(['built', 'skipped']);
    expect(images[0]).toMatchObject({ error: null, checks: { notRun: 1 } });
    expect((await bake.history({ image: 'base' })).versions[0]?.state).toBe('unchecked');
    await expect(bake.resolve('base@latest')).rejects.toMatchObject({ code: 'ERR_BAKE_REF_UNKNOWN' });
    expect((await bake.resolve(`base@${images[0]?.version}`)).version).toBe(images[0]?.version);
    expect(events.some(({ event }) => event.type === 'warning' && event.message.includes('unchecked'))).toBe(true);
  });

  it('pass where there are none, with a warning', async () => {
    const { open, events } = aWorkshop();
    const bake = await open({ images: { web: anImage({ checks: [] }) } });
    await bake.build();
    expect((await bake.resolve('web@latest')).image).toBe('web');
    expect(events.some(({ event }) => event.type === 'warning' && event.message.includes('no checks'))).toBe(true);
  });
});

describe('targets', () => {
  const two = {
    providers: { a: { use: 'memory' }, b: { use: 'memory', flavour: 'mint' } },
    images: { web: anImage() },
  };

  it('are baked as one set', async () => {
    const bake = await aWorkshop().open(two);
    const { images } = await bake.build();
    expect(new Set(images.map(({ version }) => version)).size).toBe(2);
    await expect(bake.resolve('web@latest')).rejects.toMatchObject({ code: 'ERR_BAKE_REF_AMBIGUOUS' });
    expect((await bake.resolve('web@latest', { target: 'b' })).version).toBe(images[1]?.version);
  });

  it('that were not selected are carried over while their plan is the recorded one', async () => {
    const { open, write } = aWorkshop();
    const bake = await open(two);
    const [, b] = (await bake.build()).images;
    await bake.build({ target: 'a' });
    expect((await bake.resolve('web@latest', { target: 'b' })).version).toBe(b?.version);
    write('site/index.html', 'changed');
    await bake.build({ target: 'a' });
    await expect(bake.resolve('web@latest', { target: 'b' })).rejects.toMatchObject({ code: 'ERR_BAKE_REF_UNKNOWN' });
  });
});

describe('bases', () => {
  const based = { images: { web: anImage({ from: { memory: 'memory/base:1' } }) } };

  it('are pinned by the first build, and moved only by an update', async () => {
    const { open, plugin } = aWorkshop();
    const bake = await open(based);
    const [first] = (await bake.build()).images;
    plugin.world.bases.set('memory/base:1', 'memory-base-2');
    expect((await bake.build()).images[0]).toMatchObject({ outcome: 'reused', version: first?.version });
    const { changes, rebuilds } = await bake.update();
    expect(changes).toEqual([
      { image: 'web', target: 'memory', selector: 'memory/base:1', from: 'memory-base-1', to: 'memory-base-2' },
    ]);
    expect(rebuilds).toEqual(['web']);
    const [planned] = (await bake.plan()).images;
    expect(planned?.reasons).toMatchObject([
      { input: 'base', kind: 'changed', after: 'memory/base:1 (memory-base-2)' },
    ]);
  });

  it('that the lock lacks are refused when it is frozen, as it is in CI', async () => {
    const { open, plugin } = aWorkshop();
    const frozen = await open(based, { env: { CI: 'true' } });
    await expect(frozen.build()).rejects.toMatchObject({ code: 'ERR_BAKE_LOCK_FROZEN' });
    await (await open(based)).build();
    expect((await frozen.build()).images[0]?.outcome).toBe('reused');
    plugin.world.bases.set('memory/base:2', 'other');
    const stale = await open({ images: { web: anImage({ from: { memory: 'memory/base:2' } }) } }, { frozen: true });
    await expect(stale.plan()).rejects.toMatchObject({ code: 'ERR_BAKE_LOCK_FROZEN' });
  });

  it('that are not there are an error, never another base', async () => {
    const bake = await aWorkshop().open({ images: { web: anImage({ from: { memory: 'memory/base:9' } }) } });
    await expect(bake.build()).rejects.toMatchObject({ code: 'ERR_BAKE_BASE_UNKNOWN' });
  });

  it('keep their version until their steps are made to run anew', async () => {
    const base = anImage({ steps: [{ run: 'apt-get upgrade' }], checks: [] });
    const bake = await aWorkshop().open({ images: { ...twoLayers().images, base } });
    const before = await bake.plan();
    const { changes, rebuilds } = await bake.update({ images: ['base'], steps: true });
    expect(changes).toMatchObject([{ image: 'base', selector: 'steps', from: null }]);
    expect(rebuilds).toEqual(['base', 'web']);
    expect((await bake.plan()).images[0]?.version).not.toBe(before.images[0]?.version);
    await expect(bake.update({ images: ['web'], steps: true })).rejects.toMatchObject({ code: 'ERR_BAKE_USAGE' });
  });
});
