import { BakeError, isBakeError } from '@bakehouse/core/provider';

/** Throws `ERR_BAKE_ABORTED` when the run was interrupted. */
export function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  const reason: unknown = signal.reason;
  throw isBakeError(reason) ? reason : new BakeError('ERR_BAKE_ABORTED', 'the run was interrupted', { cause: reason });
}

/** Lets other work and signals have their turn, then looks whether the run was interrupted. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  throwIfAborted(signal);
}
