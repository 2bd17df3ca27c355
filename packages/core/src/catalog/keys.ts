import { BakeError } from '../errors/index.js';
import type { Digest } from '../plan/digest.js';

/** Events of one segment. Part of the format. */
export const segmentSize: number = 1000;

export const catalogKey: string = 'catalog.json';

const keyPattern = /^(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)*$/;
const namePattern = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;

/** Whether `key` is `/` separated segments of `[A-Za-z0-9._-]`, none of them `.` or `..`. */
export function isKey(key: string): boolean {
  return key.length <= 1024 && keyPattern.test(key);
}

/** Throws `ERR_BAKE_STORE` for what is not a key: it would reach outside of the store, or mean something else elsewhere. */
export function assertKey(key: string): void {
  if (!isKey(key)) throw new BakeError('ERR_BAKE_STORE', `Not a key of a store: ${JSON.stringify(key)}`);
}

/** Whether `name` can be a segment of a key: a project, an image, a lease. */
export function isName(name: string): boolean {
  return namePattern.test(name);
}

/** `project/image`, as it stands in every key that belongs to an image. */
export function imagePath(project: string, image: string): string {
  for (const name of [project, image])
    if (!isName(name))
      throw new BakeError('ERR_BAKE_USAGE', `Not a name of a project or image: ${JSON.stringify(name)}`);
  return `${project}/${image}`;
}

export function eventKey(path: string, sequence: number): string {
  return `log/${path}/${String(sequence).padStart(12, '0')}`;
}

/** Segments count from 1: segment `n` holds the events from `1000 * (n - 1) + 1` to `1000 * n`. */
export function segmentKey(path: string, segment: number): string {
  return `segments/${path}/${String(segment).padStart(9, '0')}`;
}

export function headKey(path: string): string {
  return `head/${path}`;
}

/** Written once, before the first event: `images()` need not list logs. */
export function imageKey(path: string): string {
  return `images/${path}`;
}

/** `shard` is the first hex digit of the versions in it, or `sets`. */
export function indexKey(path: string, shard: string): string {
  return `index/${path}/${shard}`;
}

export function packKey(pack: Digest): string {
  return `packs/${pack}.pack`;
}

/** The consolidated list of what is in which pack: a hint. */
export const packIndexKey: string = 'packs/index';

export function chunkKey(chunk: Digest): string {
  return `chunks/${chunk}`;
}

export function tombstoneKey(blob: Digest): string {
  return `tombstones/${blob}`;
}

export function leaseKey(name: string): string {
  if (!isName(name)) throw new BakeError('ERR_BAKE_USAGE', `Not a name of a lease: ${JSON.stringify(name)}`);
  return `leases/${name}`;
}
