import * as v from 'valibot';
import { hasReference, REFERENCE_SOURCE } from './variables.js';

/** Any schema. */
export type Schema = v.GenericSchema;

/** What JSON calls the kinds of values. */
export type Kind = 'string' | 'number' | 'boolean' | 'null' | 'list' | 'object';

export function kindOf(value: unknown): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  return typeof value as Kind;
}

/** A schema whose members are told apart by which one of these keys they have. */
export interface ByKey {
  readonly kinds: Readonly<Record<string, Schema>>;
  readonly noun: string;
}

/** Adds a sentence for editors. */
export function described(text: string, schema: Schema): Schema {
  return v.pipe(schema, v.description(text));
}

/** Not required. */
export function maybe(text: string, schema: Schema): Schema {
  return v.optional(described(text, schema));
}

/**
 * Picks by the kind of the value, so that its problems are those of what was meant and not of a whole union.
 * A JSON Schema has no such pick and gets the union: that is what a getter called without a value stands for.
 */
export function either(expected: string, options: Partial<Record<Kind, Schema>>): Schema {
  const all = v.union(Object.values(options));
  const none = v.custom<never>(() => false, `must be ${expected}`);
  return v.lazy((input) => (input === undefined ? all : (options[kindOf(input)] ?? none)));
}

/** Picks by the one key that says what the value is. Without exactly one the walk reports it: see `structure.ts`. */
export function byKey(noun: string, kinds: Readonly<Record<string, Schema>>): Schema {
  const all = v.union(Object.values(kinds));
  const schema = v.lazy((input) => {
    if (input === undefined) return all;
    const found = kindOf(input) === 'object' ? kindKeys(kinds, input as object) : [];
    return found.length === 1 ? kinds[found[0]!]! : v.unknown();
  });
  return Object.assign(schema, { byKey: { kinds, noun } satisfies ByKey });
}

/** Which of the keys that tell variants apart an object has. */
export function kindKeys(kinds: ByKey['kinds'], value: object): string[] {
  return Object.keys(kinds).filter((key) => Object.hasOwn(value, key));
}

/** Any text; NUL is refused everywhere. */
export const text: Schema = v.string();

/** A text that is one line: no control characters, not empty. */
export const line: Schema = checkedLine(() => true, '');

/** A {@link line} with one more condition, judged once its variables are known. */
export function checkedLine(holds: (text: string) => boolean, message: string): Schema {
  return v.pipe(
    v.string(),
    v.minLength(1, 'must not be empty'),
    v.check((input) => !/\p{Cc}/u.test(input), 'must not hold control characters'),
    v.check((input) => hasReference(input) || holds(input), message),
  );
}

/** A string that is wholly of this form, or has variables in it and is judged once they are known. */
export function format(source: string, message: string): Schema {
  return v.pipe(v.string(), v.regex(new RegExp(`^(?:${source}|${REFERENCE_SOURCE})$`), message));
}

/** A key of exactly this form; keys have no variables. */
export function key(source: string, message: string): v.GenericSchema<string, string> {
  return v.pipe(v.string(), v.regex(new RegExp(`^(?:${source})$`), message));
}

/** An object with any keys of one form. */
export function map(keys: v.GenericSchema<string, string>, values: Schema): Schema {
  return v.record(keys, values);
}

/** A list. */
export function list(items: Schema): Schema {
  return v.array(items);
}

/** A whole number in a range. */
export function whole(least: number, most: number, message: string): Schema {
  return v.pipe(v.number(), v.integer(message), v.minValue(least, message), v.maxValue(most, message));
}

/** A list with something in it. */
export function filled(items: Schema, message: string): Schema {
  return v.pipe(v.array(items), v.minLength(1, message));
}

/** Any JSON value; what the definition holds is JSON already. */
export const json: Schema = v.unknown();

/** Any JSON object, for whoever it is handed to. */
export const jsonObject: Schema = v.record(v.string(), json);

export const flag: Schema = v.boolean();

/** An absolute path inside an image. */
export const imagePath: Schema = v.pipe(
  v.string(),
  v.check((input) => !/\p{Cc}/u.test(input), 'must not hold control characters'),
  v.regex(new RegExp(`^(?:/[\\s\\S]*|${REFERENCE_SOURCE})$`), 'must be an absolute path, beginning with /'),
  v.check((input) => hasReference(input) || !input.split('/').includes('..'), 'must not climb with ..'),
);

export const mode: Schema = format('[0-7]{3,4}', 'must be an octal mode in quotes, such as "0644"');
export const sha256: Schema = format('[0-9a-f]{64}', 'must be 64 lower-case hex digits');
export const port: Schema = whole(1, 65535, 'must be a port from 1 to 65535');
export const url: Schema = checkedLine(isHttp, 'must be an http:// or https:// address');
export const envName: v.GenericSchema<string, string> = key(
  '[A-Za-z_][A-Za-z0-9_]*',
  'must be a name of letters, digits and _, not beginning with a digit',
);

function isHttp(address: string): boolean {
  if (!/^https?:\/\/[^/]/i.test(address) || address.includes(' ')) return false;
  return URL.canParse(address);
}
