import type { Json } from '../plan/json.js';
import { channelProblems, cycleProblems } from './chains.js';
import { kindName, toPlain } from './plain.js';
import { formatPath, problem, problemsError, type Path, type Problem } from './problems.js';
import { crossProblems } from './semantics.js';
import { shapeProblems } from './structure.js';
import type { Definition } from './types.js';
import { unknownVariables } from './variables.js';

/**
 * Checks a value from anywhere and returns it as a definition: a copy that is plain JSON.
 * Variables may be in it still; what they stand for is checked once `substitute` has put it in.
 * Throws `ERR_BAKE_DEFINITION_INVALID` with all problems at once (`data: { file, problems }`), or
 * `ERR_BAKE_DEFINITION_CYCLE`, of the same shape, where nothing else is wrong.
 * `file` is named in the message.
 */
export function validateDefinition(value: unknown, file?: string): Definition {
  const { value: plain, problems: notPlain } = toPlain(value);
  if (plain === undefined || plain === null || typeof plain !== 'object' || Array.isArray(plain)) {
    const own = notPlain.length > 0 ? notPlain : [problem([], `must be an object, but is ${kindName(value)}`)];
    throw problemsError(own, file);
  }
  const cycles = cycleProblems(plain);
  // What is not plain was left out of the copy: that a required key is missing there would be a second report of it.
  const reported = new Set(notPlain.map(({ path }) => path));
  const others = [
    ...notPlain,
    ...[...shapeProblems(plain), ...crossProblems(plain), ...channelProblems(plain), ...unknownVariables(plain)].filter(
      ({ path }) => !reported.has(path),
    ),
  ];
  if (others.length > 0) throw problemsError(inOrder([...others, ...cycles], plain), file);
  if (cycles.length > 0) throw problemsError(cycles, file, 'ERR_BAKE_DEFINITION_CYCLE');
  return plain as unknown as Definition;
}

/** Problems in the order in which the definition is written, each once. */
function inOrder(problems: readonly Problem[], definition: Json): Problem[] {
  const places = new Map<string, number>();
  const visit = (value: Json, path: Path): void => {
    places.set(formatPath(path), places.size);
    if (Array.isArray(value)) value.forEach((item: Json, index) => visit(item, [...path, index]));
    else if (value !== null && typeof value === 'object')
      for (const [key, member] of Object.entries(value)) visit(member, [...path, key]);
  };
  visit(definition, []);
  const place = (path: string): number => {
    for (
      let known = path;
      known !== '';
      known = known.slice(0, Math.max(0, known.lastIndexOf('.'), known.lastIndexOf('[')))
    ) {
      const found = places.get(known);
      if (found !== undefined) return found;
    }
    return 0;
  };
  const once = new Map(problems.map((item) => [`${item.path}\n${item.message}`, item]));
  return [...once.values()].sort((a, b) => place(a.path) - place(b.path));
}
