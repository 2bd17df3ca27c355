import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { BakeError } from '@bakehouse/core/provider';
import { invalidBase } from '../base/source.js';
import { compressionOf } from './media-types.js';

/**
 * The tar in a layer of this media type: gzip is unpacked, a plain tar passed on. Errors of `stream` are thrown as they are.
 * Throws `ERR_BAKE_BASE_INVALID` for damaged gzip and for zstd, which Node 20 cannot unpack, or anything else.
 */
export async function* decompress(mediaType: string, stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const compression = compressionOf(mediaType);
  if (compression === 'none') return yield* stream;
  if (compression !== 'gzip')
    throw new BakeError('ERR_BAKE_BASE_INVALID', `a layer of type ${mediaType} cannot be unpacked`, {
      hint: 'Layers may be gzip or uncompressed. Use a build of the image with such layers.',
      data: { mediaType },
    });

  const gunzip = createGunzip();
  let sourceError: unknown;
  const input = Readable.from(stream, { objectMode: false });
  input.on('error', (error) => {
    sourceError = error;
    gunzip.destroy(error);
  });
  input.pipe(gunzip);
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (sourceError !== undefined) throw sourceError;
    throw invalidBase('a layer of the base', 'is not valid gzip', error);
  } finally {
    input.destroy();
    gunzip.destroy();
  }
}
