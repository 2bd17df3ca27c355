import type { Digest } from '../plan/digest.js';
import { corrupt } from './event-codec.js';
import { tombstoneKey } from './keys.js';
import { seal, unseal } from './sealed.js';

/** What is left of a blob that was forgotten on purpose. */
export interface Tombstone {
  readonly blob: Digest;
  readonly reason: string;
  /** RFC 3339 in UTC. */
  readonly time: string;
}

/** Bytes of a tombstone, to be put under `tombstoneKey(blob)`. */
export function encodeTombstone({ blob, reason, time }: Tombstone): Buffer {
  return seal({ schema: 1, blob, reason, time }).bytes;
}

/** Throws `ERR_BAKE_CATALOG_CORRUPT` for what {@link encodeTombstone} would not have written. */
export function decodeTombstone(bytes: Uint8Array, blob: Digest): Tombstone {
  const sealed = unseal(bytes);
  if (sealed === undefined) throw corrupt(tombstoneKey(blob), 'its bytes are not those that were written');
  const tombstone = sealed as unknown as Tombstone;
  if (tombstone.blob !== blob) throw corrupt(tombstoneKey(blob), `it is of blob ${tombstone.blob}`);
  return tombstone;
}
