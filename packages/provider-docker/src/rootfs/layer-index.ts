import { below, compareBytes, nameOf, parentOf } from './order.js';
import type { FolderNode, Node } from './nodes.js';

/** What one layer says about paths. Paths have no leading `/`; the root is the empty string. */
export interface LayerIndex {
  /** What the layer itself has at a path; a folder that it only implies is `'implied'`. */
  get(path: string): Node | 'implied' | undefined;
  /** Whether the layer hides what lower layers have at a path. */
  hides(path: string): boolean;
  /** The contents of the account files, as the layer has them. */
  readonly accounts: Readonly<Record<string, string>>;
}

/** Files whose contents the index keeps. */
export const accountFiles: readonly string[] = ['etc/passwd', 'etc/group'];

type Leaf = Exclude<Node, FolderNode>;
type FolderRow = readonly [path: string, folder: Omit<FolderNode, 'type'> | 0, start: number, length: number];
type Header = {
  readonly folders: readonly FolderRow[];
  readonly whiteouts: readonly string[];
  readonly opaque: readonly string[];
  readonly accounts: Readonly<Record<string, string>>;
};

/** Collects a layer's entries in archive order, where later ones win. */
export interface IndexBuilder {
  add(path: string, node: Node): void;
  /** What was added at a path; for hard links. */
  get(path: string): Node | undefined;
  whiteout(path: string): void;
  opaque(folder: string): void;
  account(path: string, content: string): void;
  /** The index as text: a header with all folders, then one line of leaves per folder, read when needed. */
  serialise(): string;
}

export function createIndexBuilder(): IndexBuilder {
  const folders = new Map<string, { node: FolderNode | undefined; leaves: Map<string, Leaf> }>();
  const whiteouts = new Set<string>();
  const opaque = new Set<string>();
  const accounts: Record<string, string> = {};

  const removeTree = (path: string): void => {
    for (const known of folders.keys()) if (known === path || known.startsWith(`${path}/`)) folders.delete(known);
  };
  const folder = (path: string): { node: FolderNode | undefined; leaves: Map<string, Leaf> } => {
    let found = folders.get(path);
    if (found === undefined) {
      if (path !== '') folder(parentOf(path)).leaves.delete(nameOf(path));
      found = { node: undefined, leaves: new Map() };
      folders.set(path, found);
    }
    return found;
  };

  return {
    add(path, node) {
      if (node.type === 'folder') {
        folder(path).node = node;
        return;
      }
      if (folders.has(path)) removeTree(path);
      folder(parentOf(path)).leaves.set(nameOf(path), node);
    },
    get(path) {
      return folders.get(path)?.node ?? folders.get(parentOf(path))?.leaves.get(nameOf(path));
    },
    whiteout: (path) => void whiteouts.add(path),
    opaque: (path) => void opaque.add(path),
    account(path, content) {
      accounts[path] = content;
    },
    serialise() {
      const rows: FolderRow[] = [];
      const lines: string[] = [];
      let start = 0;
      for (const [path, { node, leaves }] of [...folders].sort(([a], [b]) => compareBytes(a, b))) {
        const line = leaves.size === 0 ? '' : JSON.stringify([...leaves]);
        const { type: _, ...attributes } = node ?? { type: 'folder' };
        rows.push([path, node === undefined ? 0 : (attributes as Omit<FolderNode, 'type'>), start, line.length]);
        lines.push(line);
        start += line.length;
      }
      const header: Header = { folders: rows, whiteouts: [...whiteouts], opaque: [...opaque], accounts };
      return `${JSON.stringify(header)}\n${lines.join('')}`;
    },
  };
}

/** Reads what {@link IndexBuilder.serialise} wrote. A folder's leaves are parsed when first asked for. */
export function parseIndex(text: string): LayerIndex {
  const end = text.indexOf('\n');
  const header = JSON.parse(text.slice(0, end)) as Header;
  const folders = new Map(header.folders.map((row) => [row[0], row]));
  const whiteouts = new Set(header.whiteouts);
  const opaque = new Set(header.opaque);
  const parsed = new Map<string, ReadonlyMap<string, Leaf>>();

  const leaves = (path: string): ReadonlyMap<string, Leaf> | undefined => {
    const row = folders.get(path);
    if (row === undefined || row[3] === 0) return undefined;
    let found = parsed.get(path);
    if (found === undefined) {
      const start = end + 1 + row[2];
      found = new Map(JSON.parse(text.slice(start, start + row[3])) as [string, Leaf][]);
      parsed.set(path, found);
    }
    return found;
  };
  const get = (path: string): Node | 'implied' | undefined => {
    const row = folders.get(path);
    if (row !== undefined) return row[1] === 0 ? 'implied' : { type: 'folder', ...row[1] };
    return path === '' ? undefined : leaves(parentOf(path))?.get(nameOf(path));
  };

  return {
    get,
    accounts: header.accounts,
    hides(path) {
      if (whiteouts.has(path)) return true;
      for (let at = path; at !== '';) {
        at = parentOf(at);
        if (opaque.has(at) || whiteouts.has(at)) return true;
        const here = get(at);
        if (here !== undefined && here !== 'implied' && here.type !== 'folder') return true;
      }
      return false;
    },
  };
}

/** The path that a whiteout entry (`.wh.NAME`) removes, or the folder that an opaque marker empties. */
export function whiteoutOf(path: string): { readonly path: string; readonly opaque: boolean } | undefined {
  const name = nameOf(path);
  if (!name.startsWith('.wh.')) return undefined;
  const folder = parentOf(path);
  if (name === '.wh..wh..opq') return { path: folder, opaque: true };
  return { path: below(folder, name.slice('.wh.'.length)), opaque: false };
}
