import { BakeError } from '../errors/bake-error.js';
import type { Provider, ResolvedBase, Selector } from '../provider/types.js';
import type { Lock, LockedBase } from './types.js';

/** A selector that has to be pinned. */
export interface Wanted {
  readonly image: string;
  readonly target: string;
  readonly selector: Selector;
}

/** The lock's entry for a selector, and whether it is for this very selector. */
export function lockedBase(
  lock: Lock,
  wanted: Wanted,
): { readonly entry: LockedBase; readonly stale: boolean } | undefined {
  const entry = lock.bases.find(
    (base) =>
      base.image === wanted.image && base.target === wanted.target && base.scope === (wanted.selector.scope ?? null),
  );
  return entry && { entry, stale: entry.selector !== wanted.selector.key };
}

export interface ResolveOptions {
  readonly frozen: boolean;
  readonly provider: Provider;
  readonly signal: AbortSignal;
  /** The wall clock. */
  readonly now: () => number;
}

/**
 * The base that a selector is pinned to, resolved where the lock lacks it.
 * Throws `ERR_BAKE_LOCK_FROZEN` where that would be needed but is not allowed.
 */
export async function resolveWanted(
  lock: Lock,
  wanted: Wanted,
  options: ResolveOptions,
): Promise<{ readonly base: LockedBase; readonly added: boolean }> {
  const locked = lockedBase(lock, wanted);
  if (locked && !locked.stale) return { base: locked.entry, added: false };
  if (options.frozen) {
    const why = locked
      ? `bake.lock pins ${locked.entry.selector}, but the definition says ${wanted.selector.key}`
      : `bake.lock does not pin ${wanted.selector.key}`;
    throw new BakeError('ERR_BAKE_LOCK_FROZEN', `images.${wanted.image}, target ${wanted.target}: ${why}`, {
      data: { image: wanted.image, target: wanted.target, selector: wanted.selector.key },
    });
  }
  return { base: await resolveNow(wanted, options), added: true };
}

/** Asks the provider what a selector stands for now. */
export async function resolveNow(
  wanted: Wanted,
  { provider, signal, now }: Pick<ResolveOptions, 'provider' | 'signal' | 'now'>,
): Promise<LockedBase> {
  const resolved: ResolvedBase = await provider.resolveBase(wanted.selector, signal);
  return {
    image: wanted.image,
    target: wanted.target,
    scope: wanted.selector.scope ?? null,
    selector: wanted.selector.key,
    id: resolved.id,
    reference: resolved.reference ?? wanted.selector.key,
    resolvedAt: new Date(now()).toISOString(),
  };
}
