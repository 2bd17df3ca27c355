import * as fs from 'node:fs';
import { sha256 } from '@bakehouse/core/provider';
import { readSealed, writeSealed } from '../store/sealed.js';
import type { StateFolder } from '../store/state.js';

/** A file that changed this recently may change again within one tick of its clock (git's "racily clean"). */
const settled = 2_000;

/**
 * What was found out about a file's bytes before, where its stat says that they are the same: device, inode, size,
 * mtime and ctime in nanoseconds. Remembered only where the file had rested for 2 s when it was read.
 */
export async function rememberedByStat(
  state: StateFolder,
  kind: string,
  path: string,
  compute: () => Promise<string>,
  now: () => number = Date.now,
): Promise<string> {
  const place = state.cache('stat', sha256(`${kind}\n${path}`));
  const before = fingerprint(path);
  const cached = readSealed(place);
  if (cached !== undefined) {
    const [print, value] = JSON.parse(cached) as readonly [string, string];
    if (print === before.text) return value;
  }
  const read = now();
  const value = await compute();
  const after = fingerprint(path);
  if (after.text === before.text && read - after.newest >= settled)
    writeSealed(state, place, JSON.stringify([before.text, value]));
  return value;
}

function fingerprint(path: string): { readonly text: string; readonly newest: number } {
  const { dev, ino, size, mtimeNs, ctimeNs } = fs.statSync(path, { bigint: true });
  const newest = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
  return { text: [dev, ino, size, mtimeNs, ctimeNs].join(' '), newest: Number(newest / 1_000_000n) };
}
