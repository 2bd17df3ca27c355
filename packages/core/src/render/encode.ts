import { BakeError } from '../errors/bake-error.js';

/**
 * Encoders: each writes a value into one place of one language so that what reads the text gets exactly the value back,
 * and nothing else. What cannot be written is refused with `ERR_BAKE_VALUE_UNSAFE` (`data: { field, language }`).
 */
export type Encoder = (value: unknown, field: string) => string;

function unsafe(field: string, language: string, reason: string): BakeError {
  return new BakeError('ERR_BAKE_VALUE_UNSAFE', `${field} cannot be written into ${language}: ${reason}`, {
    data: { field, language },
  });
}

function textOf(value: unknown, field: string, language: string): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') throw unsafe(field, language, 'it is no text');
  if (!value.isWellFormed()) throw unsafe(field, language, 'it holds half of a surrogate pair');
  if (value.includes('\0')) throw unsafe(field, language, 'it holds a NUL character');
  return value;
}

function withoutControls(text: string, field: string, language: string): string {
  const control = /\p{Cc}/u.exec(text)?.[0];
  if (control === undefined) return text;
  const code = control.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  throw unsafe(field, language, `it holds the control character U+${code}`);
}

function listOf(value: unknown, field: string, language: string): readonly unknown[] {
  if (!Array.isArray(value)) throw unsafe(field, language, 'it is no list');
  return value;
}

/** A JSON string in characters that every reader of JSON-like strings agrees on: no `\b`, no `\f`. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(/\\[bf]|\\\\/g, (escape) =>
    escape === '\\b' ? '\\u0008' : escape === '\\f' ? '\\u000c' : escape,
  );
}

/**
 * An HCL expression: a quoted string without interpolation, a number or a boolean.
 * For arguments that Packer does not run through Go's templates; see {@link hcl}.
 */
export const hclPlain: Encoder = (value, field) => {
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return String(value);
  const text = textOf(value, field, 'HCL');
  if (text.normalize('NFC') !== text)
    throw unsafe(field, 'HCL', 'it is not in Unicode normal form C, and HCL would change it to that');
  return quoted(text).replaceAll(/[$%]\{/g, (opening) => `${opening[0]!}${opening}`);
};

/** The same for arguments whose value Packer then reads as a Go template: most of them. */
export const hcl: Encoder = (value, field) =>
  hclPlain(typeof value === 'string' ? value.replaceAll('{{', '{{`{{`}}') : value, field);

/** One word of a Dockerfile instruction in which the builder expands variables: ENV, LABEL, USER, WORKDIR. */
export const word: Encoder = (value, field) => {
  const text = withoutControls(textOf(value, field, 'a Dockerfile'), field, 'a Dockerfile');
  return `"${text.replaceAll(/[\\"$]/g, (character) => `\\${character}`)}"`;
};

/**
 * The words of a command in Dockerfile's exec form (RUN, CMD, ENTRYPOINT, HEALTHCHECK), which expands nothing.
 * `<<` is broken up, because newer builders look for here-documents in the raw line.
 */
export const exec: Encoder = (value, field) =>
  `[${listOf(value, field, 'a Dockerfile')
    .map((item, index) => {
      const at = `${field}[${index}]`;
      return execWord(withoutControls(textOf(item, at, 'a Dockerfile'), at, 'a Dockerfile'));
    })
    .join(', ')}]`;

/** {@link exec} for RUN, whose scripts have lines and tabs. */
export const script: Encoder = (value, field) =>
  `[${listOf(value, field, 'a Dockerfile')
    .map((item, index) => {
      const at = `${field}[${index}]`;
      const text = textOf(item, at, 'a Dockerfile');
      withoutControls(text.replaceAll(/\r\n|[\n\t]/g, ''), at, 'a Dockerfile');
      return execWord(text);
    })
    .join(', ')}]`;

function execWord(text: string): string {
  return quoted(text).replaceAll('<<', '\\u003c<');
}

/**
 * The list form of COPY and VOLUME: JSON whose words the builder then reads like a shell.
 * It reads sources of COPY as patterns too, which no encoding prevents: give it none.
 */
export const paths: Encoder = (value, field) =>
  `[${listOf(value, field, 'a Dockerfile')
    .map((item, index) => {
      const at = `${field}[${index}]`;
      const text = withoutControls(textOf(item, at, 'a Dockerfile'), at, 'a Dockerfile');
      return execWord(text.replaceAll(/[\\"'$]/g, (character) => `\\${character}`));
    })
    .join(', ')}]`;

/** {@link paths} for VOLUME, whose reader cuts white space at both ends. */
export const volumes: Encoder = (value, field) => {
  listOf(value, field, 'a Dockerfile').forEach((item, index) => {
    if (typeof item === 'string' && item.trim() !== item)
      throw unsafe(`${field}[${index}]`, 'a Dockerfile', 'it begins or ends with white space');
  });
  return paths(value, field);
};

/** A bare word that means the same everywhere: a flag's value, a reference, a number. */
export const bare: Encoder = (value, field) => {
  const text = textOf(value, field, 'a bare word');
  if (/^[A-Za-z0-9_./:@%+=-]+$/.test(text)) return text;
  throw unsafe(field, 'a bare word', 'only letters, digits and _ . / : @ % + = - are possible');
};

/** One word of a POSIX shell. */
export const shell: Encoder = (value, field) => `'${textOf(value, field, 'a shell').replaceAll("'", "'\\''")}'`;

/** A JSON value. */
export const json: Encoder = (value, field) => {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw unsafe(field, 'JSON', 'JSON cannot hold it');
  return text;
};

/** Every encoder by the name that templates call it by. */
export const encoders: Readonly<Record<string, Encoder>> = {
  hcl,
  hclPlain,
  word,
  dockerfile: word,
  exec,
  script,
  paths,
  volumes,
  bare,
  shell,
  json,
};
