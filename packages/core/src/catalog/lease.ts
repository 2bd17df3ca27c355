import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { BakeError } from '../errors/index.js';
import { leaseKey } from './keys.js';
import { isGone, thisOwner, type Owner } from './owner.js';
import { seal, unseal } from './sealed.js';
import type { Store } from './store.js';
import { valueBytes } from './streams.js';
import type { Lease } from './types.js';

/** How long leases live, in milliseconds. */
export interface LeaseTimes {
  /** A lease that was not renewed for so long is anybody's. */
  readonly ttl: number;
  readonly renewEvery: number;
}

export const leaseTimes: LeaseTimes = { ttl: 20_000, renewEvery: 5_000 };

/** Who holds a lease. */
interface Holder {
  readonly id: string;
  readonly owner: Owner;
  /** The host's name, for people. */
  readonly name: string;
}

interface Held {
  /** `undefined`: damaged, and so anybody's. */
  readonly holder: Holder | undefined;
  readonly storedAt: number;
}

/**
 * Takes a lease, waiting while another live process holds it.
 * Times are compared only with others of the store's, or of this process's own monotonic clock.
 */
export async function takeLease(
  store: Store,
  name: string,
  signal: AbortSignal,
  onWait: ((holder: string) => void) | undefined,
  times: LeaseTimes = leaseTimes,
): Promise<Lease> {
  const key = leaseKey(name);
  const holder: Holder = { id: randomUUID(), owner: thisOwner(), name: hostname() };
  const bytes = seal({ schema: 1, ...holder }).bytes;
  let clock: (() => number) | undefined;
  for (let waited = false; ;) {
    throwIfAborted(signal);
    if ((await store.put(key, bytes, { ifAbsent: true, passing: true })).written)
      return hold(store, key, holder, bytes, times);
    const held = await read(store, key);
    if (held === undefined) continue;
    if (held.holder?.id === holder.id) return hold(store, key, holder, bytes, times);
    clock ??= await storeClock(store);
    if (held.holder === undefined || isGone(held.holder.owner) || clock() - held.storedAt > times.ttl) {
      // Another who waits may have taken it over since it was read.
      const now = await read(store, key);
      if (now !== undefined && now.holder?.id === held.holder?.id && now.storedAt === held.storedAt)
        await store.delete(key, { passing: true });
      continue;
    }
    if (!waited) onWait?.(`process ${held.holder.owner.pid} on ${held.holder.name}`);
    waited = true;
    await pause(50 + Math.random() * 200, signal);
  }
}

function hold(store: Store, key: string, holder: Holder, bytes: Uint8Array, times: LeaseTimes): Lease {
  const lost = new AbortController();
  const fail = (): void =>
    lost.abort(new BakeError('ERR_BAKE_ABORTED', `The lease ${key} was lost, because it could not be renewed in time`));
  let renewed = performance.now();
  let renewing: Promise<void> = Promise.resolve();
  const renew = async (): Promise<void> => {
    const began = performance.now();
    try {
      const held = await read(store, key);
      if (held?.holder?.id !== holder.id) return fail();
      await store.put(key, bytes, { passing: true });
      renewed = began;
    } catch {
      if (performance.now() - renewed > times.ttl) fail();
    }
  };
  const timer = setInterval(() => {
    renewing = renewing.then(renew);
  }, times.renewEvery);
  timer.unref();
  let released: Promise<void> | undefined;
  const release = async (): Promise<void> => {
    clearInterval(timer);
    await renewing;
    try {
      if ((await read(store, key))?.holder?.id === holder.id) await store.delete(key, { passing: true });
    } catch {
      // It runs out by itself.
    }
  };
  return { lost: lost.signal, [Symbol.asyncDispose]: () => (released ??= release()) };
}

async function read(store: Store, key: string): Promise<Held | undefined> {
  const value = await store.get(key);
  if (value === undefined) return undefined;
  const bytes = await valueBytes(value);
  const sealed = bytes && unseal(bytes);
  return { holder: sealed?.schema === 1 ? (sealed as unknown as Holder) : undefined, storedAt: value.storedAt };
}

/** The store's clock, from one write to it and the time that passed here since. */
async function storeClock(store: Store): Promise<() => number> {
  const { storedAt } = await store.put('leases/.clock', new Uint8Array(), { passing: true });
  const began = performance.now();
  return () => storedAt + (performance.now() - began);
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => throwIfAborted(signal));
}

/** Throws `ERR_BAKE_ABORTED` once `signal` is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true)
    throw new BakeError('ERR_BAKE_ABORTED', 'The run was interrupted', { cause: signal.reason });
}
