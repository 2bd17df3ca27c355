import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '../files/atomic.js';
import { formatLock, parseLock } from './format.js';
import { emptyLock, type Lock } from './types.js';

/** Reads `bake.lock` beside the definition; an empty lock where there is none. */
export function readLock(root: string): Lock {
  const file = join(root, 'bake.lock');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return emptyLock;
    throw error;
  }
  return parseLock(text, 'bake.lock');
}

/** Replaces `bake.lock`, whole or not at all, unless it has that content already. */
export async function writeLock(root: string, lock: Lock): Promise<void> {
  const text = formatLock(lock);
  if (formatLock(readLock(root)) === text) return;
  await writeFileAtomically(join(root, 'bake.lock'), text);
}
