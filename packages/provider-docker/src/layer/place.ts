import { BakeError } from '@bakehouse/core/provider';
import type { Owner } from '../rootfs/accounts.js';
import type { FolderNode } from '../rootfs/nodes.js';
import { below, compareBytes, nameOf, parentOf } from '../rootfs/order.js';
import type { Resolved, View } from '../rootfs/view.js';
import type { TarEntry } from '../tar/types.js';
import type { Member, Source } from './members.js';
import { createTouches, type Touches } from './touches.js';

/** An entry of the layer, with what its bytes come from. */
export interface PlacedEntry extends TarEntry {
  readonly member: Member | undefined;
}

/** Where everything of a step goes. */
export interface Placement {
  /** In UTF-8 byte order, which puts folders before what they hold. */
  readonly entries: readonly PlacedEntry[];
  /** What of the view this depends on. */
  readonly touches: Touches;
}

/** The parts of a step that decide about placement. */
export interface PlacedStep {
  readonly to: string;
  readonly owner: Owner;
  /** For files, instead of their own. */
  readonly mode: number | undefined;
  /** For messages. */
  readonly label: string;
}

/**
 * Decides where a step's members go in the image, and writes an entry for every folder above them, so that no folder
 * of the base loses its mode or owner. Links of the base are followed inside the image. Pure.
 * Throws `ERR_BAKE_DESTINATION_CONFLICT` where a file meets a folder, `ERR_BAKE_INPUT_NAME` for names beginning `.wh.`.
 */
export function place(step: PlacedStep, source: Source, view: View): Placement {
  const touches = createTouches();
  const entries = new Map<string, PlacedEntry>();
  const folders = new Map<string, string>();

  const addAbove = (path: string): void => {
    for (let at = path; at !== '' && !entries.has(at); at = parentOf(at)) {
      const node = view.locate(at)?.node;
      // Below a folder that the base lacks there is nothing to depend on.
      if (node !== undefined || view.locate(parentOf(at)) !== undefined) touches.folder(at, { path: at, node });
      entries.set(at, folderEntry(at, node?.type === 'folder' ? node : undefined, step.owner));
    }
  };
  const existing = (path: string): string => view.locate(path)?.layer?.origin ?? `${step.label} itself`;
  const clash = (member: Member, path: string, ours: string, theirs: string): BakeError =>
    new BakeError(
      'ERR_BAKE_DESTINATION_CONFLICT',
      `${step.label} would put the ${ours} ${member.path} at /${path}, where ${existing(path)} has a ${theirs}`,
      { data: { destination: `/${path}`, source: member.path, step: step.label, existing: existing(path) } },
    );

  /** A folder that the step goes into or brings, and all above it. Returns where it really is. */
  const enter = (requested: string, member: Member | undefined): string => {
    const resolved: Resolved = view.resolve(requested);
    const placed = entries.get(resolved.path);
    if (resolved.node !== undefined && resolved.node.type !== 'folder')
      throw clash(member ?? asMember(requested), resolved.path, 'folder', 'file');
    if (placed !== undefined && placed.type !== 'folder')
      throw clash(member ?? asMember(requested), resolved.path, 'folder', placed.type);
    if (resolved.path !== requested) touches.folder(requested, resolved);
    addAbove(resolved.path);
    return resolved.path;
  };

  const put = (member: Member, folder: string, name: string): void => {
    const path = below(folder, name);
    const there = view.locate(path)?.node;
    const placed = entries.get(path);
    if (there?.type === 'folder' || placed?.type === 'folder') throw clash(member, path, member.type, 'folder');
    if (view.locate(folder) !== undefined) touches.name(folder, name);
    entries.set(path, {
      path,
      type: member.type,
      mode: member.type === 'file' ? (step.mode ?? member.mode) : member.mode,
      uid: step.owner.uid,
      gid: step.owner.gid,
      size: member.size,
      target: member.target,
      member,
    });
  };

  for (const member of source.members) {
    if (/(?:^|\/)\.wh\./.test(member.path))
      throw new BakeError('ERR_BAKE_INPUT_NAME', `${member.path}: names beginning .wh. delete files in an image`, {
        data: { path: member.path, step: step.label },
      });
  }
  if (source.kind === 'file') placeFile(step, source, view, touches, enter, put);
  else {
    folders.set('', enter(trimmed(step.to), undefined));
    for (const member of source.members) {
      const parent = parentOf(member.path);
      let folder = folders.get(parent);
      if (folder === undefined) {
        folder = enter(below(folders.get('') ?? '', parent), undefined);
        folders.set(parent, folder);
      }
      if (member.type === 'folder') folders.set(member.path, enter(below(folder, nameOf(member.path)), member));
      else put(member, folder, nameOf(member.path));
    }
  }
  return { entries: linked([...entries.values()]), touches: touches.done() };
}

function placeFile(
  step: PlacedStep,
  source: Source,
  view: View,
  touches: ReturnType<typeof createTouches>,
  enter: (requested: string, member: Member | undefined) => string,
  put: (member: Member, folder: string, name: string) => void,
): void {
  const [member] = source.members;
  if (member === undefined) return;
  const to = trimmed(step.to);
  const resolved = view.resolve(to);
  const into = step.to.endsWith('/') || (resolved.node?.type === 'folder' && source.name !== undefined);
  if (into && source.name === undefined)
    throw new BakeError('ERR_BAKE_DESTINATION_INVALID', `${step.label}: ${step.to} must name a file, not a folder`, {
      data: { destination: step.to, step: step.label },
    });
  touches.leaf(to, resolved);
  if (into) put(member, enter(to, undefined), source.name ?? '');
  else put(member, enter(parentOf(resolved.path), undefined), nameOf(resolved.path));
}

/** The first of several members with one inode holds the bytes; the others become hard links to it. */
function linked(entries: PlacedEntry[]): readonly PlacedEntry[] {
  entries.sort((a, b) => compareBytes(a.path, b.path));
  const first = new Map<string, string>();
  return entries.map((entry): PlacedEntry => {
    const inode = entry.member?.sameAs;
    if (inode === undefined) return entry;
    const target = first.get(inode);
    if (target !== undefined) return { ...entry, type: 'hardlink', size: 0, target };
    first.set(inode, entry.path);
    return entry;
  });
}

function folderEntry(path: string, base: FolderNode | undefined, owner: Owner): PlacedEntry {
  return {
    path,
    type: 'folder',
    mode: base?.mode ?? 0o755,
    uid: base?.uid ?? owner.uid,
    gid: base?.gid ?? owner.gid,
    size: 0,
    target: '',
    xattrs: base?.xattrs,
    member: undefined,
  };
}

function trimmed(path: string): string {
  return path.split('/').filter(Boolean).join('/');
}

function asMember(path: string): Member {
  return { path: `/${path}`, type: 'folder', mode: 0o755, size: 0, target: '' };
}
