import { dirname, basename, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { canonicalJson, short, type ArtifactKey, type Digest } from '@bakehouse/core/provider';
import { hexOf, readBlob } from '../store/blobs.js';
import { createHashedFile } from '../store/blob-writer.js';
import { makeFolder, type StateFolder } from '../store/state.js';
import { encodeHeader, endOfArchive, padded } from '../tar/header.js';
import { mediaTypes } from './types.js';
import type { Layout } from './layout.js';

/**
 * Writes an OCI image layout as one archive, with the `manifest.json` that Docker needs beside it. The bytes depend on
 * the plan alone. Every blob is hashed again on its way; `ERR_BAKE_ARTIFACT_CORRUPT` leaves no file.
 */
export async function exportArchive(
  state: StateFolder,
  key: ArtifactKey,
  layout: Layout,
  path: string,
  signal: AbortSignal,
): Promise<Digest> {
  makeFolder(dirname(path));
  const temp = join(dirname(path), `.${basename(path)}.${process.pid}-${randomBytes(6).toString('hex')}`);
  const file = createHashedFile(temp, signal);
  const header = (name: string, type: 'file' | 'folder', size: number): void => {
    const mode = type === 'folder' ? 0o755 : 0o644;
    file.write(encodeHeader({ path: name, type, mode, uid: 0, gid: 0, size, target: '' }));
  };
  const pad = (size: number): void => {
    file.write(Buffer.alloc(padded(size) - size));
  };
  try {
    header('blobs', 'folder', 0);
    header('blobs/sha256', 'folder', 0);
    const blobs = new Map(
      [layout.manifestBlob, layout.manifest.config, ...layout.layers].map((blob) => [hexOf(blob.digest), blob]),
    );
    for (const [hex, blob] of [...blobs].sort(([a], [b]) => (a < b ? -1 : 1))) {
      header(`blobs/sha256/${hex}`, 'file', blob.size);
      let written = 0;
      for await (const chunk of readBlob(state, blob, signal)) {
        written += chunk.length;
        file.write(chunk);
      }
      pad(written);
    }
    for (const [name, value] of Object.entries(documents(key, layout))) {
      const bytes = Buffer.from(canonicalJson(value));
      header(name, 'file', bytes.length);
      file.write(bytes);
      pad(bytes.length);
    }
    file.write(endOfArchive);
    return hexOf(file.commit(path).digest);
  } catch (error) {
    file.discard();
    throw error;
  }
}

function documents(key: ArtifactKey, layout: Layout): Readonly<Record<string, unknown>> {
  const tag = short(key.version);
  const { architecture, os, variant } = layout.config;
  return {
    'index.json': {
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      manifests: [
        {
          mediaType: mediaTypes.manifest,
          ...layout.manifestBlob,
          platform: { architecture, os, variant },
          annotations: {
            'io.containerd.image.name': `docker.io/${key.project}/${key.image}:${tag}`,
            'org.opencontainers.image.ref.name': tag,
          },
        },
      ],
    },
    'manifest.json': [
      {
        Config: `blobs/sha256/${hexOf(layout.id)}`,
        RepoTags: [`${key.project}/${key.image}:${tag}`],
        Layers: layout.layers.map(({ digest }) => `blobs/sha256/${hexOf(digest)}`),
      },
    ],
    'oci-layout': { imageLayoutVersion: '1.0.0' },
  };
}
