import { lstatSync, realpathSync, type BigIntStats } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { inputError, namedPathError } from './input-error.js';

/** Where a path of the definition really is. */
export interface Located {
  /** As messages show it: relative to the definition, `/` separated, `.` for the definition's own folder. */
  readonly shown: string;
  /** Absolute, without links. */
  readonly source: string;
  /** From the definition's folder to `source`, `/` separated, empty for the folder itself. */
  readonly path: string;
  readonly stat: BigIntStats;
}

/**
 * Resolves a path of the definition, following links in it: what a step names is what is copied, not a link to it.
 * Throws `ERR_BAKE_INPUT_MISSING`, `ERR_BAKE_INPUT_UNREADABLE`, or `ERR_BAKE_INPUT_OUTSIDE` where it leaves the folder.
 */
export function locate(root: string, path: string): Located {
  const named = inside(root, resolve(root, path));
  if (named === undefined) throw inputError('ERR_BAKE_INPUT_OUTSIDE', path, "lies outside the definition's folder");
  const shown = named === '' ? '.' : named;
  try {
    const source = realpathSync(resolve(root, path));
    const real = inside(realpathSync(root), source);
    if (real === undefined)
      throw inputError('ERR_BAKE_INPUT_OUTSIDE', shown, "is a link that leads outside the definition's folder");
    return { shown, source, path: real, stat: lstatSync(source, { bigint: true }) };
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? namedPathError(shown, error) : error;
  }
}

/** The way from one folder to a path in it, by segments: `/a/bc` is not inside `/a/b`. */
function inside(folder: string, path: string): string | undefined {
  const way = relative(folder, path);
  if (isAbsolute(way)) return undefined;
  const segments = way.split(sep);
  return segments[0] === '..' ? undefined : segments.join('/');
}
