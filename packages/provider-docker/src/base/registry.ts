import type { ResolvedBase } from '@bakehouse/core/provider';
import type { RegistryClient } from '../registry/index.js';
import { invalidBase, parseImageConfig, requirePlatform, type BaseSource } from './source.js';

const largestConfig = 16 * 1024 * 1024;

/** What a reference stands for at this moment: the configuration's digest, and the manifest to pull by. */
export async function resolveReference(
  client: RegistryClient,
  reference: string,
  platform: string,
  signal: AbortSignal,
): Promise<ResolvedBase> {
  const found = await client.resolve(reference, platform, signal);
  return { id: found.configDigest, reference: found.reference };
}

/** Opens the image that a reference by manifest digest names. Its layers are downloaded when they are read. */
export async function openRegistry(
  client: RegistryClient,
  reference: string,
  platform: string,
  signal: AbortSignal,
): Promise<BaseSource> {
  const what = `the base ${reference}`;
  const manifest = await client.manifest(reference, signal);
  if (manifest.config.size > largestConfig) throw invalidBase(what, 'has a configuration that is too large');
  const parts: Uint8Array[] = [];
  for await (const part of client.blob(reference, manifest.config, signal)) parts.push(part);
  const configBytes = Buffer.concat(parts);
  const config = parseImageConfig(configBytes, what);
  requirePlatform(config, platform, what);
  const { layers } = manifest;
  if (layers.length !== config.rootfs.diff_ids.length)
    throw invalidBase(what, `has ${layers.length} layers, but its configuration says ${config.rootfs.diff_ids.length}`);
  return {
    id: manifest.config.digest,
    config,
    configBytes,
    layers: layers.flatMap((layer, at) => {
      const diffId = config.rootfs.diff_ids[at];
      return diffId === undefined ? [] : [{ diffId, read: () => client.blob(reference, layer, signal) }];
    }),
    close: () => undefined,
  };
}
