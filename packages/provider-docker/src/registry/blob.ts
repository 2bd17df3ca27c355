import { createHash } from 'node:crypto';
import { isBakeError } from '@bakehouse/core/provider';
import type { Connection } from './connection.js';
import { badResponse, digestMismatch } from './failure.js';
import { isForeign } from './media-types.js';
import { formatReference } from './reference.js';
import type { Transport } from './transport.js';
import type { Descriptor, Reference } from './types.js';

/** The bytes of a blob, checked against digest and size; goes on where it was when a connection breaks. */
export async function* readBlob(
  transport: Transport,
  reference: Reference,
  descriptor: Descriptor,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { digest, size } = descriptor;
  const what = `${digest} of ${formatReference(reference)}`;
  const hash = createHash('sha256');
  let received = 0;
  for (let tries = 1; ; tries++) {
    const connection = await openBlob(transport, reference, descriptor, what, received, signal);
    try {
      for await (const chunk of remaining(connection, received, descriptor, what)) {
        received += chunk.byteLength;
        if (received > size) throw digestMismatch(what, `${size} bytes`, 'more');
        hash.update(chunk);
        yield chunk;
      }
      break;
    } catch (error) {
      await transport.retry.wait(error, tries, signal);
    } finally {
      connection.close();
    }
  }
  if (received !== size) throw digestMismatch(what, `${size} bytes`, `${received} bytes`);
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== digest) throw digestMismatch(what, digest, found);
}

/** From the registry; a layer that it may not have, from where its descriptor says. */
async function openBlob(
  transport: Transport,
  reference: Reference,
  { digest, mediaType, urls = [] }: Descriptor,
  what: string,
  from: number,
  signal: AbortSignal,
): Promise<Connection> {
  const headers = from === 0 ? {} : { range: `bytes=${from}-` };
  const asked = { reference, what, actions: ['pull'] as const };
  try {
    return await transport.send({ ...asked, path: `blobs/${digest}`, headers, signal });
  } catch (error) {
    let last = error;
    if (!isForeign(mediaType) || !isBakeError(error, 'ERR_BAKE_BASE_UNKNOWN')) throw error;
    for (const url of urls) {
      try {
        return await transport.sendTo(url, asked, signal);
      } catch (error) {
        if (isBakeError(error, 'ERR_BAKE_ABORTED')) throw error;
        last = error;
      }
    }
    throw last;
  }
}

/** What is still missing of a blob of which `from` bytes came before, whether the server minds the range or not. */
async function* remaining(
  connection: Connection,
  from: number,
  { size }: Descriptor,
  what: string,
): AsyncGenerator<Uint8Array> {
  const partial = connection.status === 206;
  if (partial && connection.headers.get('content-range')?.startsWith(`bytes ${from}-`) !== true)
    throw badResponse(connection.url.host, `sent another part of ${what} than was asked for`);
  const length = connection.headers.get('content-length');
  const expected = partial ? size - from : size;
  if (length !== null && Number(length) !== expected)
    throw digestMismatch(what, `${expected} bytes`, `${length} bytes`);
  let skip = partial ? 0 : from;
  for await (const chunk of connection.chunks()) {
    const rest = chunk.subarray(Math.min(skip, chunk.byteLength));
    skip -= chunk.byteLength - rest.byteLength;
    if (rest.byteLength > 0) yield rest;
  }
}
