import * as v from 'valibot';
import type { Json } from '../plan/json.js';
import { kindName } from './plain.js';
import { problem, quote, type Path, type Problem } from './problems.js';
import { definitionSchema } from './schema.js';
import { kindKeys, kindOf, type ByKey, type Schema } from './schema-kit.js';
import { suggest } from './suggest.js';

/** The parts of a valibot schema that the walk below looks at. */
interface Node {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly value?: Schema;
  readonly item?: Schema;
  readonly wrapped?: Schema;
  readonly getter?: (input: unknown) => Schema;
  readonly byKey?: ByKey;
}

/** Every problem of the definition's shape. */
export function shapeProblems(definition: Json): Problem[] {
  const walked: Problem[] = [];
  const covered = new Set<string>();
  walk(definitionSchema, definition, [], walked, covered);
  const { issues = [] } = v.safeParse(definitionSchema, definition, { abortPipeEarly: true });
  const parsed = issues.flatMap((issue) => {
    const path = (issue.path ?? []).map((item) => item.key as string | number);
    // Objects that are lists, and what has no or two kinds, say nothing useful beyond what the walk said.
    const known = path.some((_, length) => covered.has(JSON.stringify(path.slice(0, length))));
    if (known || covered.has(JSON.stringify(path))) return [];
    if (issue.type === 'strict_object' && issue.expected === 'never') return [];
    return [problem(path, explain(issue))];
  });
  return [...walked, ...parsed];
}

/**
 * Reports what valibot does not: every unknown key instead of the first, a list where an object belongs (valibot takes
 * a list for an object), and variants with no or more than one of the keys that tell them apart.
 */
function walk(schema: Schema, value: Json, path: Path, problems: Problem[], covered: Set<string>): void {
  const node = schema as unknown as Node;
  const refuse = (message: string, suggestion: string | null = null): void => {
    covered.add(JSON.stringify(path));
    problems.push(problem(path, message, suggestion));
  };

  if (node.byKey !== undefined) {
    const fault = kindFault(node.byKey, value);
    if (fault !== undefined) return refuse(fault.message, fault.suggestion);
  }
  if (node.getter !== undefined) return walk(node.getter(value), value, path, problems, covered);
  if (node.wrapped !== undefined) return walk(node.wrapped, value, path, problems, covered);

  if (node.type === 'array') {
    if (Array.isArray(value))
      value.forEach((item: Json, index) => walk(node.item!, item, [...path, index], problems, covered));
    return;
  }
  if (!['strict_object', 'loose_object', 'record'].includes(node.type)) return;
  if (kindOf(value) !== 'object') return refuse(`must be an object, but is ${kindName(value)}`);
  for (const [key, member] of Object.entries(value as Record<string, Json>)) {
    const at = [...path, key];
    if (node.type === 'record') walk(node.value!, member, at, problems, covered);
    else if (Object.hasOwn(node.entries!, key)) walk(node.entries![key]!, member, at, problems, covered);
    else if (node.type === 'strict_object') {
      covered.add(JSON.stringify(at));
      const left = Object.keys(node.entries!).filter((known) => !Object.hasOwn(value as object, known));
      problems.push(problem(at, 'unknown key', suggest(key, left)));
    }
  }
}

function kindFault(
  { kinds, noun }: ByKey,
  value: Json,
): { readonly message: string; readonly suggestion: string | null } | undefined {
  const names = Object.keys(kinds);
  const options = `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
  if (kindOf(value) !== 'object')
    return { message: `must be a ${noun}: an object with ${options}, but is ${kindName(value)}`, suggestion: null };
  const found = kindKeys(kinds, value as object);
  if (found.length === 1) return undefined;
  if (found.length > 1)
    return {
      message: `is several ${noun}s in one (${found.join(' and ')}); write one ${noun} for each`,
      suggestion: null,
    };
  const meant = Object.keys(value as object)
    .map((key) => suggest(key, names))
    .find((name) => name !== null);
  return { message: `is no ${noun}: it needs one of ${options}`, suggestion: meant ?? null };
}

/** What a valibot issue means, in the words of this package. */
function explain(issue: v.BaseIssue<unknown>): string {
  const { type, input } = issue;
  if (issue.kind !== 'schema') return shown(issue.message, input);
  if (type === 'strict_object' || type === 'loose_object') return 'is missing';
  switch (type) {
    case 'string':
      if (typeof input === 'number' || typeof input === 'boolean')
        return `must be a string, but is ${kindName(input)}; quote it: "${String(input)}"`;
      return `must be a string, but is ${kindName(input)}`;
    case 'number':
      return `must be a number, but is ${nameAndText(input)}`;
    case 'boolean':
      return `must be true or false, but is ${nameAndText(input)}`;
    case 'array':
      return `must be a list, but is ${kindName(input)}`;
    case 'picklist':
      return `must be ${issue.expected?.replaceAll(/[()]/g, '').replaceAll(' | ', ' or ')}, but is ${nameAndText(input)}`;
    case 'custom':
      return `${issue.message}, but is ${kindName(input)}`;
    default:
      return shown(issue.message, input);
  }
}

function shown(message: string, input: unknown): string {
  if (typeof input === 'number') return `${message}, but is ${input}`;
  return typeof input === 'string' && input !== '' ? `${message}, but is ${quote(input)}` : message;
}

function nameAndText(input: unknown): string {
  return typeof input === 'string' ? `the string ${quote(input)}` : kindName(input);
}
