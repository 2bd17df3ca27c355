import type { Content } from '@bakehouse/core/provider';

/** One thing that a step brings, relative to where it goes; a single file has its name as path. */
export interface Member {
  readonly path: string;
  readonly type: 'file' | 'folder' | 'link';
  /** Canonical: 0644 or 0755; 0777 for links. */
  readonly mode: number;
  readonly size: number;
  /** Of a link, as it is written. */
  readonly target: string;
  /** Path of another member with the same content and inode. */
  readonly sameAs?: string;
  /** The bytes of a file. */
  read?(into?: Uint8Array): Content | Promise<Content>;
}

/** Everything that a step brings. */
export interface Source {
  /** A `tree`'s members go into the destination; a `file` goes there, or into it where it is a folder. */
  readonly kind: 'tree' | 'file';
  /** What a single file is called in a folder; `undefined` where it has no name of its own. */
  readonly name?: string;
  readonly members: readonly Member[];
  /** Frees what the members are read from. */
  close(): void;
}
