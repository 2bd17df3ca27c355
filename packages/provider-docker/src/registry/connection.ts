import { throwIfAborted } from '../store/abort.js';
import { badResponse, connectionFailure, stalled } from './failure.js';

/** One request over the network. */
export interface ConnectionRequest {
  readonly url: URL;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** An answer whose body may still be on its way. Must be read to its end or closed. */
export interface Connection {
  /** Where the answer comes from. */
  readonly url: URL;
  /** The host that was asked; redirects may have led to another. */
  readonly askedHost: string;
  readonly status: number;
  readonly headers: Headers;
  /** The body. Throws `PassingFailure` where it breaks off or stalls. */
  chunks(): AsyncIterable<Uint8Array>;
  /** The whole body. Throws `ERR_BAKE_REGISTRY_RESPONSE` where it is longer than `limit` bytes. */
  bytes(limit: number): Promise<Uint8Array>;
  close(): void;
}

/** Opens connections. Rejects with `PassingFailure`, `ERR_BAKE_REGISTRY_UNREACHABLE` or `ERR_BAKE_ABORTED`; any status is an answer. */
export type Connect = (request: ConnectionRequest) => Promise<Connection>;

/** Connections that count as dead when nothing comes for `stallTimeout` milliseconds. Redirects are answers. */
export function createConnect(fetch: typeof globalThis.fetch, stallTimeout: number): Connect {
  return async ({ url, method = 'GET', headers = {}, body, signal }) => {
    throwIfAborted(signal);
    const controller = new AbortController();
    const onAbort = (): void => controller.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const close = (): void => {
      signal.removeEventListener('abort', onAbort);
      controller.abort();
    };

    /** Only the time spent waiting for the server counts: a slow consumer is not its fault. */
    const guarded = async <Value>(wait: () => Promise<Value>): Promise<Value> => {
      let timedOut = false;
      const timer = setTimeout(() => {
        timedOut = true;
        controller.abort();
      }, stallTimeout);
      try {
        return await wait();
      } catch (error) {
        close();
        throwIfAborted(signal);
        throw timedOut ? stalled(url.host, stallTimeout) : connectionFailure(url.host, error);
      } finally {
        clearTimeout(timer);
      }
    };

    const response = await guarded(() =>
      fetch(url, {
        method,
        // Bytes are checked as they are stored, so nothing may recode them on the way.
        headers: { 'accept-encoding': 'identity', 'user-agent': 'bakehouse', ...headers },
        redirect: 'manual',
        signal: controller.signal,
        ...(body === undefined ? {} : { body }),
      }),
    );

    async function* chunks(): AsyncGenerator<Uint8Array> {
      const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
      try {
        for (;;) {
          if (reader === undefined) return;
          const { done, value } = await guarded(() => reader.read());
          if (done) return;
          yield value;
          throwIfAborted(signal);
        }
      } finally {
        close();
      }
    }

    const bytes = async (limit: number): Promise<Uint8Array> => {
      const parts: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of chunks()) {
        size += chunk.byteLength;
        if (size > limit) throw badResponse(url.host, `sent more than ${limit} bytes where that is the most`);
        parts.push(chunk);
      }
      return Buffer.concat(parts);
    };

    return { url, askedHost: url.host, status: response.status, headers: response.headers, chunks, bytes, close };
  };
}

const mostRedirects = 10;
const redirectStatuses = [301, 302, 303, 307, 308];

/**
 * Like `connect`, but goes where redirects of GET and HEAD lead. Another origin never sees `Authorization`, and what began
 * with TLS never goes on without.
 */
export function followingRedirects(connect: Connect): Connect {
  return async (request) => {
    let { url, headers = {} } = request;
    for (let count = 0; count <= mostRedirects; count++) {
      const connection = await connect({ ...request, url, headers });
      const location = connection.headers.get('location');
      if (!redirectStatuses.includes(connection.status) || location === null)
        return { ...connection, askedHost: request.url.host };
      connection.close();
      const next = redirectTarget(url, location);
      if (next.origin !== url.origin) headers = withoutAuthorization(headers);
      url = next;
    }
    throw badResponse(request.url.host, `redirects more than ${mostRedirects} times`);
  };
}

function redirectTarget(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href)) throw badResponse(from.host, 'redirects to something that is no URL');
  const to = new URL(location, from);
  const plain = to.protocol === 'http:' && from.protocol === 'http:';
  if ((to.protocol !== 'https:' && !plain) || to.username !== '' || to.password !== '')
    throw badResponse(from.host, `redirects to ${to.protocol}//${to.host}, which is not safe to follow`);
  return to;
}

function withoutAuthorization(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'));
}
