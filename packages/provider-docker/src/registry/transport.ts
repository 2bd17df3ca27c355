import { BakeError } from '@bakehouse/core/provider';
import { createAuthorizer } from './authorize.js';
import { createConnect, followingRedirects, type Connection } from './connection.js';
import { createFindCredentials } from './credentials.js';
import { PassingFailure } from './failure.js';
import { hostOf, isLoopback } from './reference.js';
import { createRetry, type Retry } from './retry.js';
import { statusFailure, type Asked } from './status.js';
import type { RegistryClientOptions } from './types.js';

/** One request to a repository. */
export interface RepositoryRequest extends Asked {
  /** Below `/v2/REPOSITORY/`. */
  readonly path: string;
  /** Default `GET`. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Speaks to registries: addresses, credentials, redirects, retries. */
export interface Transport {
  /** The answer to a request, its status 2xx. Everything else is thrown, as `RegistryClient` says. */
  send(request: RepositoryRequest): Promise<Connection>;
  /** The same for an address outside of any registry: without credentials, `https` only unless the registry itself is on this machine. */
  sendTo(address: string, asked: Asked, signal: AbortSignal): Promise<Connection>;
  readonly retry: Retry;
}

const defaultStallTimeout = 60_000;

export function createTransport(options: RegistryClientOptions): Transport {
  const {
    env,
    run,
    fetch = globalThis.fetch,
    warn = () => {},
    now = Date.now,
    stallTimeout = defaultStallTimeout,
  } = options;
  const connect = followingRedirects(createConnect(fetch, stallTimeout));
  const authorizer = createAuthorizer(connect, createFindCredentials(env, run, warn), now);
  const retry = createRetry(options);
  /** Registries on this machine that turned out to speak plain HTTP. */
  const plain = new Set<string>();

  /** As Docker: TLS always, but that a registry on this machine may do without where it does not offer it. */
  const connectTo = async (
    request: RepositoryRequest,
    headers: Readonly<Record<string, string>>,
  ): Promise<Connection> => {
    const { reference, path, method = 'GET', signal } = request;
    const { registry, repository } = reference;
    const over = (protocol: string): Promise<Connection> => {
      const url = new URL(`${protocol}://${hostOf(registry)}/v2/${repository}/${path}`);
      return connect({ url, method, headers: { ...request.headers, ...headers }, signal });
    };
    if (plain.has(registry)) return over('http');
    try {
      return await over('https');
    } catch (error) {
      if (!isLoopback(registry) || !(error instanceof PassingFailure) || !error.unreachable) throw error;
      const connection = await over('http');
      plain.add(registry);
      return connection;
    }
  };

  const attempt = async (request: RepositoryRequest): Promise<Connection> => {
    const known = authorizer.known(request);
    const connection = await connectTo(request, authorization(known));
    if (connection.status !== 401 || connection.url.host !== connection.askedHost)
      return successful(connection, request);
    authorizer.forget(request);
    try {
      const answer = await authorizer.answer(connection, request, request.signal);
      if (answer === undefined) return await successful(connection, request);
      const again = await connectTo(request, authorization(answer));
      if (again.status === 401) authorizer.forget(request);
      return await successful(again, request);
    } finally {
      connection.close();
    }
  };

  const successful = async (connection: Connection, asked: Asked): Promise<Connection> => {
    if (connection.status >= 200 && connection.status < 300) return connection;
    throw await statusFailure(connection, asked, now);
  };

  return {
    send: (request) => retry(() => attempt(request), request.signal),
    sendTo: (address, asked, signal) =>
      retry(async () => {
        const url = URL.canParse(address) ? new URL(address) : undefined;
        const allowed = plain.has(asked.reference.registry) ? ['https:', 'http:'] : ['https:'];
        if (url === undefined || !allowed.includes(url.protocol))
          throw new BakeError('ERR_BAKE_REGISTRY_RESPONSE', `${asked.what} is at an address that is not safe to ask`);
        return successful(await connect({ url, signal }), asked);
      }, signal),
    retry,
  };
}

function authorization(header: string | undefined): Readonly<Record<string, string>> {
  return header === undefined ? {} : { authorization: header };
}
