import { BakeError, isBakeError } from '@bakehouse/core/provider';
import { parseChallenges, type Challenge } from './challenge.js';
import type { FindCredentials } from './credentials.js';
import { asObject, nonEmpty, type Credentials } from './docker-config.js';
import type { Connect, Connection } from './connection.js';
import { badResponse } from './failure.js';
import { statusFailure, type Asked } from './status.js';

/** What a request to a repository needs in its `Authorization`. */
export interface Authorizer {
  /** What worked before, if it is still good. */
  known(asked: Asked): string | undefined;
  /** What answers a 401. `undefined` where nothing can. */
  answer(refusal: Connection, asked: Asked, signal: AbortSignal): Promise<string | undefined>;
  /** Forgets what turned out not to be good. */
  forget(asked: Asked): void;
}

const clientId = 'bakehouse';
const largestAnswer = 1024 * 1024;
/** Seconds that a token lives where the server does not say: Docker's token specification. */
const defaultLife = 60;

/** Docker's token authentication, and Basic. `connect` follows redirects. */
export function createAuthorizer(connect: Connect, find: FindCredentials, now: () => number): Authorizer {
  const cache = new Map<string, { readonly header: string; readonly until: number }>();
  const keyOf = ({ reference, actions }: Asked): string =>
    `${reference.registry}/${reference.repository} ${actions.join(',')}`;

  return {
    known(asked) {
      const entry = cache.get(keyOf(asked));
      return entry === undefined || entry.until <= now() ? undefined : entry.header;
    },
    async answer(refusal, asked, signal) {
      const { registry } = asked.reference;
      const challenges = parseChallenges(refusal.headers.get('www-authenticate'));
      const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
      const credentials = await find(registry, signal);
      const remember = (header: string, life: number): string => {
        cache.set(keyOf(asked), { header, until: now() + life * 1000 });
        return header;
      };
      if (credentials?.kind === 'bearer') return remember(`Bearer ${credentials.token}`, Infinity);
      if (bearer !== undefined) {
        const { token, life } = await fetchToken(connect, { bearer, refusal, asked, credentials, signal, now });
        // Used up to a tenth before its end: clocks differ, and requests take time.
        return remember(`Bearer ${token}`, life * 0.9);
      }
      if (credentials?.kind !== 'password' || !challenges.some(({ scheme }) => scheme === 'basic')) return undefined;
      return remember(basic(credentials), Infinity);
    },
    forget: (asked) => void cache.delete(keyOf(asked)),
  };
}

interface TokenRequest {
  readonly bearer: Challenge;
  readonly refusal: Connection;
  readonly asked: Asked;
  readonly credentials: Credentials | undefined;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

async function fetchToken(
  connect: Connect,
  { bearer, refusal, asked, credentials, signal, now }: TokenRequest,
): Promise<{ readonly token: string; readonly life: number }> {
  const url = realmOf(bearer, refusal, asked);
  const parameters = new URLSearchParams();
  const service = bearer.parameters.get('service');
  if (service !== undefined) parameters.set('service', service);
  const scope = bearer.parameters.get('scope') ?? `repository:${asked.reference.repository}:${asked.actions.join(',')}`;

  let connection: Connection;
  if (credentials?.kind === 'identity') {
    parameters.set('grant_type', 'refresh_token');
    parameters.set('client_id', clientId);
    parameters.set('scope', scope);
    parameters.set('refresh_token', credentials.token);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    connection = await connect({ url, method: 'POST', headers, body: parameters.toString(), signal });
  } else {
    for (const part of scope.split(' ')) parameters.append('scope', part);
    if (credentials?.kind === 'password') parameters.set('account', credentials.username);
    for (const [name, value] of parameters) url.searchParams.append(name, value);
    const headers = credentials?.kind === 'password' ? { authorization: basic(credentials) } : {};
    connection = await connect({ url, headers, signal });
  }
  if (connection.status !== 200) throw await tokenFailure(connection, asked, credentials, now);
  return parseToken(await connection.bytes(largestAnswer), url.host);
}

/** The token server, which gets the credentials: never less protected than the registry that names it. */
function realmOf({ parameters }: Challenge, refusal: Connection, { reference }: Asked): URL {
  const realm = parameters.get('realm') ?? '';
  if (!URL.canParse(realm)) throw badResponse(reference.registry, 'names no token server that could be asked');
  const url = new URL(realm);
  const plain = url.protocol === 'http:' && refusal.url.protocol === 'http:';
  if ((url.protocol !== 'https:' && !plain) || url.username !== '' || url.password !== '')
    throw badResponse(reference.registry, `names ${url.protocol}//${url.host} as its token server, which is not safe`);
  return url;
}

function parseToken(bytes: Uint8Array, host: string): { readonly token: string; readonly life: number } {
  let answer: Readonly<Record<string, unknown>>;
  try {
    answer = asObject(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    // The message of a parser would quote what may be a token.
    throw badResponse(host, 'answered a request for a token with something that is not JSON');
  }
  const token = nonEmpty(answer['token']) ?? nonEmpty(answer['access_token']);
  if (token === undefined || !/^[\x21-\x7e]+$/.test(token)) throw badResponse(host, 'gave no usable token');
  const life = answer['expires_in'];
  return { token, life: typeof life === 'number' && life > 0 ? life : defaultLife };
}

async function tokenFailure(
  connection: Connection,
  asked: Asked,
  credentials: Credentials | undefined,
  now: () => number,
): Promise<Error> {
  const what = `a token for ${asked.what}`;
  // Only the repository's own 404 is about the image.
  if (connection.status === 404) {
    connection.close();
    return badResponse(connection.url.host, `failed to give ${what} (HTTP 404)`);
  }
  const failure = await statusFailure(connection, { ...asked, what }, now);
  if (credentials === undefined || !isBakeError(failure, 'ERR_BAKE_REGISTRY_AUTH')) return failure;
  return new BakeError('ERR_BAKE_REGISTRY_AUTH', `the credentials for ${asked.reference.registry} were refused`, {
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    data: failure.data,
    cause: failure,
  });
}

function basic({ username, password }: Extract<Credentials, { readonly kind: 'password' }>): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
