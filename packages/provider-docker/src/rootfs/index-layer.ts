import * as fs from 'node:fs';
import { BakeError, type OciDigest } from '@bakehouse/core/provider';
import { hexOf, rehash } from '../store/blobs.js';
import type { StoredBlob } from '../store/blob-writer.js';
import { readSealed, writeSealed } from '../store/sealed.js';
import type { StateFolder } from '../store/state.js';
import { safeName, scanTar, TarError } from '../tar/scan.js';
import type { ScannedEntry } from '../tar/types.js';
import { accountFiles, createIndexBuilder, parseIndex, whiteoutOf, type LayerIndex } from './layer-index.js';
import type { Node } from './nodes.js';
import type { ViewLayer } from './view.js';

const revision = 2;
const largestAccountFile = 4 * 1024 * 1024;

/** Stores the index of a layer whose digest was just checked, with the layer's size. */
export function storeIndex(state: StateFolder, { digest, size }: StoredBlob, text: string): void {
  writeSealed(state, indexPath(state, digest), `${size}\n${text}`);
}

/**
 * The index of a stored layer: from the cache, else by reading the layer once, whose bytes are checked then.
 * Throws `ERR_BAKE_ARTIFACT_CORRUPT`.
 */
export function loadIndex(state: StateFolder, diffId: OciDigest): LayerIndex {
  const cached = readSealed(indexPath(state, diffId));
  if (cached !== undefined) return parseIndex(cached.slice(cached.indexOf('\n') + 1));
  const size = rehash(state, diffId);
  const text = indexTar(state.blob(hexOf(diffId)), `layer ${diffId}`);
  storeIndex(state, { digest: diffId, size }, text);
  return parseIndex(text);
}

/** A stored layer for a view. Its index is loaded when first needed. */
export function storedLayer(state: StateFolder, diffId: OciDigest, origin: string): ViewLayer {
  let index: LayerIndex | undefined;
  return { diffId, origin, index: () => (index ??= loadIndex(state, diffId)) };
}

/** The size that a layer had when it was read whole; `undefined` where its index is not at hand. */
export function indexedSize(state: StateFolder, diffId: OciDigest): number | undefined {
  const cached = readSealed(indexPath(state, diffId));
  return cached === undefined ? undefined : Number.parseInt(cached, 10);
}

/**
 * Reads the headers of an uncompressed layer and returns its index as text.
 * Throws `ERR_BAKE_BASE_INVALID` for what is no tar archive, `ERR_BAKE_ARCHIVE_HOSTILE` for names that reach outside.
 */
export function indexTar(file: string, what: string): string {
  const fd = fs.openSync(file, 'r');
  try {
    const builder = createIndexBuilder();
    for (const entry of scanTar(fd, fs.fstatSync(fd).size)) {
      const path = safeName(entry.path);
      if (path === undefined)
        throw new BakeError('ERR_BAKE_ARCHIVE_HOSTILE', `${what} holds the name ${entry.path}, which reaches outside`, {
          data: { name: entry.path },
        });
      const whiteout = whiteoutOf(path);
      if (whiteout?.opaque === true) builder.opaque(whiteout.path);
      else if (whiteout !== undefined) builder.whiteout(whiteout.path);
      else builder.add(path, nodeOf(entry, builder.get.bind(builder)));
      if (entry.type === 'file' && accountFiles.includes(path) && entry.size <= largestAccountFile) {
        const content = Buffer.alloc(entry.size);
        fs.readSync(fd, content, 0, entry.size, entry.offset);
        builder.account(path, content.toString('utf8'));
      }
    }
    return builder.serialise();
  } catch (error) {
    if (!(error instanceof TarError)) throw error;
    throw new BakeError('ERR_BAKE_BASE_INVALID', `${what} ${error.message}`, { cause: error });
  } finally {
    fs.closeSync(fd);
  }
}

function nodeOf(entry: ScannedEntry, known: (path: string) => Node | undefined): Node {
  const { mode, uid, gid } = entry;
  switch (entry.type) {
    case 'folder':
      return { type: 'folder', mode, uid, gid, ...(entry.xattrs === undefined ? {} : { xattrs: entry.xattrs }) };
    case 'file':
      return { type: 'file', mode, uid, gid, size: entry.size, offset: entry.offset };
    case 'link':
      return { type: 'link', uid, gid, target: entry.target };
    case 'hardlink': {
      const target = safeName(entry.target.replace(/^\/+/, ''));
      const node = target === undefined ? undefined : known(target);
      return node === undefined || node.type === 'folder' ? { type: 'other', mode, uid, gid } : node;
    }
    case 'device':
    case 'fifo':
      return { type: 'other', mode, uid, gid };
  }
}

function indexPath(state: StateFolder, diffId: OciDigest): string {
  return state.cache('index', `${hexOf(diffId)}-${revision}`);
}
