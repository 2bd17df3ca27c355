import { createHash } from 'node:crypto';
import { BakeError } from '../errors/index.js';
import { isDigest, sha256, type Digest } from '../plan/digest.js';
import { chunkSize, type Content } from '../tree/types.js';
import { blobIndex, type BlobIndex, type PackLocation } from './blob-index.js';
import { writePack } from './blob-writer.js';
import { corrupt } from './event-codec.js';
import type { Hints } from './hints.js';
import { chunkKey, packKey, tombstoneKey } from './keys.js';
import { storedLength } from './pack-format.js';
import type { Store } from './store.js';
import { valueBytes } from './streams.js';
import { decodeTombstone } from './tombstone.js';
import type { Blobs, NewBlob } from './types.js';

/** Blobs in packs and chunks. What was forgotten is never stored again: it counts as not missing. */
export function openBlobs(store: Store, hints: Hints): Blobs {
  const index = blobIndex(store, hints);
  const missing = async (digests: Iterable<Digest>): Promise<ReadonlySet<Digest>> => {
    const lacking = new Set<Digest>();
    for (const digest of digests) if (!index.has(digest)) lacking.add(digest);
    if (lacking.size === 0) return lacking;
    await index.refresh();
    const forgotten = await tombstones(store);
    for (const digest of lacking) if (forgotten.has(digest) || index.has(digest)) lacking.delete(digest);
    return lacking;
  };
  return {
    missing,
    async write(blobs) {
      const wanted = new Map<Digest, NewBlob>();
      for await (const blob of blobs) wanted.set(blob.digest, blob);
      const lacking = await missing(wanted.keys());
      const batch = [...wanted.values()].filter((blob) => lacking.has(blob.digest));
      for (const { digest, size } of batch)
        if (!isDigest(digest) || !Number.isSafeInteger(size) || size < 0)
          throw new BakeError('ERR_BAKE_INTERNAL', `Not a blob: ${JSON.stringify(digest)} of ${size} bytes`);
      if (batch.length > 0) {
        const written = await writePack(store, batch);
        index.add(written.pack, written.index);
      }
      return { blobs: batch.length, bytes: batch.reduce((sum, { size }) => sum + size, 0) };
    },
    async read(digest) {
      const place = index.find(digest);
      const content = place && (await contentOf(store, digest, place));
      if (place !== undefined && content !== undefined) return { size: place.size, content };
      await index.refresh();
      const again = index.find(digest);
      const found = again && (await contentOf(store, digest, again));
      if (again !== undefined && found !== undefined) return { size: again.size, content: found };
      throw await whyMissing(store, index, digest);
    },
  };
}

/** Content of a blob that is in a pack; `undefined` where the pack is gone. */
export async function contentOf(store: Store, digest: Digest, place: PackLocation): Promise<Content | undefined> {
  const end = place.offset + storedLength(place.size);
  const bytes = await valueBytes(await store.get(packKey(place.pack), { start: place.offset, end }));
  if (bytes === undefined) return undefined;
  if (place.size > chunkSize) return chunks(store, digest, place.size, bytes);
  if (sha256(bytes) !== digest) throw corrupt(packKey(place.pack), `blob ${digest} in it is not what was written`);
  return bytes;
}

/** A large blob, chunk by chunk, each checked before it is given on, and all of them together at the end. */
async function* chunks(
  store: Store,
  digest: Digest,
  size: number,
  list: Buffer,
): AsyncGenerator<Uint8Array, void, undefined> {
  const whole = createHash('sha256');
  let total = 0;
  for (let at = 0; at < list.length; at += 32) {
    const chunk = list.toString('hex', at, at + 32);
    const bytes = await valueBytes(await store.get(chunkKey(chunk)));
    if (bytes === undefined) throw corrupt(chunkKey(chunk), `blob ${digest} needs it, but it is not there`);
    if (sha256(bytes) !== chunk)
      throw corrupt(chunkKey(chunk), `blob ${digest} needs it, but it is not what was written`);
    whole.update(bytes);
    total += bytes.length;
    yield bytes;
  }
  if (total !== size || whole.digest('hex') !== digest)
    throw corrupt(`blob ${digest}`, 'its chunks together are not what was written');
}

/** Blobs that were forgotten. */
export async function tombstones(store: Store): Promise<ReadonlySet<Digest>> {
  const page = 10_000;
  const found = new Set<Digest>();
  for (let after: string | undefined; ;) {
    const keys = await store.list('tombstones/', after, page);
    for (const key of keys) found.add(key.slice('tombstones/'.length));
    after = keys.at(-1);
    if (keys.length < page) return found;
  }
}

async function whyMissing(store: Store, index: BlobIndex, digest: Digest): Promise<BakeError> {
  const data = { blob: digest };
  const grave = isDigest(digest) ? await valueBytes(await store.get(tombstoneKey(digest))) : undefined;
  if (grave !== undefined) {
    const { reason, time } = decodeTombstone(grave, digest);
    return new BakeError('ERR_BAKE_BLOB_FORGOTTEN', `Blob ${digest} was forgotten on ${time}: ${reason}`, { data });
  }
  const [pack] = index.damaged;
  if (pack !== undefined) return corrupt(packKey(pack), `blob ${digest} may be in it`);
  return new BakeError('ERR_BAKE_BLOB_MISSING', `Blob ${digest} is not in the catalog`, { data });
}
