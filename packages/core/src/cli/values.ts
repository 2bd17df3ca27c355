import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { BakeError } from '../errors/index.js';
import { usageError } from './usage.js';

/** The variables of `--set NAME=VALUE`; of two with one name the last wins. */
export function parseVariables(texts: readonly string[]): Readonly<Record<string, string>> {
  const pairs = texts.map((text) => {
    const at = text.indexOf('=');
    if (at < 1)
      throw usageError(
        `--set wants NAME=VALUE, not ${JSON.stringify(text)}`,
        'For example: --set mirror=deb.example.org',
      );
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
  return Object.fromEntries(pairs);
}

export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where relative paths of files start. */
  readonly cwd: string;
}

/**
 * The secrets of `--secret`: `NAME` or `NAME=env:VARIABLE` from the environment, `NAME=file:PATH` from a file.
 * A value itself is refused, since command lines are seen by others; messages never repeat it.
 * Throws `ERR_BAKE_USAGE`, or `ERR_BAKE_SECRET_MISSING` where the variable or file is not there or empty.
 */
export function readSecrets(texts: readonly string[], sources: SecretSources): Readonly<Record<string, string>> {
  const secrets = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf('=');
    const name = at < 0 ? text : text.slice(0, at);
    const from = at < 0 ? `env:${name}` : text.slice(at + 1);
    if (name === '') throw usageError('--secret wants a name', 'For example: --secret npm_token=env:NPM_TOKEN');
    if (secrets.has(name)) throw usageError(`the secret ${name} is given twice`);
    secrets.set(name, readSecret(name, from, sources));
  }
  return Object.fromEntries(secrets);
}

function readSecret(name: string, from: string, { env, cwd }: SecretSources): string {
  const at = from.indexOf(':');
  const [kind, where] = [from.slice(0, at), from.slice(at + 1)];
  if (kind === 'env') return present(name, env[where], `the environment variable ${where}`);
  if (kind === 'file') return present(name, readSecretFile(name, resolve(cwd, where)), `the file ${where}`);
  throw usageError(
    `--secret ${name}=… says neither env: nor file:`,
    `A value on a command line is seen by others. Put it in a variable or a file: --secret ${name}=env:VARIABLE`,
  );
}

function present(name: string, value: string | undefined, source: string): string {
  if (value !== undefined && value !== '') return value;
  const fault = value === undefined ? 'is not there' : 'is empty';
  throw new BakeError('ERR_BAKE_SECRET_MISSING', `the secret ${name}: ${source} ${fault}`, { data: { secret: name } });
}

/** A file of one line is its text without the line end that editors add; any other is taken as it is. */
function readSecretFile(name: string, path: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new BakeError('ERR_BAKE_SECRET_MISSING', `the secret ${name}: ${why}`, { data: { secret: name }, cause });
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw usageError(`the secret ${name}: the file is not text in UTF-8`, 'Encode it, for example with base64.', cause);
  }
  const line = text.replace(/\r?\n$/, '');
  return line.includes('\n') ? text : line;
}
