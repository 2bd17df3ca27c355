import { LoadFailure } from './load-data.js';

/** A value of the subset: strings keep their `${…}`, and a bare name is `${name}`. */
export type HclValue = string | number | boolean | null | readonly HclValue[] | HclObject;
export interface HclObject {
  readonly [key: string]: HclValue;
}

interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'mark' | 'end';
  readonly text: string;
  readonly line: number;
}

/**
 * Reads the simple subset of HCL that most `docker-bake.hcl` files are in: blocks with at most one label, and attributes
 * that are strings, numbers, booleans, null, names, lists and objects. The result is as the JSON form has it:
 * `{ target: { web: { … } } }`. Throws a `LoadFailure` with the line for anything else.
 */
export function parseHcl(text: string): HclObject {
  const tokens = tokenize(text);
  let next = 0;
  const peek = (): Token => tokens[next]!;
  const take = (): Token => tokens[next++]!;
  const fail = (token: Token, what: string): never => {
    const found = token.kind === 'end' ? 'the end of the file' : JSON.stringify(token.text);
    throw new LoadFailure(`${what}, but there is ${found}`, { line: token.line });
  };
  const expect = (mark: string): void => {
    const token = take();
    if (token.kind !== 'mark' || token.text !== mark)
      fail(token, `${mark} was expected (only plain values are understood)`);
  };
  const isMark = (mark: string): boolean => peek().kind === 'mark' && peek().text === mark;

  const value = (): HclValue => {
    const token = take();
    if (token.kind === 'string') return token.text;
    if (token.kind === 'number') return Number(token.text);
    if (token.kind === 'name') {
      if (token.text === 'true' || token.text === 'false') return token.text === 'true';
      if (token.text === 'null') return null;
      return `\${${token.text}}`;
    }
    if (token.text === '[') return list();
    if (token.text === '{') return object();
    return fail(token, 'a value was expected');
  };
  const list = (): HclValue[] => {
    const values: HclValue[] = [];
    while (!isMark(']')) {
      values.push(value());
      if (!isMark(']')) expect(',');
    }
    expect(']');
    return values;
  };
  const object = (): HclObject => {
    const entries: [string, HclValue][] = [];
    while (!isMark('}')) {
      const key = take();
      if (key.kind !== 'name' && key.kind !== 'string') fail(key, 'a key was expected');
      if (isMark(':')) take();
      else expect('=');
      entries.push([key.text, value()]);
      if (isMark(',')) take();
    }
    expect('}');
    return Object.fromEntries(entries);
  };
  /** Attributes and blocks, to the end of the block or the file. */
  const body = (inside: boolean): HclObject => {
    const members = new Map<string, HclValue>();
    while (inside ? !isMark('}') : peek().kind !== 'end') {
      const name = take();
      if (name.kind !== 'name') fail(name, 'a block or an attribute was expected');
      if (isMark('=')) {
        take();
        members.set(name.text, value());
        continue;
      }
      const label = peek().kind === 'string' ? take().text : undefined;
      expect('{');
      const content = body(true);
      expect('}');
      const before = members.get(name.text);
      const known =
        typeof before === 'object' && before !== null && !Array.isArray(before) ? (before as HclObject) : {};
      members.set(name.text, label === undefined ? content : { ...known, [label]: content });
    }
    return Object.fromEntries(members);
  };
  return body(false);
}

const PATTERNS: readonly (readonly [Token['kind'] | 'skip', RegExp])[] = [
  ['skip', /[\s\uFEFF]+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\//y],
  ['string', /"(?:[^"\\\n]|\\.)*"/y],
  ['number', /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ['name', /[A-Za-z_][\w-]*/y],
  ['mark', /[[\]{}=,:]/y],
];

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (let at = 0; at < text.length;) {
    let found: readonly [Token['kind'] | 'skip', string] | undefined;
    for (const [kind, pattern] of PATTERNS) {
      pattern.lastIndex = at;
      const match = pattern.exec(text)?.[0];
      if (match !== undefined) {
        found = [kind, match];
        break;
      }
    }
    if (found === undefined) {
      const rest = JSON.stringify(text.slice(at, at + 20).split('\n')[0]);
      throw new LoadFailure(`only plain values are understood, not ${rest}`, { line });
    }
    const [kind, matched] = found;
    if (kind === 'string') tokens.push({ kind, text: unescape(matched, line), line });
    else if (kind !== 'skip') tokens.push({ kind, text: matched, line });
    line += matched.split('\n').length - 1;
    at += matched.length;
  }
  tokens.push({ kind: 'end', text: '', line });
  return tokens;
}

function unescape(literal: string, line: number): string {
  try {
    return JSON.parse(literal.replaceAll('\t', '\\t')) as string;
  } catch (error) {
    throw new LoadFailure(`the string ${literal} has an escape that is not understood`, { line, cause: error });
  }
}
