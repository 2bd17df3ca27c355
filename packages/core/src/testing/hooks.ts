import { setTimeout as sleep } from 'node:timers/promises';
import { BakeError } from '../errors/index.js';
import type { Hook, MemoryWorld, Moment } from './memory-world.js';

/** Which moments a hook is for; what is left out fits any. */
export type MomentFilter = Partial<Pick<Moment, 'action' | 'step'>> & { readonly image?: string };

/** Adds a hook for these moments; the answer takes it away again. */
export function on(world: MemoryWorld, filter: MomentFilter, hook: Hook): () => void {
  const filtered: Hook = (moment) => (fits(moment, filter) ? hook(moment) : undefined);
  world.hooks.add(filtered);
  return () => void world.hooks.delete(filtered);
}

/** A hook that throws: `error`, or `ERR_BAKE_BUILD_FAILED`. */
export function fails(error?: Error): Hook {
  return ({ step }) => {
    throw error ?? new BakeError('ERR_BAKE_BUILD_FAILED', `step "${step}" failed, as it was told to`);
  };
}

/** A hook that throws the first `times` times. */
export function failsTimes(times: number, error?: Error): Hook {
  let left = times;
  const fail = fails(error);
  return (moment) => (left-- > 0 ? fail(moment) : undefined);
}

/** A hook that takes so long, or until the call is aborted. */
export function takes(milliseconds: number): Hook {
  return async ({ signal }) => {
    await sleep(milliseconds, undefined, signal && { signal }).catch(() => {});
  };
}

/** A hook that aborts this controller. */
export function aborts(controller: AbortController): Hook {
  return () => controller.abort();
}

/** Thrown by {@link dies}: the provider then cleans nothing up, as if its process had been killed. */
export class ProcessDied extends Error {
  override readonly name: string = 'ProcessDied';
}

/** A hook after which nothing of the call happens any more, cleaning up included: what it began is a leftover. */
export function dies(): Hook {
  return () => {
    throw new ProcessDied('the process was killed, as it was told to be');
  };
}

/** A gate in a call: tells when it was reached, and holds it until it is opened or the call is aborted. */
export interface Latch {
  readonly hook: Hook;
  /** Resolves when a call has reached the latch. */
  readonly reached: Promise<void>;
  open(): void;
}

/** Makes a {@link Latch}. */
export function latch(): Latch {
  let arrive: () => void = () => {};
  let open: () => void = () => {};
  const reached = new Promise<void>((resolve) => (arrive = resolve));
  const opened = new Promise<void>((resolve) => (open = resolve));
  return {
    reached,
    open: () => open(),
    async hook({ signal }) {
      arrive();
      const aborted = new Promise<void>((resolve) => {
        if (signal?.aborted) resolve();
        signal?.addEventListener('abort', () => resolve(), { once: true });
      });
      await Promise.race([opened, aborted]);
    },
  };
}

function fits(moment: Moment, filter: MomentFilter): boolean {
  return (
    (filter.action === undefined || filter.action === moment.action) &&
    (filter.step === undefined || filter.step === moment.step) &&
    (filter.image === undefined || filter.image === moment.key?.image)
  );
}
