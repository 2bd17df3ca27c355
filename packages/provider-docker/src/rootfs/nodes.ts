import type { Xattrs } from '../tar/types.js';

/** A folder of an image. */
export interface FolderNode {
  readonly type: 'folder';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly xattrs?: Xattrs;
}

/** A file, with where its bytes are in the uncompressed layer. */
export interface FileNode {
  readonly type: 'file';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly offset: number;
}

export interface LinkNode {
  readonly type: 'link';
  readonly uid: number;
  readonly gid: number;
  readonly target: string;
}

/** A device or a pipe. */
export interface OtherNode {
  readonly type: 'other';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** What can be at a path of an image. */
export type Node = FolderNode | FileNode | LinkNode | OtherNode;

/** How Docker treats a folder that a layer has things in, but no entry for. */
export const impliedFolder: FolderNode = { type: 'folder', mode: 0o755, uid: 0, gid: 0 };
