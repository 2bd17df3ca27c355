import * as fs from 'node:fs';
import type { OciDigest } from '@bakehouse/core/provider';
import type { ImageConfig } from '../image/types.js';
import { indexTar, storeIndex } from '../rootfs/index-layer.js';
import { commitBlob, createBlob } from '../store/blob-writer.js';
import type { StateFolder } from '../store/state.js';
import { inflate } from '../tar/inflate.js';
import { invalidBase, type BaseSource } from './source.js';

/**
 * Reads a root file system's tarball into the state folder and returns its diffID. It is read once: hashing, storing
 * and looking at every name go together.
 */
export async function importRootfs(
  path: string,
  what: string,
  state: StateFolder,
  signal: AbortSignal,
): Promise<OciDigest> {
  const file = createBlob(state, signal);
  try {
    await inflate(fs.createReadStream(path, { highWaterMark: 1024 * 1024 }), file, (message, cause) =>
      invalidBase(what, message, cause),
    );
    file.close();
    const index = indexTar(file.path, what);
    const blob = commitBlob(state, file);
    storeIndex(state, blob, index);
    return blob.digest;
  } catch (error) {
    file.discard();
    throw error;
  }
}

/** A root file system as a base: one layer and no settings. */
export function openRootfs(path: string, diffId: OciDigest, platform: string): BaseSource {
  return {
    id: diffId,
    config: rootfsConfig(diffId, platform),
    layers: [{ diffId, read: () => fs.createReadStream(path, { highWaterMark: 1024 * 1024 }) }],
    close: () => undefined,
  };
}

/** The configuration that a bare root file system is treated as having. */
export function rootfsConfig(diffId: OciDigest, platform: string): ImageConfig {
  const [os = 'linux', architecture = 'amd64'] = platform.split('/');
  return { architecture, os, rootfs: { type: 'layers', diff_ids: [diffId] } };
}
