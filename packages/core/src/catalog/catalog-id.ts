import { randomUUID } from 'node:crypto';
import { BakeError } from '../errors/index.js';
import { corrupt } from './event-codec.js';
import { catalogKey } from './keys.js';
import { seal, unseal } from './sealed.js';
import type { Store } from './store.js';
import { valueBytes } from './streams.js';

/**
 * The id of the catalog in a store, made where there is none and `create` allows it. `where` is for messages.
 * Throws `ERR_BAKE_CATALOG_NOT_FOUND`, `ERR_BAKE_CATALOG_NEWER` or `ERR_BAKE_CATALOG_CORRUPT`.
 */
export async function catalogId(store: Store, create: boolean, where: string): Promise<string> {
  const bytes = await valueBytes(await store.get(catalogKey));
  if (bytes !== undefined) return parseCatalog(bytes);
  if (!create)
    throw new BakeError('ERR_BAKE_CATALOG_NOT_FOUND', `There is no catalog in ${where}`, { data: { where } });
  // Under a new id the heads that were seen would be forgotten, and a cut log would pass.
  if ((await store.list('log/', undefined, 1)).length > 0) throw corrupt(catalogKey, 'it is not there, but logs are');
  await store.put(catalogKey, seal({ schema: 1, id: randomUUID() }).bytes, { ifAbsent: true });
  const written = await valueBytes(await store.get(catalogKey));
  if (written === undefined)
    throw new BakeError('ERR_BAKE_STORE', `The catalog in ${where} was written, but is not there`);
  return parseCatalog(written);
}

/** The id in the bytes of `catalog.json`. */
export function parseCatalog(bytes: Uint8Array): string {
  const sealed = unseal(bytes);
  if (sealed === undefined) throw corrupt(catalogKey, 'its bytes are not those that were written');
  if (sealed.schema > 1)
    throw new BakeError(
      'ERR_BAKE_CATALOG_NEWER',
      `The catalog has schema ${sealed.schema}; this version of Bakehouse knows 1`,
    );
  const { id } = sealed as unknown as { readonly id?: unknown };
  if (typeof id !== 'string' || !/^[0-9a-f-]{36}$/.test(id)) throw corrupt(catalogKey, 'it holds no id');
  return id;
}
