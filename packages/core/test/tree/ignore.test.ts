import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ignoreRules, loadIgnore, noRules } from '../../src/tree/ignore.js';
import { entriesOf } from '../../src/tree/reader.js';
import { aFolder, aTree, takeTree } from './builders.js';
import { ignoreTree } from './ignore-cases.js';

/** What is left of the tree, folders with a `/` behind them. */
function left(text: string): string[] {
  const root = aTree(ignoreTree);
  const entries = entriesOf(takeTree(root, { ignore: ignoreRules(text.split('\n'), 'test') }));
  return [...entries].map(({ type, path }) => (type === 'folder' ? `${path}/` : path));
}

/** What these patterns leave out. */
function leftOut(text: string): string[] {
  const kept = new Set(left(text));
  return left('').filter((path) => !kept.has(path));
}

describe('where engines before 23 differ, the documentation is followed', () => {
  test('a negated wildcard takes in again what lies deep below a folder that is left out', () => {
    expect(left('*\n!**/keep.txt')).toEqual(['src/', 'src/lib/', 'src/lib/deep/', 'src/lib/deep/keep.txt']);
    expect(left('*\n!*/keep')).toEqual([
      'dist/',
      'dist/keep/',
      'dist/keep/app.js',
      'dist/keep/void/',
      'pkg/',
      'pkg/keep/',
      'pkg/keep/z',
    ]);
    expect(leftOut('deep\n!deep/**/keep')).toEqual(['deep/1/2/3/', 'deep/1/2/3/4/', 'deep/1/2/3/4/leaf']);
  });

  test('characters of regular expressions are ordinary ones', () => {
    for (const name of ['file(1).txt', 'a+b.txt', 'a|b', 'x{1}', '^caret', '$dollar'])
      expect(leftOut(name)).toEqual([name]);
  });

  test('two stars before text stand for any beginning, also within a name', () => {
    expect(leftOut('**.log')).toEqual(['a.log', 'b.log', 'src/lib/b.log', 'src/lib/deep/c.log']);
    expect(leftOut('**foo')).toEqual(
      expect.arrayContaining(['barfoo', 'foo/', 'x/barfoo', 'x/foo', 'x/y/foo/', 'x/y/foo/z']),
    );
  });

  test('a folder that is left out is there only for what is taken in again', () => {
    expect(left('*\n!src/nothing')).toEqual([]);
    expect(left('*\n!docs/none')).toEqual(['docs/', 'docs/none/']);
  });

  test('the last pattern that matches a path or a folder above it decides', () => {
    expect(left('*\n!foo/bar\nfoo')).toEqual([]);
    expect(leftOut('deep/?*\n!deep')).toEqual([]);
    expect(leftOut('!src\n**/src')).toContain('src/lib/deep/c.log');
  });
});

describe('the ignore file', () => {
  const rulesOf = async (tree: Record<string, string>): Promise<string[]> => {
    const root = aTree({ a: 'a', b: 'b', ...tree });
    return [...entriesOf(takeTree(root, { ignore: await loadIgnore(root) }))].map(({ path }) => path);
  };

  test('is .bakeignore, else .dockerignore, and never both', async () => {
    expect(await rulesOf({ '.bakeignore': 'a', '.dockerignore': 'b' })).toEqual(['.bakeignore', '.dockerignore', 'b']);
    expect(await rulesOf({ '.dockerignore': 'b' })).toEqual(['.dockerignore', 'a']);
    expect(await rulesOf({ '.bakeignore': '', '.dockerignore': 'b' })).toContain('b');
  });

  test('is copied like other files, and can leave itself out', async () => {
    expect(await rulesOf({ '.bakeignore': '.bakeignore' })).toEqual(['a', 'b']);
  });

  test('may be missing: nothing is left out', async () => {
    expect(await loadIgnore(aFolder())).toBe(noRules);
  });

  test('of comments alone is no rules at all', async () => {
    expect(await loadIgnore(aTree({ '.bakeignore': '# a\n\n   \n#b' }))).toBe(noRules);
  });

  test('counts only beside the definition, not in folders below', async () => {
    expect(await rulesOf({ 'sub/.bakeignore': '*', 'sub/x': 'x' })).toContain('sub/x');
  });

  test('that cannot be read is an error, and not the absence of rules', async () => {
    await expect(loadIgnore(aTree({ '.bakeignore/x': 'a folder' }))).rejects.toMatchObject({
      code: 'ERR_BAKE_INPUT_UNREADABLE',
      data: { path: '.bakeignore' },
    });
    const root = aTree({ '.bakeignore': 'a' });
    chmodSync(root, 0o755);
    chmodSync(join(root, '.bakeignore'), 0o000);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65534);
    try {
      await expect(loadIgnore(root)).rejects.toMatchObject({ code: 'ERR_BAKE_INPUT_UNREADABLE' });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  test('with malformed patterns is refused, with every line that is', async () => {
    const root = aFolder();
    writeFileSync(join(root, '.dockerignore'), 'good\n[bad\n# [comment\n!\nalso[\nends\\\n[z-a]\n');
    await expect(loadIgnore(root)).rejects.toMatchObject({
      code: 'ERR_BAKE_DEFINITION_INVALID',
      data: {
        problems: [
          { path: '.dockerignore:2', message: 'the pattern [bad is malformed: "[" is never closed' },
          { path: '.dockerignore:4', message: 'the pattern ! is malformed: "!" without a pattern' },
          { path: '.dockerignore:5', message: 'the pattern also[ is malformed: "[" is never closed' },
          { path: '.dockerignore:6', message: 'the pattern ends\\ is malformed: it ends with a lone "\\"' },
          { path: '.dockerignore:7', message: 'the pattern [z-a] is malformed: the range z-a is empty' },
        ],
      },
    });
  });
});

describe('patterns', () => {
  const ignored = (patterns: string[], path: string): boolean => {
    const rules = ignoreRules(patterns, 'test');
    let scope = rules.top;
    const names = path.split('/');
    for (let i = 1; i < names.length; i += 1) scope = rules.enter(names.slice(0, i).join('/'), scope);
    return rules.ignores(path, scope);
  };

  test('tell letter case apart', () => {
    expect(ignored(['README.md'], 'readme.md')).toBe(false);
  });

  test('match names that objects have by themselves', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      expect(ignored([name], name)).toBe(true);
      expect(ignored(['other'], name)).toBe(false);
    }
  });

  test('a question mark is one character, also beyond 16 bits, and never a slash', () => {
    expect(ignored(['a?b'], 'a\u{1f600}b')).toBe(true);
    expect(ignored(['a??b'], 'a\u{1f600}b')).toBe(false);
    expect(ignored(['a?b'], 'a/b')).toBe(false);
  });

  test('character classes hold ranges, escapes and wildcards as they are, and never a slash', () => {
    expect(ignored(['[*]x'], '*x')).toBe(true);
    expect(ignored(['[*]x'], 'yx')).toBe(false);
    expect(ignored(['[\\]a]'], ']')).toBe(true);
    expect(ignored(['a[^b]c'], 'a/c')).toBe(false);
    expect(ignored(['a[+-0]c'], 'a/c')).toBe(false);
    expect(ignored(['[α-ω]'], 'λ')).toBe(true);
    expect(ignored(['[\\d]'], '1')).toBe(false);
  });

  test('no pattern takes long on a hostile name', () => {
    const start = performance.now();
    ignored(['**/*a*a*a*a*a*b', '**/**/**/**/x'], `${'a/'.repeat(12)}${'a'.repeat(60)}`);
    expect(performance.now() - start).toBeLessThan(5000);
  });

  test('folders are pruned unless a later negated pattern could match below', () => {
    const pruned = (patterns: string[], folder: string): boolean => {
      const rules = ignoreRules(patterns, 'test');
      return rules.enter(folder, rules.top).pruned;
    };
    expect(pruned(['a'], 'a')).toBe(true);
    expect(pruned(['a', '!b/c'], 'a')).toBe(true);
    expect(pruned(['a', '!a/c'], 'a')).toBe(false);
    expect(pruned(['a', '!*/c'], 'a')).toBe(false);
    expect(pruned(['a', '!**/c'], 'a')).toBe(false);
    expect(pruned(['a', '!c'], 'a')).toBe(true);
    expect(pruned(['!a/c', 'a'], 'a')).toBe(true);
    expect(pruned(['a/b', '!a/*/c/d'], 'a/b')).toBe(false);
    expect(pruned(['a/b', '!a/c/d'], 'a/b')).toBe(true);
    expect(pruned(['b'], 'a')).toBe(false);
  });
});
