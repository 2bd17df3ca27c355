/** What a store answers to a read. */
export interface StoreValue {
  readonly stream: AsyncIterable<Uint8Array>;
  /** When it was stored, by the store's own clock, in milliseconds since 1970. */
  readonly storedAt: number;
}

/** What a store answers to a write. */
export interface StoreReceipt {
  /** False where `ifAbsent` was asked and the key was there already. */
  readonly written: boolean;
  readonly storedAt: number;
}

/** Half-open range of bytes. `end` left out: to the end. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

/** Of a write that only saves work, as a lease does: a store may let a power cut undo it. */
export interface Passing {
  readonly passing?: boolean;
}

export interface PutOptions extends Passing {
  readonly ifAbsent?: boolean;
}

/**
 * Where a catalog is kept. Everything true is written once, with `ifAbsent`; plain overwriting is for hints and leases.
 * Keys are `/` separated segments of `[A-Za-z0-9._-]`, none of them `.` or `..`.
 * A write is durable when its promise resolves, unless it is `passing`, and visible whole or not at all. Errors are `ERR_BAKE_STORE` and the like.
 */
export interface Store extends AsyncDisposable {
  /** `undefined` where the key is not there. */
  get(key: string, range?: ByteRange): Promise<StoreValue | undefined>;
  put(key: string, data: Uint8Array | AsyncIterable<Uint8Array>, options?: PutOptions): Promise<StoreReceipt>;
  /** Keys that begin with `prefix` and sort after `after`, in byte order, at most `limit`. */
  list(prefix: string, after: string | undefined, limit: number): Promise<readonly string[]>;
  /** Idempotent. */
  delete(key: string, options?: Passing): Promise<void>;
}
