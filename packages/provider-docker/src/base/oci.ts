import { BakeError } from '@bakehouse/core/provider';
import { mediaTypes, type Descriptor, type Manifest } from '../image/types.js';
import { isOciDigest } from '../store/blobs.js';
import { parsePlatform, platformDistance } from '../registry/platform.js';
import type { Files } from './files.js';
import {
  checked,
  invalidBase,
  ociDigest,
  parseDocument,
  parseImageConfig,
  platformText,
  requirePlatform,
  unknownBase,
  wrongPlatform,
  type BaseSource,
} from './source.js';

const dockerList = 'application/vnd.docker.distribution.manifest.list.v2+json';
const refName = 'org.opencontainers.image.ref.name';
const containerdName = 'io.containerd.image.name';

/** Opens an image of an OCI layout (image-layout.md of the image specification). Every digest is checked. */
export function openOci(files: Files, reference: string | undefined, platform: string, what: string): BaseSource {
  const indexBytes = files.read('index.json');
  if (indexBytes === undefined || files.read('oci-layout') === undefined)
    throw invalidBase(what, 'is not an OCI image layout');
  const manifests = manifestsOf(parseDocument(indexBytes, `${what}: index.json`), what);
  const chosen = choose(manifests, reference, what);
  const candidates = chosen.flatMap((descriptor) => flatten(files, descriptor, what, 0));
  const wanted = parsePlatform(platform);
  // What says no platform is judged by its configuration, when it is opened.
  const ranked = candidates.map((one) => ({
    ...one,
    distance: one.platform?.os === undefined ? 0 : platformDistance(wanted, one.platform),
  }));
  const nearest = Math.min(...ranked.flatMap(({ distance }) => distance ?? []));
  const fitting = ranked.filter(({ distance }) => distance === nearest);
  if (fitting.length === 0)
    throw wrongPlatform(what, platform, [...new Set(candidates.map((one) => platformText(one.platform ?? {})))].sort());
  const digests = new Set(fitting.map(({ digest }) => digest));
  const [first] = fitting;
  if (first === undefined || digests.size > 1) {
    const tags = [...new Set(manifests.flatMap(namesOf))].sort();
    throw new BakeError('ERR_BAKE_BASE_UNKNOWN', `${what} holds several images; say which one`, {
      hint: `Add a tag or @digest. There is: ${tags.join(', ')}`,
      data: { tags },
    });
  }
  return openManifest(files, first, platform, what);
}

/** Whether one of an image's names is what a selector asks for: the whole name, or its tag. */
export function namesMatch(names: readonly string[], reference: string): boolean {
  return names.some((name) => name === reference || name.endsWith(`/${reference}`) || name.endsWith(`:${reference}`));
}

function openManifest(files: Files, descriptor: Descriptor, platform: string, what: string): BaseSource {
  const manifest = parseDocument(document(files, descriptor, what), `${what}: manifest`) as Partial<Manifest>;
  if (manifest.config === undefined || !Array.isArray(manifest.layers))
    throw invalidBase(what, `holds ${descriptor.digest}, which is no image manifest`);
  const configBytes = document(files, manifest.config, what);
  const config = parseImageConfig(configBytes, what);
  requirePlatform(config, platform, what);
  const { layers } = manifest as Manifest;
  if (layers.length !== config.rootfs.diff_ids.length)
    throw invalidBase(what, `has ${layers.length} layers, but its configuration says ${config.rootfs.diff_ids.length}`);
  return {
    id: manifest.config.digest,
    config,
    configBytes,
    layers: config.rootfs.diff_ids.map((diffId, at) => ({
      diffId,
      read() {
        const digest = layers[at]?.digest ?? '';
        const stream = files.stream(blobName(digest));
        if (stream === undefined) throw invalidBase(what, `lacks its layer ${digest}`);
        return checked(stream, digest, what);
      },
    })),
    close: () => {
      files.close();
    },
  };
}

function manifestsOf(value: unknown, what: string): readonly Descriptor[] {
  const manifests: unknown = (value as { manifests?: unknown }).manifests;
  if (!Array.isArray(manifests) || manifests.length === 0) throw invalidBase(what, 'holds no image');
  return manifests as readonly Descriptor[];
}

function choose(manifests: readonly Descriptor[], reference: string | undefined, what: string): readonly Descriptor[] {
  if (reference === undefined) return manifests;
  const found = manifests.filter((one) => one.digest === reference || namesMatch(namesOf(one), reference));
  if (found.length > 0) return found;
  const tags = manifests.flatMap(namesOf).sort();
  throw unknownBase(`${what} holds no image ${reference}`, `There is: ${tags.join(', ') || 'one without a name'}`);
}

function namesOf(descriptor: Descriptor): readonly string[] {
  return [descriptor.annotations?.[refName], descriptor.annotations?.[containerdName]].filter(
    (name) => name !== undefined,
  );
}

/** The manifests below a descriptor; indexes may hold indexes. Attestations, which are for no platform, are left out. */
function flatten(files: Files, descriptor: Descriptor, what: string, depth: number): readonly Descriptor[] {
  if (descriptor.platform?.os === 'unknown') return [];
  if (descriptor.mediaType !== mediaTypes.index && descriptor.mediaType !== dockerList) return [descriptor];
  if (depth > 4) throw invalidBase(what, 'has indexes in indexes without end');
  const list = manifestsOf(parseDocument(document(files, descriptor, what), `${what}: index`), what);
  return list.flatMap((one) => flatten(files, one, what, depth + 1));
}

function document(files: Files, { digest }: Descriptor, what: string): Buffer {
  const bytes = isOciDigest(digest) ? files.read(blobName(digest)) : undefined;
  if (bytes === undefined) throw invalidBase(what, `lacks ${digest}`);
  if (ociDigest(bytes) !== digest) throw invalidBase(what, `is damaged: ${digest} has other bytes`);
  return bytes;
}

function blobName(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}
