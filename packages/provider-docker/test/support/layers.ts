import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { extract } from 'tar-stream';
import type { Artifact } from '@bakehouse/core/provider';
import type { ImageConfig } from '../../src/image/types.js';
import type { World } from './world.js';

/** `path mode uid:gid [xattrs] [-> target | = content]`; folders end with `/`. */
export type LayerEntry = string;

/** An artifact's configuration. */
export function configOf(world: World, artifact: Artifact): ImageConfig {
  return JSON.parse(blob(world, artifact.id).toString('utf8')) as ImageConfig;
}

/** The uncompressed layers' digests, the lowest first. */
export function layersOf(world: World, artifact: Artifact): readonly string[] {
  return configOf(world, artifact).rootfs.diff_ids;
}

/** The entries of one layer, by default the top one, as a reader that is not ours sees them. */
export async function layerOf(world: World, artifact: Artifact, at = -1): Promise<readonly LayerEntry[]> {
  return tarEntries(blob(world, layersOf(world, artifact).at(at) ?? ''));
}

/** The entries of an archive, as a reader that is not ours sees them. */
export async function tarEntries(bytes: Buffer): Promise<readonly LayerEntry[]> {
  const lines: string[] = [];
  const reader = extract();
  reader.end(bytes);
  for await (const entry of reader) {
    const { header } = entry;
    const parts: Buffer[] = [];
    for await (const part of entry) parts.push(part as Buffer);
    const path = header.type === 'directory' && !header.name.endsWith('/') ? `${header.name}/` : header.name;
    const xattrs = Object.entries(header.pax ?? {}).flatMap(([key, value]) =>
      key.startsWith('SCHILY.xattr.') ? [` ${key.slice(13)}=${xattr(bytes, key, value)}`] : [],
    );
    const content =
      header.type === 'file'
        ? ` = ${Buffer.concat(parts).toString()}`
        : header.type === 'directory'
          ? ''
          : ` ${header.type === 'link' ? '=>' : '->'} ${header.linkname ?? ''}`;
    if (header.mtime?.getTime() !== 0 || header.uname !== '' || header.gname !== '') lines.push(`not plain: ${path}`);
    lines.push(`${path} ${(header.mode ?? 0).toString(8)} ${header.uid}:${header.gid}${xattrs.join('')}${content}`);
  }
  return lines;
}

/** The raw value: the reader decodes values as text, which binary ones do not survive. */
function xattr(bytes: Buffer, key: string, decoded: string): string {
  const start = bytes.indexOf(`${key}=`) + key.length + 1;
  const end = bytes.indexOf(0x0a, start);
  return start > key.length ? bytes.subarray(start, end).toString('base64') : decoded;
}

function blob(world: World, digest: string): Buffer {
  return readFileSync(join(world.stateDir, 'blobs', digest.replace(':', '/')));
}
