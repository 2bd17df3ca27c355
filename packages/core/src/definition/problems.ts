import { BakeError } from '../errors/bake-error.js';
import type { ErrorCode } from '../errors/codes.js';

/** One thing that is wrong with a definition. */
export interface Problem {
  /** Where: `images.web.steps[0].to`; empty for the definition as a whole. */
  readonly path: string;
  /** What is wrong, without the path. */
  readonly message: string;
  /** The word that was probably meant. */
  readonly suggestion: string | null;
}

/** Keys and indices that lead to a value. */
export type Path = readonly (string | number)[];

/** A path as people read it: `images.web.steps[0].to`. Keys that are no plain words are quoted in brackets. */
export function formatPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${quote(part)}]`;
  }
  return text;
}

/** A string as a message shows it: in quotes, control characters escaped, long ones cut. */
export function quote(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 57)}…` : text;
  return JSON.stringify(shown).replaceAll(/\p{Cc}|\p{Cf}/gu, (character) =>
    character < '\u{80}' ? character : `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );
}

/** A problem at a path. */
export function problem(path: Path, message: string, suggestion: string | null = null): Problem {
  return { path: formatPath(path), message, suggestion };
}

/** A problem in one line for people. */
export function problemLine({ path, message, suggestion }: Problem): string {
  const where = path === '' ? '' : `${path}: `;
  return `${where}${message}${suggestion === null ? '' : `; did you mean ${quote(suggestion)}?`}`;
}

/**
 * The error that lists all problems of a definition.
 * `data` is `{ file, problems }`; `file` is `null` for a definition that came as a value.
 */
export function problemsError(
  problems: readonly Problem[],
  file: string | undefined,
  code: ErrorCode = 'ERR_BAKE_DEFINITION_INVALID',
): BakeError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const lines = problems.map((item) => `  ${problemLine(item)}`).join('\n');
  return new BakeError(code, `${file ?? 'The definition'} has ${count}:\n${lines}`, {
    data: { file: file ?? null, problems: problems.map((item) => ({ ...item })) },
  });
}
