import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { registryOfKey } from './reference.js';

/** What proves to a registry who asks. */
export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** An OAuth 2 refresh token, to be exchanged at the token server. */
  | { readonly kind: 'identity'; readonly token: string }
  /** A token for the registry itself. */
  | { readonly kind: 'bearer'; readonly token: string };

/** The part of Docker's `config.json` that is about credentials. */
export interface DockerConfig {
  /** The folder it is in. */
  readonly folder: string;
  /** Name of the program that has the credentials of a registry, without `docker-credential-`. */
  helperFor(registry: string): string | undefined;
  /** What the file itself has for a registry. */
  entryFor(registry: string): Credentials | undefined;
}

/** Reads `config.json` of `DOCKER_CONFIG`, else of `~/.docker`. None is normal; one that cannot be read is told of and left. */
export async function readDockerConfig(
  env: Readonly<Record<string, string | undefined>>,
  warn: (message: string) => void,
): Promise<DockerConfig | undefined> {
  const folder = env['DOCKER_CONFIG'] || (env['HOME'] ? join(env['HOME'], '.docker') : undefined);
  if (folder === undefined) return undefined;
  const file = join(folder, 'config.json');
  try {
    const content = asObject(JSON.parse(await readFile(file, 'utf8')));
    const auths = byRegistry(content['auths']);
    const helpers = byRegistry(content['credHelpers']);
    const store = content['credsStore'];
    return {
      folder,
      helperFor: (registry) => nonEmpty(helpers.get(registry)) ?? nonEmpty(store),
      entryFor: (registry) => parseEntry(asObject(auths.get(registry)), registry, warn),
    };
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
    // Messages of JSON.parse quote the text, and the text holds passwords.
    if (code !== 'ENOENT' && code !== 'ENOTDIR')
      warn(`${file} ${code === undefined ? 'is not JSON' : `cannot be read (${code})`}; going on without credentials`);
    return undefined;
  }
}

function byRegistry(value: unknown): ReadonlyMap<string, unknown> {
  const entries = Object.entries(asObject(value));
  // A key that is exactly the registry wins over an older one that is a URL.
  const exact = (key: string): number => (key === registryOfKey(key) ? 1 : 0);
  return new Map(entries.sort(([a], [b]) => exact(a) - exact(b)).map(([key, entry]) => [registryOfKey(key), entry]));
}

function parseEntry(
  entry: Readonly<Record<string, unknown>>,
  registry: string,
  warn: (message: string) => void,
): Credentials | undefined {
  const identity = nonEmpty(entry['identitytoken']);
  if (identity !== undefined) return { kind: 'identity', token: identity };
  const bearer = nonEmpty(entry['registrytoken']);
  if (bearer !== undefined) return { kind: 'bearer', token: bearer };
  const auth = nonEmpty(entry['auth']);
  if (auth !== undefined) {
    const text = Buffer.from(auth, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    if (colon > 0) return password(text.slice(0, colon), text.slice(colon + 1).replace(/\0+$/, ''));
    warn(`the credentials for ${registry} in Docker's config.json are not a Base64 of name:password; going on without`);
    return undefined;
  }
  const username = nonEmpty(entry['username']);
  return username === undefined ? undefined : password(username, nonEmpty(entry['password']) ?? '');
}

/** Credentials as helpers and older entries give them. */
export function password(username: string, secret: string): Credentials {
  return username === '<token>'
    ? { kind: 'identity', token: secret }
    : { kind: 'password', username, password: secret };
}

export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

export function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
