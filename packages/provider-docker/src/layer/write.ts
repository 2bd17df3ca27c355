import { BakeError } from '@bakehouse/core/provider';
import { storeIndex } from '../rootfs/index-layer.js';
import { accountFiles, createIndexBuilder } from '../rootfs/layer-index.js';
import { commitBlob, createBlob, type HashedFile, type StoredBlob } from '../store/blob-writer.js';
import type { StateFolder } from '../store/state.js';
import { encodeHeader, endOfArchive, padded } from '../tar/header.js';
import type { PlacedEntry } from './place.js';

/** Files up to this size are read into one buffer, one after the other. */
const scratchSize = 1024 * 1024;

const padding = Buffer.alloc(512);

/** Writes a layer and its index into the state folder. Leaves nothing there when it fails. */
export async function writeLayer(
  entries: readonly PlacedEntry[],
  state: StateFolder,
  signal: AbortSignal,
): Promise<StoredBlob> {
  const file = createBlob(state, signal);
  const index = createIndexBuilder();
  const scratch = Buffer.allocUnsafeSlow(scratchSize);
  try {
    for (const entry of entries) {
      file.write(encodeHeader(entry));
      const { mode, uid, gid, size, target, path } = entry;
      const offset = file.position;
      if (entry.type === 'folder')
        index.add(path, { type: 'folder', mode, uid, gid, ...(entry.xattrs ? { xattrs: entry.xattrs } : {}) });
      else if (entry.type === 'link') index.add(path, { type: 'link', uid, gid, target });
      else if (entry.type === 'hardlink') index.add(path, index.get(target) ?? { type: 'other', mode, uid, gid });
      else {
        index.add(path, { type: 'file', mode, uid, gid, size, offset });
        const account = accountFiles.includes(path) ? [] : undefined;
        const pending = writeContent(entry, file, scratch, account);
        if (pending !== undefined) await pending;
        if (account !== undefined) index.account(path, Buffer.concat(account).toString('utf8'));
      }
      const pause = file.pause();
      if (pause !== undefined) await pause;
    }
    file.write(endOfArchive);
    const blob = commitBlob(state, file);
    storeIndex(state, blob, index.serialise());
    return blob;
  } catch (error) {
    file.discard();
    throw error;
  }
}

/** Writes an entry's bytes: at once where they are at hand, else returns a promise. */
function writeContent(
  entry: PlacedEntry,
  file: HashedFile,
  scratch: Uint8Array,
  copy: Uint8Array[] | undefined,
): Promise<void> | undefined {
  const content = entry.member?.read?.(scratch) ?? new Uint8Array();
  if (content instanceof Uint8Array) {
    file.write(content);
    copy?.push(Buffer.from(content));
    finish(entry, file, content.length);
    return undefined;
  }
  return (async () => {
    const chunks = await content;
    let total = 0;
    for await (const chunk of chunks instanceof Uint8Array ? [chunks] : chunks) {
      file.write(chunk);
      copy?.push(Buffer.from(chunk));
      total += chunk.length;
      await file.pause();
    }
    finish(entry, file, total);
  })();
}

function finish(entry: PlacedEntry, file: HashedFile, total: number): void {
  if (total !== entry.size)
    throw new BakeError('ERR_BAKE_INPUT_CHANGED', `${entry.member?.path ?? entry.path} changed while it was read`, {
      data: { path: entry.member?.path ?? entry.path },
    });
  file.write(padding.subarray(0, padded(total) - total));
}
