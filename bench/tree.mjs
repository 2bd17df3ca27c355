// The generated tree that every contestant copies: the same bytes in every run.
import { mkdirSync, writeFileSync, utimesSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes `files` files of 4 to 7 KB into `folders` folders. Returns the path of one of them, for changing. */
export function writeTree(dir, files = 10_000, folders = 100) {
  const random = generator(20_260_314);
  const words = Buffer.from(Array.from({ length: 65_536 }, () => 32 + (random() % 95)));
  const paths = [];
  for (let index = 0; index < files; index++) {
    const folder = join(dir, `folder-${String(index % folders).padStart(3, '0')}`);
    if (index < folders) mkdirSync(folder, { recursive: true });
    const size = 4096 + (random() % 3073);
    const from = random() % (words.length - 8192);
    const path = join(folder, `file-${String(index).padStart(5, '0')}.txt`);
    writeFileSync(path, `${index}\n${words.subarray(from, from + size - String(index).length - 1).toString('latin1')}`);
    // Long ago, as in a checkout that is not of this very second.
    utimesSync(path, 1_700_000_000, 1_700_000_000);
    paths.push(path);
  }
  return paths[files >> 1];
}

/** Changes one file to something that it never was. */
export function changeFile(path, round) {
  const text = readFileSync(path, 'latin1').replace(/^(changed [^\n]*\n)?/, `changed ${process.pid} ${round}\n`);
  writeFileSync(path, text, 'latin1');
}

/** A small generator of 32-bit numbers, so that trees are the same everywhere (mulberry32). */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}
