import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { sha256 } from '@bakehouse/core/provider';
import { makeFolder, storageError, type StateFolder } from './state.js';

/** Writes a cache file that checks itself: the digest of its text, then the text. */
export function writeSealed(state: StateFolder, path: string, text: string): void {
  const temp = state.temp();
  makeFolder(dirname(path));
  try {
    fs.writeFileSync(temp, `${sha256(text)}\n${text}`, { flag: 'wx' });
    fs.renameSync(temp, path);
  } catch (error) {
    fs.rmSync(temp, { force: true });
    throw storageError(error, path);
  }
}

/** The text of a cache file; `undefined` where there is none, or it is not what was written. */
export function readSealed(path: string): string | undefined {
  let whole: string;
  try {
    whole = fs.readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const text = whole.slice(65);
  return whole[64] === '\n' && whole.slice(0, 64) === sha256(text) ? text : undefined;
}
