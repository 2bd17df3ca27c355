import { BakeError, isBakeError } from '@bakehouse/core/provider';
import type { Connection } from './connection.js';
import { asObject } from './docker-config.js';
import { PassingFailure } from './failure.js';
import { formatReference } from './reference.js';
import { parseRetryAfter } from './retry.js';
import type { Reference } from './types.js';

/** What is asked of a registry. */
export interface Asked {
  readonly reference: Reference;
  /** For people: `the manifest of …`. */
  readonly what: string;
  readonly actions: readonly ('pull' | 'push')[];
}

const passingStatuses = [408, 429, 500, 502, 503, 504];
const largestExplanation = 64 * 1024;

/** What a status other than success means. Reads the explanation that came with it. */
export async function statusFailure(
  connection: Connection,
  { reference, what }: Asked,
  now: () => number,
): Promise<BakeError | PassingFailure> {
  const { status, headers, url } = connection;
  const explanation = await explanationIn(connection);
  const { registry, repository } = reference;
  const said = explanation === '' ? `HTTP ${status}` : `HTTP ${status}: ${explanation}`;
  // Another host, to which the registry sent us: what it refuses says nothing about the image or our credentials.
  const elsewhere = url.host !== connection.askedHost;
  const data = { registry, repository, status };

  if ((status === 401 || status === 403) && !elsewhere)
    return new BakeError('ERR_BAKE_REGISTRY_AUTH', `${registry} refuses access to ${repository} (${said})`, {
      hint: `It may not exist, or log in with: docker login${registry === 'docker.io' ? '' : ` ${registry}`}`,
      data,
    });
  if (status === 404 && !elsewhere)
    return new BakeError('ERR_BAKE_BASE_UNKNOWN', `${what} does not exist (${said})`, {
      data: { reference: formatReference(reference) },
    });
  const error = new BakeError('ERR_BAKE_REGISTRY_RESPONSE', `${url.host} failed to give ${what} (${said})`, {
    ...(status === 429 ? { hint: 'It limits how often it may be asked: wait, or log in.' } : {}),
    data,
  });
  const passing = passingStatuses.includes(status) || (elsewhere && status === 403);
  return passing
    ? new PassingFailure(error, { retryAfter: parseRetryAfter(headers.get('retry-after'), now()) })
    : error;
}

/** The `errors` of the distribution specification, fit for a terminal. An answer without is no fault of its own. */
async function explanationIn(connection: Connection): Promise<string> {
  try {
    const { errors, details } = asObject(
      JSON.parse(Buffer.from(await connection.bytes(largestExplanation)).toString('utf8')),
    );
    const texts = (Array.isArray(errors) ? errors : []).map((error) => {
      const { code, message } = asObject(error);
      return [code, message].filter((part) => typeof part === 'string').join(' ');
    });
    if (typeof details === 'string') texts.push(details);
    return texts
      .join('; ')
      .replace(/\p{Cc}+/gu, ' ')
      .slice(0, 300);
  } catch (error) {
    if (isBakeError(error, 'ERR_BAKE_ABORTED')) throw error;
    return '';
  }
}
