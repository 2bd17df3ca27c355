import { readdirSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { isAbsent, storeError } from './store-errors.js';

/** Folders beside the catalog's that are no part of the store: its temporary files, and what others keep there. */
export const reserved: readonly string[] = ['tmp', 'cache', 'providers'];

/**
 * Keys of a folder, in byte order, as `Store.list` promises. What is {@link reserved} is left out.
 * Files whose path is no key are listed too: `verify` names them.
 */
export function listFolder(root: string, prefix: string, after: string | undefined, limit: number): readonly string[] {
  const keys: string[] = [];
  const wanted = (key: string): boolean => key.startsWith(prefix) && (after === undefined || key > after);
  const walk = (folder: string): void => {
    for (const { name, isFolder } of sorted(join(root, folder))) {
      if (keys.length >= limit) return;
      const key = folder + name;
      if (!isFolder) {
        if (wanted(key)) keys.push(key);
      } else if (!isReserved(key) && mayHold(key, prefix, after)) walk(key);
    }
  };
  walk(prefix.slice(0, prefix.lastIndexOf('/') + 1));
  return keys;
}

/** Whether a key is in a folder that is no part of the store. */
export function isReserved(key: string): boolean {
  return reserved.some((folder) => key.startsWith(`${folder}/`));
}

/** Whether keys below `folder` (which ends in `/`) can begin with `prefix` and sort after `after`. */
function mayHold(folder: string, prefix: string, after: string | undefined): boolean {
  if (!folder.startsWith(prefix) && !prefix.startsWith(folder)) return false;
  return after === undefined || folder > after || after.startsWith(folder);
}

/** A folder sorts as its name with `/`, as its keys do. */
function sorted(path: string): readonly { readonly name: string; readonly isFolder: boolean }[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (isAbsent(error)) return [];
    throw storeError(error, false, path);
  }
  return entries
    .map((entry) => ({ name: entry.isDirectory() ? `${entry.name}/` : entry.name, isFolder: entry.isDirectory() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
