import { mkdtempSync, rmSync, readdirSync, lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll } from 'vitest';

const folders: string[] = [];

afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});

/** A folder that is gone after the tests of this file. */
export function tempFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'bakehouse-docker-'));
  folders.push(path);
  return path;
}

/** Every path below a folder, links not followed. */
export function listTree(root: string, at: string = root): string[] {
  return readdirSync(at)
    .sort()
    .flatMap((name) => {
      const path = join(at, name);
      return lstatSync(path).isDirectory() ? [relative(root, path), ...listTree(root, path)] : [relative(root, path)];
    });
}
