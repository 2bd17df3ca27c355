import { fileURLToPath } from 'node:url';
import { BakeError } from '../errors/index.js';
import { draftEvent, place as placeEvent } from './append.js';
import { openBlobs } from './blobs.js';
import { catalogId } from './catalog-id.js';
import { openDirectoryStore } from './directory-store.js';
import { hintWriter } from './hints.js';
import { imageHistory } from './history.js';
import { eventKey, imageKey, imagePath, segmentSize } from './keys.js';
import { takeLease } from './lease.js';
import { Log } from './log.js';
import { rememberHeads } from './remembered.js';
import { seal } from './sealed.js';
import type { Store } from './store.js';
import type { Catalog, CatalogOptions, ImageHistory } from './types.js';
import { verifyCatalog } from './verify.js';
import { VersionIndex } from './version-index.js';

/**
 * Opens a catalog in a store, or at a path or `file:` URL. A store that is given is not closed with it.
 * Throws `ERR_BAKE_CATALOG_NOT_FOUND`, `ERR_BAKE_CATALOG_NEWER` (nothing was written then) or `ERR_BAKE_CATALOG_CORRUPT`.
 */
export async function openCatalog(place: Store | string, options: CatalogOptions = {}): Promise<Catalog> {
  if (typeof place !== 'string') return catalogOf(place, options, 'the store');
  const store = await openDirectoryStore(folderOf(place));
  try {
    const catalog = await catalogOf(store, options, place);
    return {
      ...catalog,
      async [Symbol.asyncDispose]() {
        await catalog[Symbol.asyncDispose]();
        await store[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}

function folderOf(place: string): string {
  if (place.startsWith('file:')) return fileURLToPath(place);
  const [, scheme] = /^([a-z][a-z0-9+.-]+):\/\//i.exec(place) ?? [];
  if (scheme !== undefined)
    throw new BakeError('ERR_BAKE_USAGE', `No catalogs are kept at ${scheme}: addresses`, { data: { scheme } });
  return place;
}

async function catalogOf(store: Store, options: CatalogOptions, where: string): Promise<Catalog> {
  const { create = false, stateHome, now = Date.now } = options;
  const id = await catalogId(store, create, where);
  const hints = hintWriter(store);
  const remembered = rememberHeads(stateHome, id);
  const opened = new Map<string, { readonly log: Log; readonly index: VersionIndex }>();
  const open = (path: string): { readonly log: Log; readonly index: VersionIndex } => {
    const found = opened.get(path);
    if (found !== undefined) return found;
    const log = new Log({ store, hints, remembered }, path);
    const made = { log, index: new VersionIndex(log, store, hints) };
    opened.set(path, made);
    return made;
  };
  const history = async (project: string, image: string): Promise<ImageHistory> => {
    const { log, index } = open(imagePath(project, image));
    return imageHistory(project, image, log, index, await log.head());
  };
  return {
    id,
    blobs: openBlobs(store, hints),
    history,
    async images() {
      const found: (readonly [string, string])[] = [];
      const page = 1000;
      for (let after: string | undefined; ;) {
        const keys = await store.list('images/', after, page);
        for (const key of keys) {
          const [, project = '', image = ''] = key.split('/');
          if ((await store.get(eventKey(imagePath(project, image), 1), { start: 0, end: 0 })) !== undefined)
            found.push([project, image]);
        }
        after = keys.at(-1);
        if (keys.length < page) return found;
      }
    },
    async append(project, image, { actor, run, source }, decide) {
      const path = imagePath(project, image);
      const { log, index } = open(path);
      for (;;) {
        const seen = await history(project, image);
        const decided = await decide(seen);
        if (decided === undefined) return undefined;
        const sequence = seen.sequence + 1;
        if (sequence === 1)
          await store.put(imageKey(path), seal({ schema: 1, project, image }).bytes, { ifAbsent: true });
        const time = new Date(now()).toISOString();
        const draft = draftEvent({ project, image, sequence, time, actor, run, source, previous: seen.chain }, decided);
        if (!(await placeEvent(store, log, draft))) continue;
        // The event is in, whatever is found behind it.
        const head = await log.head().catch(() => undefined);
        if (head !== undefined && sequence % segmentSize === 0) index.extend(head);
        return draft.event;
      }
    },
    lease: (name, signal, onWait) => takeLease(store, name, signal, onWait),
    verify: (verifying = {}) => verifyCatalog({ store, remembered }, verifying),
    async [Symbol.asyncDispose]() {
      await hints.settled();
    },
  };
}
