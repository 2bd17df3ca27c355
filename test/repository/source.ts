import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of this repository. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url));

/** A file of this repository, by its path from the top. */
export interface RepositoryFile {
  readonly path: string;
  readonly text: string;
}

/** What git has or would add: everything but what is ignored or deleted. Binary files are left out. */
export function repositoryFiles(under?: RegExp): readonly RepositoryFile[] {
  const list = ['--cached', '--others', '--exclude-standard', '-z'];
  const paths = execFileSync('git', ['ls-files', ...list], { cwd: root, encoding: 'utf8' }).split('\0');
  const files: RepositoryFile[] = [];
  for (const path of new Set(paths)) {
    if (path === '' || (under && !under.test(path))) continue;
    const text = read(join(root, path));
    if (text !== undefined && !text.includes('\0')) files.push({ path, text });
  }
  return files;
}

/** What modules import, static and dynamic, by the specifier as it is written. */
export function importsOf(text: string): readonly string[] {
  const code = text.replaceAll(/\/\*.*?\*\/|^\s*\/\/.*$/gms, '');
  const found = code.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g);
  return [...found].map(([, specifier]) => specifier ?? '');
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    // A file that git still has, but that was removed or is a folder by now.
    if (['ENOENT', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
