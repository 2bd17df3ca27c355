import * as fs from 'node:fs';
import { join } from 'node:path';
import type { ArtifactKey } from '@bakehouse/core/provider';
import { blobsOf, readLayout } from '../image/layout.js';
import { listNames, type StateFolder } from './state.js';

/** Blobs younger than this may belong to a build that has not written its layout yet. */
const young = 60 * 60 * 1000;

/** Every version that has a layout here. */
export function* storedKeys(state: StateFolder): Generator<ArtifactKey> {
  for (const project of listNames(state.layouts))
    for (const image of listNames(join(state.layouts, project)))
      for (const target of listNames(join(state.layouts, project, image)))
        for (const version of listNames(join(state.layouts, project, image, target)))
          if (/^[0-9a-f]{64}$/.test(version)) yield { project, image, target, version };
}

/**
 * Removes blobs that no layout names and that have not been used for an hour. Layouts that cannot be read stop it: what
 * they name is not known. Returns the bytes that were freed.
 */
export function collectBlobs(state: StateFolder, now: number = Date.now()): number {
  const named = new Set<string>();
  for (const key of storedKeys(state)) {
    const layout = readLayout(state, key);
    if (layout === undefined) return 0;
    for (const hex of blobsOf(layout)) named.add(hex);
  }
  let freed = 0;
  for (const hex of listNames(state.blobs)) {
    const path = state.blob(hex);
    const stat = fs.statSync(path, { throwIfNoEntry: false });
    if (named.has(hex) || stat === undefined || now - stat.mtimeMs < young) continue;
    fs.rmSync(path, { force: true });
    freed += stat.size;
  }
  return freed;
}
