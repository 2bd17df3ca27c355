import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { noRules } from '../../src/tree/ignore.js';
import { snapshot, type SnapshotOptions } from '../../src/tree/snapshot.js';
import { noStatCache } from '../../src/tree/stat-cache.js';
import type { Snapshot, SnapshotFile } from '../../src/tree/types.js';

/** A tree by path: bytes of a file, `{ bytes, mode }`, `{ link }`, or `null` for an empty folder. */
export type TreeSpec = Readonly<Record<string, ItemSpec>>;
export type ItemSpec =
  | string
  | Uint8Array
  | { readonly bytes: string | Uint8Array; readonly mode: number }
  | { readonly link: string }
  | null;

/** An empty folder, gone after the test. */
export function aFolder(): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'bake-tree-')));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A folder that holds this tree; in the order of the object's keys. */
export function aTree(spec: TreeSpec, dir: string = aFolder()): string {
  for (const [path, item] of Object.entries(spec)) put(join(dir, path), item);
  return dir;
}

export function put(path: string, item: ItemSpec): void {
  mkdirSync(item === null ? path : dirname(path), { recursive: true });
  if (item === null) return;
  if (typeof item === 'string' || item instanceof Uint8Array) writeFileSync(path, item);
  else if ('link' in item) symlinkSync(item.link, path);
  else {
    writeFileSync(path, item.bytes);
    chmodSync(path, item.mode);
  }
}

/** Takes a snapshot of the whole folder, without ignore file or cache, unless told otherwise. */
export function take(root: string, options: Partial<SnapshotOptions> = {}): Snapshot {
  return snapshot({ root, path: '.', ignore: noRules, cache: noStatCache, now: () => Date.now(), ...options });
}

export function takeTree(root: string, options: Partial<SnapshotOptions> = {}): Extract<Snapshot, { kind: 'tree' }> {
  const taken = take(root, options);
  if (taken.kind !== 'tree') throw new Error('not a tree');
  return taken;
}

export function digestOf(spec: TreeSpec, options: Partial<SnapshotOptions> = {}): string {
  return takeTree(aTree(spec), options).digest;
}

export function takeFile(root: string, path: string): SnapshotFile {
  const taken = take(root, { path });
  if (taken.kind !== 'file') throw new Error('not a file');
  return taken.file;
}

/** Lets a file look as if it was last written then; its ctime is the present all the same. */
export function touch(path: string, milliseconds: number): void {
  utimesSync(path, milliseconds / 1000, milliseconds / 1000);
}
