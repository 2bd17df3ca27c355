import type { Catalog } from '../catalog/types.js';
import { isBakeError } from '../errors/bake-error.js';
import type { Digest } from '../plan/digest.js';
import type { LoadTree } from '../plan/explain.js';
import type { Plan } from '../plan/types.js';
import { chunks } from '../tree/reader.js';
import { decodeTree } from '../tree/tree-object.js';

/** Reads a blob whole. For small ones: plans, reports, logs, tree objects. */
export async function readBlob(catalog: Catalog, digest: Digest): Promise<Uint8Array> {
  const { content } = await catalog.blobs.read(digest);
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks(content)) parts.push(chunk);
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
}

/** Reads a blob that holds JSON which this library wrote. */
export async function readJson<T>(catalog: Catalog, digest: Digest): Promise<T> {
  return JSON.parse(Buffer.from(await readBlob(catalog, digest)).toString('utf8')) as T;
}

/** The plan of a record; `undefined` where the build failed before it was recorded. */
export async function readPlan(catalog: Catalog, plan: Digest | null): Promise<Plan | undefined> {
  return plan === null ? undefined : readJson<Plan>(catalog, plan);
}

/** Reads tree objects from snapshots at hand, else from the catalog; what was forgotten is not at hand. */
export function treeLoader(
  catalog: Catalog | undefined,
  atHand: ReadonlyMap<Digest, Uint8Array> = new Map(),
): LoadTree {
  return async (digest) => {
    const bytes = atHand.get(digest) ?? (catalog && (await stored(catalog, digest)));
    return bytes && decodeTree(bytes);
  };
}

async function stored(catalog: Catalog, digest: Digest): Promise<Uint8Array | undefined> {
  try {
    return await readBlob(catalog, digest);
  } catch (error) {
    if (isBakeError(error, 'ERR_BAKE_BLOB_MISSING') || isBakeError(error, 'ERR_BAKE_BLOB_FORGOTTEN')) return undefined;
    throw error;
  }
}
