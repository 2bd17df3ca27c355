import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryFiles, root } from './source.js';

const files = repositoryFiles();

/** `path:line` of every line that fits. */
function lines(pattern: RegExp, paths: RegExp = /./): readonly string[] {
  return files
    .filter(({ path }) => paths.test(path))
    .flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
    );
}

describe('the files of this repository', () => {
  it('name no package registry', () => {
    const domains = ['npmjs', 'yarnpkg', 'pypi', 'crates', 'deb\\.debian', 'proxy\\.golang'];
    expect(lines(new RegExp(`\\b(?:${domains.join('|')})\\.(?:org|com|io)\\b`))).toEqual([]);
  });

  it('name no folder of the machine they were written on', () => {
    const tops = ['work', 'farm', 'Users/[A-Za-z]+'];
    expect(
      lines(new RegExp(`(?:^|[^a-zA-Z0-9_.:])/(?:${tops.join('|')})/[a-zA-Z.]`), /^(?!test\/repository\/)/),
    ).toEqual([]);
    expect(files.filter(({ text }) => text.includes(root)).map(({ path }) => path)).toEqual([]);
  });

  it('have a lock file without addresses', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { resolved?: string }>;
    };
    const resolved = Object.values(packages).flatMap(({ resolved }) => resolved ?? []);
    expect(resolved.filter((where) => where.includes(':'))).toEqual([]);
  });

  it('are linked where docs say so', () => {
    const broken = files
      .filter(({ path }) => path.endsWith('.md'))
      .flatMap(({ path, text }) =>
        [...text.replaceAll(/^```.*?^```$/gms, '').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
          .map(([, link]) => link ?? '')
          .filter((link) => !/^[a-z]+:/.test(link))
          .filter((link) => !isThere(posix.join(posix.dirname(path), link)))
          .map((link) => `${path}: ${link}`),
      );
    expect(broken).toEqual([]);
  });

  it('have an up-to-date page of errors', () => {
    execFileSync(process.execPath, [join(root, 'scripts', 'errors-doc.mjs'), '--check'], { stdio: 'pipe' });
  });
});

/** A file, or a folder that holds one. */
function isThere(path: string): boolean {
  const clean = path.replace(/\/$/, '');
  return files.some((file) => file.path === clean || dirname(file.path) === clean || file.path.startsWith(`${clean}/`));
}
