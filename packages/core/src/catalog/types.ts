import type { Digest } from '../plan/digest.js';
import type { Content } from '../tree/types.js';
import type { CatalogEvent, NewEvent, Source, UnknownEvent } from './events.js';
import type { BakedSet, ChannelEvent, ChannelState, VersionRecord } from './state.js';

/** A blob to store. `read` is called only where the blob is missing. */
export interface NewBlob {
  readonly digest: Digest;
  readonly size: number;
  read(): Content | Promise<Content>;
}

/** Immutable bytes by sha256. Small ones share packs, large ones are kept in chunks. */
export interface Blobs {
  /** Those of `digests` that are not stored. */
  missing(digests: Iterable<Digest>): Promise<ReadonlySet<Digest>>;
  /**
   * Stores those that are missing; durable, and visible all at once, when it resolves.
   * Rejects with `ERR_BAKE_INPUT_CHANGED` where bytes do not have their digest; nothing of the batch is visible then.
   */
  write(blobs: Iterable<NewBlob> | AsyncIterable<NewBlob>): Promise<{ readonly blobs: number; readonly bytes: number }>;
  /**
   * Bytes of a blob, checked while they are read: at once and whole up to 8 MiB, else as a stream.
   * Rejects with `ERR_BAKE_BLOB_MISSING`, `ERR_BAKE_BLOB_FORGOTTEN` or `ERR_BAKE_CATALOG_CORRUPT`.
   */
  read(digest: Digest): Promise<{ readonly size: number; readonly content: Content }>;
}

/** One image's log, folded, as it was when it was read. */
export interface ImageHistory {
  readonly project: string;
  readonly image: string;
  /** Sequence of the newest event; 0 where there is none. */
  readonly sequence: number;
  /** Digest of the newest event; `null` where there is none. */
  readonly chain: Digest | null;
  readonly channels: readonly ChannelState[];
  /** Names of branches that something was baked or built on, newest first. */
  readonly branches: readonly string[];
  /** The newest set that was baked on a branch. */
  latest(branch: string): BakedSet | undefined;
  /** The record of exactly this version on this target. */
  version(target: string, version: string): Promise<VersionRecord | undefined>;
  /** Records whose version begins with these hex digits, of any target, newest first. */
  find(prefix: string): Promise<readonly VersionRecord[]>;
  /** Records newest first. Default: all. */
  versions(limit?: number): Promise<readonly VersionRecord[]>;
  /** All baked sets, newest first. */
  bakes(): Promise<readonly BakedSet[]>;
  /** Moves of channels, newest first. */
  moves(): Promise<readonly ChannelEvent[]>;
  /** The events themselves, oldest first, from a sequence on. */
  events(from?: number): AsyncIterable<CatalogEvent | UnknownEvent>;
}

/** Who appends, on whose behalf. */
export interface Author {
  readonly actor: string;
  readonly run: string;
  readonly source: Source | null;
}

/** A hold on a piece of work, so that two processes do not both do it. It only saves work. */
export interface Lease extends AsyncDisposable {
  /** Aborted when the lease was lost, because it could not be renewed in time. */
  readonly lost: AbortSignal;
}

/** One thing that `verify` found. */
export interface Fault {
  /** e.g. `blob`, `pack`, `event`, `chain`, `segment`, `plan`, `artifact`, `stray`. */
  readonly kind: string;
  /** Key, path or digest. */
  readonly where: string;
  readonly detail: string;
}

export interface VerifyReport {
  readonly blobs: number;
  readonly events: number;
  readonly faults: readonly Fault[];
}

/** The record of everything that was made. */
export interface Catalog extends AsyncDisposable {
  /** Random id, written when the catalog was created. */
  readonly id: string;
  readonly blobs: Blobs;
  /** `[project, image]` pairs that have a log. */
  images(): Promise<readonly (readonly [project: string, image: string])[]>;
  history(project: string, image: string): Promise<ImageHistory>;
  /**
   * Appends events to an image's log, in order, each retried until it is in.
   * `decide` is called with the history that the event will follow, again after each lost race, and answers the event or
   * `undefined` where nothing needs to be written any more. Resolves with the event as it was written.
   */
  append(
    project: string,
    image: string,
    author: Author,
    decide: (history: ImageHistory) => NewEvent | undefined | Promise<NewEvent | undefined>,
  ): Promise<CatalogEvent | undefined>;
  /**
   * Takes a lease, waiting while another live process holds it. `onWait` is told once who does.
   * A holder that died on this host is taken over at once, one elsewhere after its time ran out.
   */
  lease(name: string, signal: AbortSignal, onWait?: (holder: string) => void): Promise<Lease>;
  /** Rehashes every blob, replays every log, and goes on to the end whatever it finds. */
  verify(options?: { readonly acceptHead?: boolean; readonly signal?: AbortSignal }): Promise<VerifyReport>;
}

/** How a catalog is opened. */
export interface CatalogOptions {
  /** Create it where there is none. Default false: `ERR_BAKE_CATALOG_NOT_FOUND`. */
  readonly create?: boolean;
  /** Folder in which the newest heads that were seen are remembered. Default: none are. */
  readonly stateHome?: string;
  /** The wall clock, milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}
