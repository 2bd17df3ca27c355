import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Descriptor, RuntimeConfig } from '../../src/image/types.js';

/** An image of a layout that another tool might have written. */
export interface LayoutImage {
  readonly layers: readonly Buffer[];
  readonly platform?: string;
  readonly tag?: string;
  readonly config?: RuntimeConfig;
  /** Written instead of the real compressed layer. */
  readonly damage?: (compressed: Buffer) => Buffer;
}

export const digestOf = (bytes: Uint8Array): `sha256:${string}` =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Writes an OCI layout with gzipped layers; several images without tags become one index. Returns the config digests. */
export function writeLayout(folder: string, images: readonly LayoutImage[]): readonly string[] {
  mkdirSync(join(folder, 'blobs', 'sha256'), { recursive: true });
  const put = (bytes: Buffer, mediaType: string, written: Buffer = bytes): Descriptor => {
    const digest = digestOf(bytes);
    writeFileSync(join(folder, 'blobs', digest.replace(':', '/')), written);
    return { mediaType, digest, size: bytes.length };
  };
  const ids: string[] = [];
  const manifests = images.map((image): Descriptor => {
    const [os = '', architecture = '', variant] = (image.platform ?? 'linux/amd64').split('/');
    const config = put(
      Buffer.from(
        JSON.stringify({
          created: '2024-05-05T05:05:05Z',
          architecture,
          os,
          ...(variant === undefined ? {} : { variant }),
          config: image.config ?? {},
          rootfs: { type: 'layers', diff_ids: image.layers.map(digestOf) },
          history: image.layers.map(() => ({ created_by: 'theirs' })),
        }),
      ),
      'application/vnd.oci.image.config.v1+json',
    );
    ids.push(config.digest);
    const layers = image.layers.map((layer) => {
      const compressed = gzipSync(layer);
      return put(compressed, 'application/vnd.oci.image.layer.v1.tar+gzip', image.damage?.(compressed));
    });
    const manifest = put(
      Buffer.from(JSON.stringify({ schemaVersion: 2, config, layers })),
      'application/vnd.oci.image.manifest.v1+json',
    );
    return {
      ...manifest,
      platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
      ...(image.tag === undefined ? {} : { annotations: { 'org.opencontainers.image.ref.name': image.tag } }),
    };
  });
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests }));
  const nested = images.length > 1 && images.every((image) => image.tag === undefined);
  const top = nested ? [put(index, 'application/vnd.oci.image.index.v1+json')] : manifests;
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: top }));
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  return ids;
}
