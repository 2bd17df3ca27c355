import type { Owner } from '../rootfs/accounts.js';
import { lookUpOwner } from '../rootfs/accounts.js';
import { below } from '../rootfs/order.js';
import type { Resolved, View } from '../rootfs/view.js';
import type { Xattrs } from '../tar/types.js';

type FolderState = readonly [mode: number, uid: number, gid: number, xattrs?: Xattrs] | null;

/**
 * What a layer's bytes depend on beside its step: so much of the base, and no more. Its size is that of the folders
 * that are entered, plus the names that are put into folders of the base.
 */
export interface Touches {
  /** Folder as asked for, where it is, and its state; `null` where the base has none. */
  readonly folders: readonly (readonly [requested: string, path: string, state: FolderState])[];
  /** Folders of the base to names in them that must not be folders. */
  readonly names: readonly (readonly [folder: string, names: readonly string[]])[];
  /** A single file's destination, where it leads, and whether a folder is there. */
  readonly leaf?: readonly [requested: string, path: string, kind: 'folder' | 'other' | 'none'];
  readonly owner?: readonly [text: string, uid: number, gid: number];
}

export interface TouchesBuilder {
  folder(requested: string, resolved: Resolved): void;
  name(folder: string, name: string): void;
  leaf(requested: string, resolved: Resolved): void;
  done(): Touches;
}

export function createTouches(): TouchesBuilder {
  const folders = new Map<string, Touches['folders'][number]>();
  const names = new Map<string, string[]>();
  let leaf: Touches['leaf'];
  return {
    folder(requested, resolved) {
      folders.set(requested, [requested, resolved.path, stateOf(resolved)]);
    },
    name(folder, name) {
      const list = names.get(folder);
      if (list === undefined) names.set(folder, [name]);
      else list.push(name);
    },
    leaf(requested, resolved) {
      leaf = [requested, resolved.path, kindOf(resolved)];
    },
    done: () => ({ folders: [...folders.values()], names: [...names], ...(leaf === undefined ? {} : { leaf }) }),
  };
}

/** The touches with an owner that was looked up. */
export function withOwner(touches: Touches, text: string | undefined, owner: Owner): Touches {
  return text === undefined ? touches : { ...touches, owner: [text, owner.uid, owner.gid] };
}

/** Whether a layer that was made over one view is right over another. */
export function stillHold(touches: Touches, view: View): boolean {
  try {
    if (touches.owner !== undefined) {
      const [text, uid, gid] = touches.owner;
      const owner = lookUpOwner(text, view);
      if (owner.uid !== uid || owner.gid !== gid) return false;
    }
    if (touches.leaf !== undefined) {
      const [requested, path, kind] = touches.leaf;
      const resolved = view.resolve(requested);
      if (resolved.path !== path || kindOf(resolved) !== kind) return false;
    }
    for (const [requested, path, state] of touches.folders) {
      const resolved = view.resolve(requested);
      if (resolved.path !== path || JSON.stringify(stateOf(resolved)) !== JSON.stringify(state)) return false;
    }
    return touches.names.every(([folder, names]) =>
      names.every((name) => view.locate(below(folder, name))?.node.type !== 'folder'),
    );
  } catch {
    // What is in the way now is found, and reported, when the layer is planned anew.
    return false;
  }
}

function stateOf({ node }: Resolved): FolderState {
  if (node === undefined) return null;
  if (node.type !== 'folder') return [-1, -1, -1];
  const { mode, uid, gid, xattrs } = node;
  return xattrs === undefined ? [mode, uid, gid] : [mode, uid, gid, xattrs];
}

function kindOf({ node }: Resolved): 'folder' | 'other' | 'none' {
  if (node === undefined) return 'none';
  return node.type === 'folder' ? 'folder' : 'other';
}
