import type { Json } from '../plan/json.js';
import { formatPath, type Path } from './problems.js';

/** Lines of comment by the path of what they stand above; see {@link formatPath}. */
export type Comments = Readonly<Record<string, readonly string[]>>;

const WIDTH = 100;

/** A definition file in JavaScript: plain data, with its type for editors, formatted as prettier would by and large. */
export function definitionSource(definition: Json, comments: Comments = {}): string {
  const head = (comments[''] ?? []).map((line) => `${commentSource(line)}\n`).join('');
  return `${head}/** @type {import('@bakehouse/core').Definition} */\nexport default ${print(definition, [], comments)};\n`;
}

function print(value: Json, path: Path, comments: Comments): string {
  if (typeof value === 'string') return stringSource(value);
  if (value === null || typeof value !== 'object') return String(value);
  const isList = Array.isArray(value);
  const members = Object.entries(value).map(([key, member]) => {
    const at = [...path, isList ? Number(key) : key];
    const above = comments[formatPath(at)] ?? [];
    return { above, text: `${isList ? '' : `${keySource(key)}: `}${print(member, at, comments)}` };
  });
  const [open, close, space] = isList ? ['[', ']', ''] : ['{', '}', ' '];
  if (members.length === 0) return `${open}${close}`;
  const line = `${open}${space}${members.map(({ text }) => text).join(', ')}${space}${close}`;
  const indent = '  '.repeat(path.length + 1);
  // A definition reads best with its sections, images and their keys on lines of their own.
  const short = path.length > 2 || (path.length > 0 && path[0] !== 'images' && path[0] !== 'providers');
  const plain = members.every(({ above, text }) => above.length === 0 && !text.includes('\n'));
  if (plain && short && line.length + indent.length < WIDTH) return line;
  const lines = members.map(({ above, text }) => [...above.map(commentSource), `${text},`].join(`\n${indent}`));
  return `${open}\n${indent}${lines.join(`\n${indent}`)}\n${'  '.repeat(path.length)}${close}`;
}

/** A comment of one line, whatever is in the text. */
function commentSource(text: string): string {
  return `// ${text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')}`;
}

function keySource(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : stringSource(key);
}

/** A string literal in single quotes, or in double ones where that saves escapes. */
function stringSource(text: string): string {
  const double = JSON.stringify(text);
  if (text.split("'").length > text.split('"').length) return double;
  return `'${double.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
