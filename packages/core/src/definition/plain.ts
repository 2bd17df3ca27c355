import type { Json } from '../plan/json.js';
import { problem, type Path, type Problem } from './problems.js';

/** Deeper than any definition; keeps hostile nesting from exhausting the stack. */
const DEEPEST = 64;

/** These reach an object's prototype instead of its members in code that is not careful, so no definition has them. */
const UNSAFE_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/** What a value is, as messages say it. */
export function kindName(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'undefined';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'a string';
    case 'number':
      return `the number ${value}`;
    case 'boolean':
      return String(value);
    case 'bigint':
      return 'a BigInt';
    case 'symbol':
      return 'a symbol';
    case 'function':
      return 'a function';
    default:
      return 'an object';
  }
}

/**
 * A copy of `value` that is JSON: what a definition must be, since it is recorded as JSON.
 * Members that are `undefined` are left out; everything else that JSON cannot hold is a problem and is left out.
 */
export function toPlain(value: unknown): { readonly value: Json | undefined; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const open = new Set<object>();

  const refuse = (path: Path, message: string): undefined => {
    problems.push(problem(path, message));
  };

  const copyString = (text: string, path: Path): string | undefined => {
    if (text.includes('\0')) return refuse(path, 'holds a NUL character');
    if (!text.isWellFormed()) return refuse(path, 'is not well-formed Unicode: it holds half of a surrogate pair');
    return text;
  };

  const copyList = (list: readonly unknown[], path: Path): Json[] => {
    const copied: Json[] = [];
    for (let index = 0; index < list.length; index++) {
      const item = list[index];
      if (item === undefined) refuse([...path, index], 'is undefined; a list has no gaps');
      // A gap in the copy would move the paths of the items behind it.
      copied.push((item === undefined ? undefined : copy(item, [...path, index])) ?? null);
    }
    return copied;
  };

  const copyObject = (object: object, path: Path): Record<string, Json> => {
    const copied: Record<string, Json> = {};
    for (const [key, member] of Object.entries(object)) {
      const at = [...path, key];
      if (UNSAFE_KEYS.includes(key)) refuse(at, 'is a name that JavaScript keeps for itself; choose another');
      else if (key.includes('\0') || !key.isWellFormed()) refuse(at, 'is not usable as a key');
      else if (member !== undefined) {
        const value = copy(member, at);
        if (value !== undefined) copied[key] = value;
      }
    }
    for (const symbol of Object.getOwnPropertySymbols(object))
      if (Object.prototype.propertyIsEnumerable.call(object, symbol))
        refuse(path, `has a symbol as a key (${String(symbol)}), which JSON cannot hold`);
    return copied;
  };

  const copy = (item: unknown, path: Path): Json | undefined => {
    if (item === null || typeof item === 'boolean') return item;
    if (typeof item === 'string') return copyString(item, path);
    if (typeof item === 'number') {
      if (!Number.isFinite(item)) return refuse(path, `is ${item}, which JSON cannot hold`);
      if (Number.isInteger(item) && !Number.isSafeInteger(item))
        return refuse(path, 'is a whole number too large to be exact; write it as a string');
      // Minus zero is zero once it was written as JSON.
      return item === 0 ? 0 : item;
    }
    if (typeof item !== 'object') return refuse(path, `is ${kindName(item)}, ${adviceFor(item)}`);
    if (open.has(item)) return refuse(path, 'contains itself');
    if (path.length > DEEPEST) return refuse(path, 'is nested too deeply');
    if (!Array.isArray(item) && !isPlainObject(item)) return refuse(path, `is ${className(item)}, ${adviceFor(item)}`);
    open.add(item);
    const copied = Array.isArray(item) ? copyList(item, path) : copyObject(item, path);
    open.delete(item);
    return copied;
  };

  return { value: copy(value, []), problems };
}

function isPlainObject(value: object): boolean {
  const proto: unknown = Object.getPrototypeOf(value);
  // The second case is an object of another realm, such as a test runner's.
  return (
    proto === null || proto === Object.prototype || (typeof proto === 'object' && Object.hasOwn(proto, 'isPrototypeOf'))
  );
}

function className(value: object): string {
  if (value instanceof Promise) return 'a promise';
  const name = (value.constructor as { readonly name?: unknown } | undefined)?.name;
  return typeof name === 'string' && name !== '' ? `a ${name}` : 'not a plain object';
}

function adviceFor(value: unknown): string {
  if (value instanceof Date) return 'but a definition is plain data; write it as a string';
  if (value instanceof Promise) return 'but a definition is plain data; await it first';
  if (typeof value === 'function') {
    const call = value.name === '' ? 'call it' : `call it, ${value.name}(…),`;
    return `but a definition is plain data; ${call} or write down its result`;
  }
  return 'but a definition is plain data: strings, numbers, booleans, null, lists and plain objects';
}
