import { gzipSync } from 'node:zlib';
import { encodeHeader, endOfArchive, padded } from '../../src/tar/header.js';
import type { TarType } from '../../src/tar/types.js';

/** A member of a test's archive; a name that ends with `/` is a folder. */
export interface TarItem {
  readonly name: string;
  readonly type?: TarType;
  readonly text?: string | Uint8Array;
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** An uncompressed archive, hostile names and all. */
export function makeTar(items: readonly TarItem[]): Buffer {
  const parts: Buffer[] = [];
  for (const item of items) {
    const type = item.type ?? (item.link !== undefined ? 'link' : item.name.endsWith('/') ? 'folder' : 'file');
    const content = Buffer.from(item.text ?? '');
    parts.push(
      encodeHeader({
        path: type === 'folder' ? item.name.replace(/\/$/, '') : item.name,
        type,
        mode: item.mode ?? (type === 'folder' ? 0o755 : 0o644),
        uid: item.uid ?? 0,
        gid: item.gid ?? 0,
        size: type === 'file' ? content.length : 0,
        target: item.link ?? '',
        xattrs: item.xattrs,
      }),
    );
    if (type === 'file') parts.push(content, Buffer.alloc(padded(content.length) - content.length));
  }
  return Buffer.concat([...parts, endOfArchive]);
}

/** The same, gzipped. */
export function makeTarGz(items: readonly TarItem[]): Buffer {
  return gzipSync(makeTar(items));
}
