import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BakeError } from '../errors/index.js';
import { namedPathError, systemCode } from './input-error.js';
import { compilePattern, type Pattern } from './pattern.js';

/** Names of ignore files beside the definition; the first that exists counts, alone. */
const ignoreFiles = ['.bakeignore', '.dockerignore'] as const;

/** Which patterns match a folder or a folder above it; `undefined` stands for none. */
type Matched = readonly boolean[] | undefined;

/** What the rules say of one folder, handed down to what is in it. */
export interface IgnoreScope {
  /** Whether the folder itself is left out. What is in it may still be taken in by a negated pattern. */
  readonly ignored: boolean;
  /** Whether nothing below can be taken in again, so that the folder need not be read. */
  readonly pruned: boolean;
  readonly matched: Matched;
}

/**
 * A list of ignore patterns; the last one that matches a path or a folder above it decides. So Docker documents it;
 * where its engines do otherwise, and since when, is in docs/decisions/0001-tree-objects.md.
 */
export interface IgnoreRules {
  /** Where the patterns come from, for messages: a file name or `exclude`; `undefined` where there are none. */
  readonly origin: string | undefined;
  /** The folder that patterns are relative to. */
  readonly top: IgnoreScope;
  /** Whether this path, in the folder of `scope`, is left out. */
  ignores(path: string, scope: IgnoreScope): boolean;
  /** The scope of this folder, in the folder of `scope`. */
  enter(folder: string, scope: IgnoreScope): IgnoreScope;
}

const everything: IgnoreScope = { ignored: false, pruned: false, matched: undefined };

/** Rules that leave nothing out. */
export const noRules: IgnoreRules = {
  origin: undefined,
  top: everything,
  ignores: () => false,
  enter: () => everything,
};

/**
 * The rules of `.bakeignore`, else `.dockerignore`, in the definition's folder.
 * Throws `ERR_BAKE_DEFINITION_INVALID` with the lines that are malformed.
 */
export async function loadIgnore(root: string): Promise<IgnoreRules> {
  for (const name of ignoreFiles) {
    let text: string;
    try {
      text = await readFile(join(root, name), 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') continue;
      throw namedPathError(name, error);
    }
    // Docker reads comments before it trims: a line with a space before its `#` is a pattern.
    const lines = text.replace(/^\ufeff/, '').split('\n');
    return ignoreRules(
      lines.map((line) => (line.startsWith('#') ? '' : line)),
      name,
    );
  }
  return noRules;
}

/** Rules out of patterns in order. `origin` names them in messages: a problem is at `<origin>:<line>`. */
export function ignoreRules(lines: readonly string[], origin: string): IgnoreRules {
  const patterns: Pattern[] = [];
  const problems: { path: string; message: string }[] = [];
  for (const [index, line] of lines.entries()) {
    try {
      const pattern = compilePattern(line);
      if (pattern) patterns.push(pattern);
    } catch (error) {
      const message = `the pattern ${line.trim()} is malformed: ${(error as Error).message}`;
      problems.push({ path: `${origin}:${index + 1}`, message });
    }
  }
  if (problems.length > 0) {
    const list = problems.map(({ path, message }) => `${path}: ${message}`).join('\n');
    throw new BakeError('ERR_BAKE_DEFINITION_INVALID', list, { data: { problems } });
  }
  if (patterns.length === 0) return noRules;
  return {
    origin,
    top: everything,
    ignores: (path, { matched }) => decides(patterns, (pattern, index) => !!matched?.[index] || pattern.matches(path)),
    enter(folder, { matched: above }) {
      const matched = patterns.map((pattern, index) => !!above?.[index] || pattern.matches(folder));
      const ignored = decides(patterns, (_, index) => matched[index] === true);
      const decisive = matched.lastIndexOf(true);
      const reopens = (pattern: Pattern, index: number): boolean =>
        index > decisive && pattern.negated && pattern.matchesBelow(folder);
      return {
        ignored,
        pruned: ignored && !patterns.some(reopens),
        matched: matched.includes(true) ? matched : undefined,
      };
    },
  };
}

function decides(patterns: readonly Pattern[], matches: (pattern: Pattern, index: number) => boolean): boolean {
  for (let index = patterns.length - 1; index >= 0; index -= 1) {
    const pattern = patterns[index];
    if (pattern && matches(pattern, index)) return !pattern.negated;
  }
  return false;
}
