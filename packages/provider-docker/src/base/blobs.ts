import type { BaseBlob, ResolvedBase, Selector } from '@bakehouse/core/provider';
import { chunkSize } from '@bakehouse/core/provider';
import type { StoredImage } from '../image/types.js';
import { blobSize, hexOf, readBlob } from '../store/blobs.js';
import type { StoredBlob } from '../store/blob-writer.js';
import { externalBase } from './image.js';
import { storedBase } from './import.js';
import type { BaseWorld } from './open.js';

/** What is kept of a base so that it can be built on when it is gone: its configuration and its layers. */
export async function baseBlobs(
  world: BaseWorld,
  selector: Selector,
  base: ResolvedBase,
  signal: AbortSignal,
): Promise<readonly BaseBlob[]> {
  if (selector.key === 'scratch') return [];
  const { state } = world;
  const image: StoredImage = storedBase(state, base.id) ?? (await externalBase(world, selector, base, base.id, signal));
  const config: readonly StoredBlob[] =
    image.id === undefined ? [] : [{ digest: image.id, size: blobSize(state, image.id) ?? 0 }];
  return [...config, ...image.layers].map((blob) => ({
    digest: hexOf(blob.digest),
    size: blob.size,
    read: () => (blob.size <= chunkSize ? whole(world, blob, signal) : readBlob(state, blob, signal)),
  }));
}

async function whole(world: BaseWorld, blob: StoredBlob, signal: AbortSignal): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const part of readBlob(world.state, blob, signal)) parts.push(part);
  return Buffer.concat(parts);
}
