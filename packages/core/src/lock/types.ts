/** What one selector stood for when it was last resolved. */
export interface LockedBase {
  readonly image: string;
  readonly target: string;
  /** e.g. a region; `null` where the provider has no scopes. */
  readonly scope: string | null;
  /** The selector's canonical text; an entry whose selector is not the definition's is stale. */
  readonly selector: string;
  /** The immutable id, part of identity. */
  readonly id: string;
  /** The exact thing to fetch. */
  readonly reference: string;
  /** RFC 3339 in UTC. */
  readonly resolvedAt: string;
}

/** The content of `bake.lock`. */
export interface Lock {
  readonly schema: 1;
  /** Sorted by image, target, scope. */
  readonly bases: readonly LockedBase[];
  /** Image to the time since when its steps have to be run anew, RFC 3339 in UTC. */
  readonly refreshed: Readonly<Record<string, string>>;
  /** The branch that `bake branch` put this working folder on; `null` where it did not. */
  readonly branch: string | null;
}

export const emptyLock: Lock = { schema: 1, bases: [], refreshed: {}, branch: null };
