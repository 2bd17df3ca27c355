import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { canonicalJson, short, type Artifact, type ArtifactKey, type OciDigest } from '@bakehouse/core/provider';
import { hasBlob, hexOf, isOciDigest, readSmallBlob } from '../store/blobs.js';
import { putBlob, type StoredBlob } from '../store/blob-writer.js';
import { errorCode, makeFolder, storageError, type StateFolder } from '../store/state.js';
import { mediaTypes, type Descriptor, type ImageConfig, type Manifest } from './types.js';

/** Annotation of a layout's manifest: the whole version, compared before a layout is believed. */
export const versionAnnotation = 'dev.bakehouse.version';

/** A version's image as its layout describes it. */
export interface Layout {
  readonly id: OciDigest;
  readonly manifest: Manifest;
  readonly manifestBlob: StoredBlob;
  readonly config: ImageConfig;
  readonly layers: readonly StoredBlob[];
}

/** Writes manifest and configuration, then the version's OCI layout, complete or not at all. */
export function writeLayout(
  state: StateFolder,
  key: ArtifactKey,
  config: ImageConfig,
  layers: readonly StoredBlob[],
  signal: AbortSignal,
): Artifact {
  const configBlob = putBlob(state, Buffer.from(canonicalJson(config)), signal);
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, ...configBlob },
    layers: layers.map(({ digest, size }) => ({ mediaType: mediaTypes.layer, digest, size })),
  };
  const manifestBlob = putBlob(state, Buffer.from(canonicalJson(manifest)), signal);
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [
      {
        mediaType: mediaTypes.manifest,
        ...manifestBlob,
        platform: platformOf(config),
        annotations: { 'org.opencontainers.image.ref.name': short(key.version), [versionAnnotation]: key.version },
      },
    ],
  };
  const temp = state.temp();
  const path = state.layout(key);
  try {
    makeFolder(temp);
    fs.writeFileSync(join(temp, 'oci-layout'), canonicalJson({ imageLayoutVersion: '1.0.0' }));
    fs.writeFileSync(join(temp, 'index.json'), canonicalJson(index));
    fs.symlinkSync('../../../../../blobs', join(temp, 'blobs'));
    makeFolder(dirname(path));
    replaceFolder(state, temp, path);
  } catch (error) {
    fs.rmSync(temp, { recursive: true, force: true });
    throw storageError(error, path);
  }
  return artifactOf(state, key, configBlob.digest);
}

/**
 * Reads a version's layout and looks that everything it names is there: manifest and configuration by digest, layers by
 * size. `undefined` where anything is missing or wrong, so that it is built again.
 */
export function readLayout(state: StateFolder, key: ArtifactKey): Layout | undefined {
  const index = readJson(join(state.layout(key), 'index.json')) as { manifests?: readonly Descriptor[] } | undefined;
  const descriptor = index?.manifests?.[0];
  if (descriptor?.annotations?.[versionAnnotation] !== key.version || !isOciDigest(descriptor.digest)) return undefined;
  if (!fs.existsSync(join(state.layout(key), 'oci-layout')) || !fs.existsSync(join(state.layout(key), 'blobs')))
    return undefined;
  const manifestBytes = readSmallBlob(state, descriptor.digest);
  if (manifestBytes === undefined) return undefined;
  const manifest = JSON.parse(manifestBytes.toString('utf8')) as Manifest;
  const configBytes = readSmallBlob(state, manifest.config.digest);
  if (configBytes === undefined || !manifest.layers.every((layer) => hasBlob(state, layer))) return undefined;
  return {
    id: manifest.config.digest,
    manifest,
    manifestBlob: { digest: descriptor.digest, size: manifestBytes.length },
    config: JSON.parse(configBytes.toString('utf8')) as ImageConfig,
    layers: manifest.layers.map(({ digest, size }) => ({ digest, size })),
  };
}

/** Removes a version's layout; its blobs stay. Idempotent. */
export function removeLayout(state: StateFolder, key: ArtifactKey): void {
  moveAway(state, state.layout(key));
}

export function artifactOf(state: StateFolder, key: ArtifactKey, id: OciDigest): Artifact {
  const { project, image, target, version } = key;
  return { project, image, target, version, id, digest: id, locations: [`oci:${state.layout(key)}`] };
}

/** The hex digits of every blob that a layout names. */
export function blobsOf(layout: Layout): readonly string[] {
  return [layout.manifestBlob.digest, layout.id, ...layout.layers.map(({ digest }) => digest)].map(hexOf);
}

function platformOf({ os, architecture, variant }: ImageConfig): Descriptor['platform'] & object {
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

/** A folder cannot be renamed over another one: the old one goes first, and whoever is second finds equal bytes. */
function replaceFolder(state: StateFolder, from: string, to: string): void {
  for (let tries = 0; ; tries += 1) {
    try {
      fs.renameSync(from, to);
      return;
    } catch (error) {
      const code = errorCode(error);
      if ((code !== 'ENOTEMPTY' && code !== 'EEXIST') || tries >= 10) throw error;
      moveAway(state, to);
    }
  }
}

function moveAway(state: StateFolder, path: string): void {
  const temp = state.temp();
  try {
    fs.renameSync(path, temp);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw storageError(error, path);
  }
  fs.rmSync(temp, { recursive: true, force: true });
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError || errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR')
      return undefined;
    throw error;
  }
}
