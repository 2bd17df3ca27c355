import { isDigest } from '../plan/digest.js';
import { parseCatalog } from './catalog-id.js';
import { catalogKey, imageKey, isName } from './keys.js';
import { throwIfAborted } from './lease.js';
import { shards } from './mention-index.js';
import type { Remembered } from './remembered.js';
import { segmentBounds } from './segments.js';
import { unseal } from './sealed.js';
import type { Store } from './store.js';
import { valueBytes } from './streams.js';
import type { VerifyReport } from './types.js';
import { BlobCheck } from './verify-blobs.js';
import { openClosure } from './verify-closure.js';
import { faultList, type Faults } from './verify-faults.js';
import { LogReplay } from './verify-log.js';

export interface VerifyContext {
  readonly store: Store;
  readonly remembered: Remembered;
}

const page = 50_000;

/** Rehashes every blob, replays every log, names what is stray, and goes on to the end whatever it finds. */
export async function verifyCatalog(
  { store, remembered }: VerifyContext,
  { acceptHead = false, signal }: { readonly acceptHead?: boolean; readonly signal?: AbortSignal },
): Promise<VerifyReport> {
  throwIfAborted(signal);
  const faults = faultList();
  const closure = await openClosure(store, faults);
  const blobs = await BlobCheck.open({ store, faults, signal });
  const context = { store, remembered, faults, closure, acceptHead };
  /** How far each log goes. */
  const logs = new Map<string, number>();
  const announced = new Set<string>();
  /** Images that something was derived for. */
  const derived = new Set<string>();
  const chunks: string[] = [];
  let events = 0;
  let replay: LogReplay | undefined;
  const end = async (): Promise<void> => {
    if (replay === undefined) return;
    await replay.end();
    logs.set(replay.path, replay.sequence);
    events += replay.events;
    replay = undefined;
  };

  await verifyId(store, faults);
  // In byte order: chunks, head, images, index, leases, log, packs, segments, tombstones.
  for await (const key of keys(store)) {
    throwIfAborted(signal);
    const { folder, path, name } = split(key);
    if (folder !== 'log') await end();
    if (folder === 'log' && path !== undefined && /^[0-9]{12}$/.test(name) && Number(name) > 0) {
      if (replay?.path !== path) {
        await end();
        replay = new LogReplay(context, path);
      }
      await replay.add(Number(name));
    } else if (folder === 'images' && path !== undefined && name === '') {
      announced.add(path);
      await verifyImage(store, faults, path);
    } else if (folder === 'head' && path !== undefined && name === '') derived.add(path);
    else if (folder === 'index' && path !== undefined && shards.includes(name)) derived.add(path);
    else if (folder === 'segments' && path !== undefined && /^[0-9]{9}$/.test(name) && Number(name) > 0) {
      if (segmentBounds(Number(name)).last > (logs.get(path) ?? 0))
        faults.add('segment', key, 'it is of events that are not in the log');
    } else if (/^packs\/[0-9a-f]{64}\.pack$/.test(key)) await blobs.pack(key.slice('packs/'.length, -'.pack'.length));
    else if (/^chunks\/[0-9a-f]{64}$/.test(key)) chunks.push(key.slice('chunks/'.length));
    else if (folder === 'tombstones' && isDigest(key.slice('tombstones/'.length))) {
      const blob = key.slice('tombstones/'.length);
      await blobs.tombstone(blob, closure.index.has(blob));
    } else if (folder !== 'leases' && key !== catalogKey && key !== 'packs/index')
      faults.add('stray', key, 'it is no part of a catalog');
  }
  await end();

  for (const path of new Set([...announced, ...derived])) {
    if (logs.has(path)) continue;
    // Announced, and nothing appended yet; unless something is known of events that are gone.
    await new LogReplay(context, path).end();
  }
  for (const path of logs.keys())
    if (!announced.has(path)) faults.add('image', imageKey(path), 'it is not there, but the log is');
  for (const chunk of chunks) {
    throwIfAborted(signal);
    await blobs.chunk(chunk);
  }
  blobs.end();
  return { blobs: closure.index.count, events, faults: faults.all };
}

async function verifyId(store: Store, faults: Faults): Promise<void> {
  await faults.guard('catalog', catalogKey, async () => {
    const bytes = await valueBytes(await store.get(catalogKey));
    if (bytes === undefined) throw new Error('it is not there');
    parseCatalog(bytes);
  });
}

async function verifyImage(store: Store, faults: Faults, path: string): Promise<void> {
  await faults.guard('image', imageKey(path), async () => {
    const bytes = await valueBytes(await store.get(imageKey(path)));
    const sealed = bytes && (unseal(bytes) as { readonly project?: unknown; readonly image?: unknown } | undefined);
    if (sealed === undefined || `${String(sealed.project)}/${String(sealed.image)}` !== path)
      throw new Error('its bytes are not those that were written');
  });
}

/** All keys, in byte order. */
async function* keys(store: Store): AsyncGenerator<string, void, undefined> {
  for (let after: string | undefined; ;) {
    const found = await store.list('', after, page);
    yield* found;
    after = found.at(-1);
    if (found.length < page) return;
  }
}

/** `folder/project/image/name`; `path` is `project/image`, where these can be names. */
function split(key: string): { readonly folder: string; readonly path: string | undefined; readonly name: string } {
  const [folder = '', project = '', image = '', ...rest] = key.split('/');
  return { folder, path: isName(project) && isName(image) ? `${project}/${image}` : undefined, name: rest.join('/') };
}
