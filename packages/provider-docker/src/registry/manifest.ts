import { BakeError, type OciDigest } from '@bakehouse/core/provider';
import { invalidBase, ociDigest, parseDocument } from '../base/source.js';
import { asObject } from './docker-config.js';
import { digestMismatch } from './failure.js';
import { acceptManifests, defaultMediaType, documentKind, isImageConfig } from './media-types.js';
import { formatReference, tagOrDigest } from './reference.js';
import { foundPlatform, type FoundPlatform } from './platform.js';
import type { Transport } from './transport.js';
import type { Descriptor, ImageManifest, Reference } from './types.js';

/** The manifests of one image for several platforms. */
export interface ImageIndex {
  readonly kind: 'index';
  readonly manifests: readonly IndexEntry[];
}

/** One of them. */
export interface IndexEntry {
  readonly mediaType: string;
  readonly digest: OciDigest;
  readonly platform: FoundPlatform | undefined;
  /** Whether it says something about another entry (provenance, a list of parts) and is no image. */
  readonly isAttestation: boolean;
}

/** What a registry has under a tag or a digest. */
export type ManifestDocument = (ImageManifest & { readonly kind: 'image' }) | ImageIndex;

/** As the distribution specification recommends. */
const largestManifest = 4 * 1024 * 1024;

/** Fetches what a reference leads to, and checks that it is whole. */
export async function fetchManifest(
  transport: Transport,
  reference: Reference,
  signal: AbortSignal,
): Promise<ManifestDocument> {
  const what = formatReference(reference);
  const { headers, bytes } = await transport.retry(async () => {
    const connection = await transport.send({
      reference,
      what,
      actions: ['pull'],
      path: `manifests/${tagOrDigest(reference)}`,
      headers: { accept: acceptManifests },
      signal,
    });
    return { headers: connection.headers, bytes: await connection.bytes(largestManifest) };
  }, signal);
  const digest = ociDigest(bytes);
  const promised = [reference.digest, headers.get('docker-content-digest') ?? undefined];
  for (const expected of promised)
    if (expected?.startsWith('sha256:') === true && expected !== digest) throw digestMismatch(what, expected, digest);
  return parseManifest(bytes, digest, essence(headers.get('content-type')), what);
}

/**
 * Understands a manifest by what is in it. A document that could be read as either kind, or that says to be another kind than
 * it is, is refused (CVE-2021-41190): two readers could take it for two images.
 */
export function parseManifest(
  bytes: Uint8Array,
  digest: OciDigest,
  contentType: string | undefined,
  what: string,
): ManifestDocument {
  const document = asObject(parseDocument(bytes, what));
  const { mediaType, manifests, config, layers, schemaVersion } = document;
  const said = [typeof mediaType === 'string' ? mediaType : undefined, contentType].map(documentKind);
  if (said.includes('schema1') || schemaVersion === 1)
    throw new BakeError(
      'ERR_BAKE_BASE_INVALID',
      `${what} has a manifest of Docker's schema 1, which has no digests to rely on`,
      {
        hint: 'Pull it and push it again with a Docker of this decade, and use that image.',
      },
    );
  const isIndex = Array.isArray(manifests);
  const isImage = config !== undefined || layers !== undefined;
  if (isIndex === isImage) throw invalidBase(what, 'is neither an image nor an index of images');
  const kind = isIndex ? 'index' : 'image';
  if (said.some((one) => one !== undefined && one !== kind))
    throw invalidBase(what, `says to be something else than an ${kind}`);
  if (isIndex) return { kind: 'index', manifests: manifests.map((entry) => indexEntry(entry, what)) };
  if (!Array.isArray(layers)) throw invalidBase(what, 'has no list of layers');
  const image = descriptor(config, what);
  if (!isImageConfig(image.mediaType)) throw invalidBase(what, `is not a container image, but ${image.mediaType}`);
  return {
    kind: 'image',
    digest,
    mediaType: typeof mediaType === 'string' ? mediaType : (contentType ?? defaultMediaType('image')),
    config: image,
    layers: layers.map((layer) => descriptor(layer, what)),
    bytes,
  };
}

function descriptor(value: unknown, what: string): Descriptor {
  const { mediaType, digest, size, urls } = asObject(value);
  if (typeof mediaType !== 'string' || typeof digest !== 'string' || !Number.isSafeInteger(size) || Number(size) < 0)
    throw invalidBase(what, 'has a part without type, digest or size');
  if (!/^sha256:[0-9a-f]{64}$/.test(digest))
    throw invalidBase(what, `has a part whose digest is not a sha256: ${digest}`);
  const texts = Array.isArray(urls) ? urls.filter((url) => typeof url === 'string') : [];
  return {
    mediaType,
    digest: digest as OciDigest,
    size: Number(size),
    ...(texts.length === 0 ? {} : { urls: texts }),
  };
}

function indexEntry(value: unknown, what: string): IndexEntry {
  const { platform, annotations } = asObject(value);
  const { mediaType, digest } = descriptor(value, what);
  return {
    mediaType,
    digest,
    platform: typeof platform === 'object' && platform !== null ? foundPlatform(platform) : undefined,
    isAttestation: asObject(annotations)['vnd.docker.reference.type'] !== undefined,
  };
}

function essence(contentType: string | null): string | undefined {
  const text = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  return text === '' ? undefined : text;
}
