import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { takeLease, type LeaseTimes } from '../../src/catalog/lease.js';
import { openMemoryStore } from '../../src/catalog/memory-store.js';
import { openCatalog } from '../../src/catalog/open.js';
import { thisOwner } from '../../src/catalog/owner.js';
import { seal } from '../../src/catalog/sealed.js';
import type { Store } from '../../src/index.js';

const quick: LeaseTimes = { ttl: 600, renewEvery: 100 };
const never = new AbortController().signal;

function holder(over: object): Buffer {
  return seal({ schema: 1, id: 'other', owner: { ...thisOwner(), ...over }, name: 'elsewhere' }).bytes;
}

describe('takeLease', () => {
  it('lets one hold at a time, and tells the other once for whom it waits', async () => {
    const catalog = await openCatalog(openMemoryStore(), { create: true });
    const order: string[] = [];
    const first = await catalog.lease('build', never);
    const waits: string[] = [];
    const second = catalog
      .lease('build', never, (who) => waits.push(who))
      .then((lease) => {
        order.push('second took it');
        return lease;
      });
    await sleep(600);
    order.push('first lets go');
    await first[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    await (await second)[Symbol.asyncDispose]();
    expect(order).toEqual(['first lets go', 'second took it']);
    expect(waits).toHaveLength(1);
    expect(waits[0]).toContain(`process ${process.pid} on `);
  });

  it('holds different names apart, and refuses what is no name', async () => {
    const store = openMemoryStore();
    await takeLease(store, 'a', never, undefined, quick);
    await takeLease(store, 'b', never, undefined, quick);
    await expect(takeLease(store, '../c', never, undefined, quick)).rejects.toMatchObject({ code: 'ERR_BAKE_USAGE' });
    await expect(takeLease(store, '.clock', never, undefined, quick)).rejects.toMatchObject({ code: 'ERR_BAKE_USAGE' });
  });

  it('takes over at once from a process of this host that died, or whose id is used again', async () => {
    const dead = Number(execFileSync(process.execPath, ['-e', 'console.log(process.pid)'], { encoding: 'utf8' }));
    for (const over of [{ pid: dead }, { start: '1' }]) {
      const store = openMemoryStore();
      await store.put('leases/a', holder(over));
      const began = performance.now();
      await takeLease(store, 'a', never, () => expect.fail('it waited'));
      expect(performance.now() - began).toBeLessThan(200);
    }
  });

  it('takes over from another host only after its time ran out, by the clock of the store', async () => {
    let skew = -86_400_000;
    const store = openMemoryStore(() => Date.now() + skew);
    await store.put('leases/a', holder({ host: '000000000000' }));
    const began = performance.now();
    const waits: string[] = [];
    const lease = await takeLease(store, 'a', never, (who) => waits.push(who), quick);
    expect(performance.now() - began).toBeGreaterThan(quick.ttl - 50);
    expect(waits).toEqual([`process ${process.pid} on elsewhere`]);
    await lease[Symbol.asyncDispose]();
    await store.put('leases/a', holder({ host: '000000000000' }));
    skew += 60_000;
    const again = performance.now();
    await takeLease(store, 'a', never, undefined, quick);
    expect(performance.now() - again).toBeLessThan(quick.ttl);
  });

  it('is not put off by a damaged lease', async () => {
    const store = openMemoryStore();
    await store.put('leases/a', Buffer.from('{}'));
    await takeLease(store, 'a', never, undefined, quick);
  });

  it('stays taken as long as it is held', async () => {
    const store = openMemoryStore();
    const lease = await takeLease(store, 'a', never, undefined, quick);
    const before = (await store.get('leases/a'))?.storedAt ?? 0;
    await sleep(quick.ttl);
    expect((await store.get('leases/a'))?.storedAt).toBeGreaterThan(before + quick.ttl / 2);
    expect(lease.lost.aborted).toBe(false);
    await lease[Symbol.asyncDispose]();
    expect(await store.get('leases/a')).toBeUndefined();
  });

  it('says that it was lost, and does not release what is another’s', async () => {
    const store = openMemoryStore();
    const lease = await takeLease(store, 'a', never, undefined, quick);
    await store.put('leases/a', holder({}));
    await sleep(3 * quick.renewEvery);
    expect(lease.lost.aborted).toBe(true);
    await lease[Symbol.asyncDispose]();
    expect(await store.get('leases/a')).toBeDefined();
  });

  it('says that it was lost once the store was away for too long', async () => {
    const memory = openMemoryStore();
    let away = false;
    const store: Store = { ...memory, get: (key) => (away ? Promise.reject(new Error('away')) : memory.get(key)) };
    const lease = await takeLease(store, 'a', never, undefined, quick);
    away = true;
    await sleep(quick.ttl / 2);
    expect(lease.lost.aborted).toBe(false);
    await sleep(quick.ttl);
    expect(lease.lost.aborted).toBe(true);
    await lease[Symbol.asyncDispose]();
  });

  it('stops waiting when it is told to', async () => {
    const store = openMemoryStore();
    await whileHeld(await takeLease(store, 'a', never, undefined, quick), async () => {
      const controller = new AbortController();
      const waiting = takeLease(store, 'a', controller.signal, () => controller.abort(), quick);
      await expect(waiting).rejects.toMatchObject({ code: 'ERR_BAKE_ABORTED' });
      await expect(takeLease(store, 'b', controller.signal, undefined)).rejects.toMatchObject({
        code: 'ERR_BAKE_ABORTED',
      });
    });
    expect(await store.get('leases/b')).toBeUndefined();
  });
});

async function whileHeld(resource: AsyncDisposable, body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } finally {
    await resource[Symbol.asyncDispose]();
  }
}
