import { BakeError } from '../errors/index.js';
import { sha256, type Digest } from '../plan/digest.js';
import type { FileMode } from '../plan/types.js';
import { compareNames, encodeTree } from '../tree/tree-object.js';
import type { InputReader, TreeEntry, TreeMember } from '../tree/types.js';

/** A file by its text or bytes; a link by its target; a folder, for an empty one; the mode where it is not 0644. */
export type FileSpec =
  | string
  | Uint8Array
  | { readonly text: string; readonly mode?: FileMode }
  | { readonly link: string }
  | { readonly folder: true };

/** Files by their path, `/` separated. Folders on the way are made. */
export type TreeSpec = Readonly<Record<string, FileSpec>>;

/** A tree in memory: what a copy step's plan names, and what an {@link InputReader} reads. */
export interface MemoryTree {
  readonly digest: Digest;
  /** Folders before what they hold, names in UTF-8 byte order. */
  readonly entries: readonly TreeEntry[];
}

interface Folder {
  readonly members: Map<string, Folder | FileSpec>;
}

/** A tree with these files. The same files give the same digest, in whatever order they are written. */
export function aTree(files: TreeSpec = { 'index.html': 'hello\n' }): MemoryTree {
  const root: Folder = { members: new Map() };
  for (const [path, file] of Object.entries(files)) {
    const names = path.split('/');
    const last = names.pop() ?? '';
    let folder = root;
    for (const name of names) folder = subfolder(folder, name);
    if (typeof file === 'object' && 'folder' in file) subfolder(folder, last);
    else folder.members.set(last, file);
  }
  const entries: TreeEntry[] = [];
  return { digest: describeFolder(root, '', entries), entries };
}

/** A reader of these trees, one per step, and of these blobs (by content). A single tree or file list serves every step. */
export function inputsOf(
  steps: TreeSpec | MemoryTree | readonly (MemoryTree | undefined)[],
  blobs: readonly (string | Uint8Array)[] = [],
): InputReader {
  const stored = new Map(blobs.map((blob) => [sha256(blob), bytesOf(blob)] as const));
  const treeOf = (step: number): MemoryTree | undefined => (isList(steps) ? steps[step] : single);
  const single = isList(steps) ? undefined : isTree(steps) ? steps : aTree(steps);
  return {
    entries(step) {
      const tree = treeOf(step);
      if (tree === undefined) throw new BakeError('ERR_BAKE_INPUT_MISSING', `step ${step} has no inputs`);
      return tree.entries;
    },
    async blob(digest) {
      const content = stored.get(digest);
      if (content === undefined) throw new BakeError('ERR_BAKE_BLOB_MISSING', `no blob ${digest}`);
      return { size: content.length, content };
    },
  };
}

function isList(value: unknown): value is readonly (MemoryTree | undefined)[] {
  return Array.isArray(value);
}

function isTree(value: TreeSpec | MemoryTree): value is MemoryTree {
  return Array.isArray(value['entries']);
}

function subfolder(folder: Folder, name: string): Folder {
  const there = folder.members.get(name);
  if (there !== undefined && isFolder(there)) return there;
  const made: Folder = { members: new Map() };
  folder.members.set(name, made);
  return made;
}

function isFolder(member: Folder | FileSpec): member is Folder {
  return typeof member === 'object' && 'members' in member;
}

function describeFolder(folder: Folder, prefix: string, entries: TreeEntry[]): Digest {
  const sorted = [...folder.members].sort(([a], [b]) => compareNames(a, b));
  const members = sorted.map(([name, member]): TreeMember => {
    const path = prefix + name;
    if (isFolder(member)) {
      entries.push({ type: 'folder', path });
      return ['d', name, describeFolder(member, `${path}/`, entries)];
    }
    if (typeof member === 'object' && 'link' in member) {
      entries.push({ type: 'link', path, target: member.link });
      return ['l', name, member.link];
    }
    const content = bytesOf(typeof member === 'object' && 'text' in member ? member.text : (member as string));
    const mode = (typeof member === 'object' && 'text' in member ? member.mode : undefined) ?? '0644';
    const digest = sha256(content);
    entries.push({ type: 'file', path, mode, size: content.length, digest, read: () => content });
    return ['f', name, mode, content.length, digest];
  });
  return sha256(encodeTree(members));
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content;
}
