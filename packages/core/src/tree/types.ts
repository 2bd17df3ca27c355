import type { Digest } from '../plan/digest.js';
import type { FileMode } from '../plan/types.js';

/** Files up to this size, in bytes, are read and kept whole; larger ones in chunks of this size. */
export const chunkSize: number = 8 * 1024 * 1024;

/**
 * One member of a tree object, in UTF-8 byte order of names.
 * A file is `['f', name, mode, size, digest]`, a folder `['d', name, digest of its tree object]`,
 * a symlink `['l', name, target]`.
 */
export type TreeMember =
  | readonly ['f', name: string, mode: FileMode, size: number, digest: Digest]
  | readonly ['d', name: string, digest: Digest]
  | readonly ['l', name: string, target: string];

/** Bytes of a file: whole where small, in pieces where large. Checked against the digest while they are read. */
export type Content = Uint8Array | AsyncIterable<Uint8Array>;

/** One entry of a copied tree, as an executor sees it: folders before what they hold. */
export type TreeEntry =
  | { readonly type: 'folder'; readonly path: string }
  | { readonly type: 'link'; readonly path: string; readonly target: string }
  | TreeFile;

export interface TreeFile {
  readonly type: 'file';
  /** Relative to the copied root, `/` separated, never beginning or ending with `/`. */
  readonly path: string;
  readonly mode: FileMode;
  readonly size: number;
  readonly digest: Digest;
  /**
   * The bytes: at once and whole up to {@link chunkSize}, else as a stream.
   * Throws or rejects with `ERR_BAKE_INPUT_CHANGED` where they are not those of `digest`.
   * Whole bytes may be put at the beginning of `into`, if that is long enough: then they last until it is used again.
   * Writing ten thousand small files this way costs one buffer instead of ten thousand.
   */
  read(into?: Uint8Array): Content | Promise<Content>;
}

/** Where an executor gets its inputs from: the working folder, or the catalog when a version is rebuilt. */
export interface InputReader {
  /** Entries of the tree or file of the `copy` step with this index (a single file is one entry with its name as path). */
  entries(step: number): Iterable<TreeEntry> | AsyncIterable<TreeEntry>;
  /** The bytes of one blob: a fetched file or a script. Same promises as {@link TreeFile.read}. */
  blob(digest: Digest): Promise<{ readonly size: number; readonly content: Content }>;
}

/** What the walk found: a tree, or a single file, with all that is needed to retain and to read it. */
export type Snapshot =
  | {
      readonly kind: 'tree';
      readonly digest: Digest;
      /** Every tree object below and including the root, by digest, as the bytes that were hashed. */
      readonly objects: ReadonlyMap<Digest, Uint8Array>;
      readonly files: readonly SnapshotFile[];
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'file'; readonly file: SnapshotFile; readonly warnings: readonly string[] };

/** A file of the working folder as it was when it was hashed. */
export interface SnapshotFile {
  /** Path relative to the copied root; for a single file its base name. */
  readonly path: string;
  /** Absolute path on this machine. Never recorded. */
  readonly source: string;
  readonly mode: FileMode;
  readonly size: number;
  readonly digest: Digest;
}
