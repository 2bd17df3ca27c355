import { BakeError } from '../errors/bake-error.js';
import type { Json } from '../plan/json.js';
import { problemsError, quote } from './problems.js';
import { suggest } from './suggest.js';
import type { Definition } from './types.js';
import { validateDefinition } from './validate.js';
import { hasReference, mapStrings, replaceReferences, unknownVariables } from './variables.js';

/**
 * The definition with every `{{vars.NAME}}` replaced by its value: `overrides`, else the default under `vars`.
 * Replaced in all strings but keys, the bodies of `run` and the defaults themselves; other `{{…}}` stays as it is.
 * The result is validated again, since what a variable stands for may not fit where it is used.
 * Throws `ERR_BAKE_USAGE` for an override of a variable that is not declared (`data: { name, suggestion }`), and
 * `ERR_BAKE_DEFINITION_INVALID` listing every unknown variable.
 */
export function substitute(definition: Definition, overrides: Readonly<Record<string, string>> = {}): Definition {
  const defaults = definition.vars ?? {};
  for (const [name, value] of Object.entries(overrides)) checkOverride(name, value, defaults);
  const unknown = unknownVariables(definition as unknown as Json);
  if (unknown.length > 0) throw problemsError(unknown, undefined);
  const values = new Map([...Object.entries(defaults), ...Object.entries(overrides)]);
  const replaced = mapStrings(definition as unknown as Json, [], (text) =>
    replaceReferences(text, (name) => values.get(name)),
  );
  return validateDefinition(replaced);
}

function checkOverride(name: string, value: string, declared: Readonly<Record<string, string>>): void {
  if (!Object.hasOwn(declared, name)) {
    const suggestion = suggest(name, Object.keys(declared));
    const meant = suggestion === null ? '' : `; did you mean ${quote(suggestion)}?`;
    throw new BakeError('ERR_BAKE_USAGE', `The definition declares no variable ${quote(name)}${meant}`, {
      hint: `Declare it with a default: vars: { ${name}: … }`,
      data: { name, suggestion },
    });
  }
  if (hasReference(value))
    throw new BakeError('ERR_BAKE_USAGE', `The value of the variable ${quote(name)} cannot use another variable`, {
      data: { name, suggestion: null },
    });
}
