import { BakeError } from '@bakehouse/core/provider';

/** A failure that may pass by itself, so that it is worth another try. */
export class PassingFailure extends Error {
  override readonly name: string = 'PassingFailure';
  /** What to throw when no further try is made. */
  readonly error: BakeError;
  /** Milliseconds that the server asked to be left alone. */
  readonly retryAfter: number;
  /** Whether the server could not be spoken to at all. */
  readonly unreachable: boolean;

  constructor(
    error: BakeError,
    { retryAfter = 0, unreachable = false }: { readonly retryAfter?: number; readonly unreachable?: boolean } = {},
  ) {
    super(error.message, { cause: error });
    this.error = error;
    this.retryAfter = retryAfter;
    this.unreachable = unreachable;
  }
}

const certificateCodes = /^(?:CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH)/;

/** What became of a connection that broke or never was. Only hosts are named: the rest of a URL may hold a signature. */
export function connectionFailure(host: string, error: unknown): PassingFailure | BakeError {
  const { code, message } = rootOf(error);
  const why = code ?? message;
  const failure = new BakeError('ERR_BAKE_REGISTRY_UNREACHABLE', `${host} could not be reached: ${why}`, {
    ...(certificateCodes.test(why) ? { hint: 'Name the file of its authority in NODE_EXTRA_CA_CERTS.' } : {}),
    data: { host, reason: why },
    cause: error,
  });
  return certificateCodes.test(why) ? failure : new PassingFailure(failure, { unreachable: true });
}

/** What became of a connection on which nothing came for too long. */
export function stalled(host: string, milliseconds: number): PassingFailure {
  const seconds = Math.round(milliseconds / 100) / 10;
  const reason = 'no progress';
  return new PassingFailure(
    new BakeError('ERR_BAKE_REGISTRY_UNREACHABLE', `${host} sent nothing for ${seconds} s`, { data: { host, reason } }),
  );
}

/** An answer that makes no sense. */
export function badResponse(host: string, what: string, cause?: unknown): BakeError {
  return new BakeError('ERR_BAKE_REGISTRY_RESPONSE', `${host} ${what}`, { data: { host }, cause });
}

/** Bytes that are not those that were asked for. */
export function digestMismatch(what: string, expected: string, found: string): BakeError {
  return new BakeError('ERR_BAKE_REGISTRY_DIGEST', `${what} is damaged: ${found} came instead of ${expected}`, {
    hint: 'The registry, or something between it and here, changes or cuts what it sends.',
    data: { expected, found },
  });
}

/** `fetch` wraps the error that says something, and several where it tried several addresses. */
function rootOf(error: unknown): { readonly code?: string; readonly message: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  if (error.cause instanceof Error) return rootOf(error.cause);
  const [first] = error instanceof AggregateError ? (error.errors as readonly unknown[]) : [];
  if (first !== undefined) return rootOf(first);
  return 'code' in error && typeof error.code === 'string'
    ? { code: error.code, message: error.message }
    : { message: error.message };
}
