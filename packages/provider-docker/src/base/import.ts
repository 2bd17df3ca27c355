import { BakeError, type OciDigest } from '@bakehouse/core/provider';
import type { ImageConfig, StoredImage } from '../image/types.js';
import { indexedSize, indexTar, storeIndex } from '../rootfs/index-layer.js';
import { blobSize, hasBlob, hexOf, readSmallBlob } from '../store/blobs.js';
import { commitBlob, createBlob, putBlob, type StoredBlob } from '../store/blob-writer.js';
import { readSealed, writeSealed } from '../store/sealed.js';
import type { StateFolder } from '../store/state.js';
import { inflate } from '../tar/inflate.js';
import { invalidBase, type BaseLayer, type BaseSource } from './source.js';

/** A base that was imported before and is still whole, by what identity knows it as. */
export function storedBase(state: StateFolder, id: string): StoredImage | undefined {
  const text = readSealed(state.cache('bases', hexOf(id)));
  if (text === undefined) return undefined;
  const image = JSON.parse(text) as StoredImage;
  const configThere = image.id === undefined || readSmallBlob(state, image.id) !== undefined;
  return configThere && image.layers.every((layer) => hasBlob(state, layer)) ? image : undefined;
}

/** Brings a base's layers into the state folder, uncompressed, each checked against its diffID. */
export async function importBase(
  state: StateFolder,
  source: BaseSource,
  what: string,
  signal: AbortSignal,
): Promise<StoredImage> {
  const layers: StoredBlob[] = [];
  for (const layer of source.layers) layers.push(await importLayer(state, layer, what, signal));
  if (source.configBytes !== undefined) putBlob(state, source.configBytes, signal);
  return rememberBase(state, source.id, source.config, source.configBytes !== undefined, layers);
}

async function importLayer(
  state: StateFolder,
  layer: BaseLayer,
  what: string,
  signal: AbortSignal,
): Promise<StoredBlob> {
  const size = blobSize(state, layer.diffId);
  // An index is written only after the whole layer was read and had the right digest.
  if (size !== undefined && size === indexedSize(state, layer.diffId)) return { digest: layer.diffId, size };
  const file = createBlob(state, signal);
  try {
    await inflate(layer.read(), file, (message, cause) => invalidBase(what, `has a layer that ${message}`, cause));
    const { digest } = file.close();
    if (digest !== layer.diffId)
      throw invalidBase(what, `is damaged: its layer ${layer.diffId} has the bytes of ${digest}`);
    const index = indexTar(file.path, what);
    const blob = commitBlob(state, file);
    storeIndex(state, blob, index);
    return blob;
  } catch (error) {
    file.discard();
    throw error;
  }
}

function rememberBase(
  state: StateFolder,
  id: OciDigest,
  config: ImageConfig,
  hasConfig: boolean,
  layers: readonly StoredBlob[],
): StoredImage {
  const image: StoredImage = hasConfig ? { config, id, layers } : { config, layers };
  writeSealed(state, state.cache('bases', hexOf(id)), JSON.stringify(image));
  return image;
}

/** Throws `ERR_BAKE_BASE_UNKNOWN` where a selector leads to something else than was locked. */
export function requireLocked(found: string, locked: string, selector: string): void {
  if (found === locked) return;
  throw new BakeError('ERR_BAKE_BASE_UNKNOWN', `the base ${selector} is no longer what bake.lock says`, {
    hint: 'Take the new one with: bake update',
    data: { selector, locked, found },
  });
}
