import { isBakeError, type BuildRequest, type Content, type OciDigest } from '@bakehouse/core/provider';
import type { StoredImage } from '../image/types.js';
import { hexOf } from '../store/blobs.js';
import { importBase } from './import.js';
import type { BaseWorld } from './open.js';
import { rootfsConfig } from './rootfs.js';
import { parseImageConfig, requirePlatform, type BaseSource } from './source.js';

const largestConfig = 16 * 1024 * 1024;

/** A base from what the catalog retained of it: its configuration and its uncompressed layers, by digest. */
export async function retainedBase(
  world: BaseWorld,
  id: string,
  request: BuildRequest,
): Promise<StoredImage | undefined> {
  const what = `the retained base ${id}`;
  const { platform } = request.plan.identity;
  let head: Awaited<ReturnType<BuildRequest['inputs']['blob']>>;
  try {
    head = await request.inputs.blob(hexOf(id));
  } catch (error) {
    if (isBakeError(error)) return undefined;
    throw error;
  }
  const diffId = id as OciDigest;
  const bare: BaseSource = {
    id: diffId,
    config: rootfsConfig(diffId, platform),
    layers: [{ diffId, read: () => pieces(Promise.resolve(head)) }],
    close: () => undefined,
  };
  // A bare root file system is its own layer; everything else begins with a configuration, which is JSON.
  if (!(head.content instanceof Uint8Array) || head.size > largestConfig || head.content[0] !== 0x7b)
    return importBase(world.state, bare, what, request.signal);
  const config = parseImageConfig(head.content, what);
  requirePlatform(config, platform, what);
  const source: BaseSource = {
    id: diffId,
    config,
    configBytes: head.content,
    layers: config.rootfs.diff_ids.map((layer) => ({
      diffId: layer,
      read: () => pieces(request.inputs.blob(hexOf(layer))),
    })),
    close: () => undefined,
  };
  return importBase(world.state, source, what, request.signal);
}

async function* pieces(blob: Promise<{ readonly content: Content }>): AsyncGenerator<Uint8Array> {
  const { content } = await blob;
  if (content instanceof Uint8Array) yield content;
  else yield* content;
}
