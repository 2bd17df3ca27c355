import type { Json } from '../plan/json.js';
import { problem, quote, type Path, type Problem } from './problems.js';
import { suggest } from './suggest.js';

const REFERENCE = /\{\{\s*vars\.([^{}\s]*)\s*\}\}/g;

/** Regular expression source of a string that refers to a variable somewhere. */
export const REFERENCE_SOURCE: string = '[\\s\\S]*\\{\\{\\s*vars\\.[^{}\\s]*\\s*\\}\\}[\\s\\S]*';

/** The names that `{{vars.NAME}}` in a string refers to, in order. */
export function references(text: string): string[] {
  return Array.from(text.matchAll(REFERENCE), (match) => match[1]!);
}

/** Whether a string refers to any variable, so that its final text is not known yet. */
export function hasReference(text: string): boolean {
  return text.includes('{{') && references(text).length > 0;
}

/** Replaces every `{{vars.NAME}}`; what `valueOf` does not know stays. */
export function replaceReferences(text: string, valueOf: (name: string) => string | undefined): string {
  if (!text.includes('{{')) return text;
  return text.replaceAll(REFERENCE, (whole, name: string) => valueOf(name) ?? whole);
}

/**
 * Whether the string at `path` is the body of a `run`, of a step or a check, which belongs to the shell:
 * variables reach it through `env`. The path of a script is no body.
 */
export function isRunBody(path: Path): boolean {
  return (
    path[0] === 'images' &&
    (path[2] === 'steps' || path[2] === 'checks') &&
    path[4] === 'run' &&
    (path.length === 5 || typeof path[5] === 'number')
  );
}

/** Uses of variables that the definition does not declare, and defaults that use variables. */
export function unknownVariables(definition: Json): Problem[] {
  const vars = (definition as { readonly vars?: Json } | null)?.vars;
  const declared = typeof vars === 'object' && vars !== null && !Array.isArray(vars) ? Object.keys(vars) : [];
  const problems: Problem[] = [];
  mapStrings(definition, [], (text, path) => {
    for (const name of new Set(references(text)))
      if (!declared.includes(name)) {
        const known = declared.length === 0 ? '; declare it under vars' : '';
        problems.push(problem(path, `no variable is called ${quote(name)}${known}`, suggest(name, declared)));
      }
    return text;
  });
  if (declared.length > 0)
    for (const [name, value] of Object.entries(vars as Readonly<Record<string, Json>>))
      if (typeof value === 'string' && hasReference(value))
        problems.push(problem(['vars', name], 'cannot use another variable'));
  return problems;
}

/** A copy with every string that may hold variables passed through `change`. */
export function mapStrings(value: Json, path: Path, change: (text: string, path: Path) => string): Json {
  if (typeof value === 'string') return isRunBody(path) ? value : change(value, path);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item: Json, index) => mapStrings(item, [...path, index], change));
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      path.length === 0 && key === 'vars' ? member : mapStrings(member, [...path, key], change),
    ]),
  );
}
