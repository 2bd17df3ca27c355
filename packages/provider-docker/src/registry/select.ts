import { invalidBase, parseDocument, wrongPlatform } from '../base/source.js';
import { readBlob } from './blob.js';
import { asObject } from './docker-config.js';
import { fetchManifest, type IndexEntry } from './manifest.js';
import { documentKind } from './media-types.js';
import {
  formatPlatform,
  foundPlatform,
  parsePlatform,
  platformDistance,
  type FoundPlatform,
  type Platform,
} from './platform.js';
import { formatReference } from './reference.js';
import type { Transport } from './transport.js';
import type { Descriptor, ImageManifest, Reference } from './types.js';

/** Configurations are documents too, and are held in memory. */
const largestConfig = 4 * 1024 * 1024;
/** How deep indexes may be nested, and how many entries that say no platform are looked into. */
const deepest = 3;
const mostUnnamed = 16;

/** The one image that a reference means on a platform. Throws `ERR_BAKE_BASE_PLATFORM` where there is none. */
export async function selectImage(
  transport: Transport,
  reference: Reference,
  platform: string,
  signal: AbortSignal,
): Promise<ImageManifest> {
  const wanted = parsePlatform(platform);
  const what = formatReference(reference);
  const available = new Set<string>();
  let unnamed = 0;

  /** `named`: an index says for this very manifest that it is for the platform. */
  const look = async (at: Reference, named: boolean, depth: number): Promise<ImageManifest | undefined> => {
    if (depth > deepest) throw invalidBase(what, 'has indexes in indexes without end');
    const document = await fetchManifest(transport, at, signal);
    if (document.kind === 'image') {
      const found = named ? wanted : await configPlatform(transport, at, document.config, signal);
      available.add(formatPlatform(found));
      return platformDistance(wanted, found) === undefined ? undefined : document;
    }
    const entries = document.manifests.filter((entry) => !entry.isAttestation && documentKind(entry.mediaType));
    for (const { platform: said } of entries) if (said !== undefined) available.add(formatPlatform(said));
    const best = nearest(entries, wanted);
    if (best !== undefined) return look(child(at, best), true, depth + 1);
    for (const entry of entries.filter(({ platform: said }) => said === undefined)) {
      if (++unnamed > mostUnnamed) return undefined;
      const found = await look(child(at, entry), false, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  };

  const found = await look(reference, false, 0);
  if (found !== undefined) return found;
  if (available.size === 0) throw invalidBase(what, 'is an index without images');
  throw wrongPlatform(what, platform, [...available].sort());
}

/** The first of those that come nearest. */
function nearest(entries: readonly IndexEntry[], wanted: Platform): IndexEntry | undefined {
  const distance = ({ platform }: IndexEntry): number =>
    (platform === undefined ? undefined : platformDistance(wanted, platform)) ?? Infinity;
  const least = Math.min(...entries.map(distance));
  return least === Infinity ? undefined : entries.find((entry) => distance(entry) === least);
}

function child({ registry, repository }: Reference, { digest }: IndexEntry): Reference {
  return { registry, repository, digest };
}

async function configPlatform(
  transport: Transport,
  reference: Reference,
  config: Descriptor,
  signal: AbortSignal,
): Promise<FoundPlatform> {
  const what = `the configuration of ${formatReference(reference)}`;
  if (config.size > largestConfig) throw invalidBase(what, `has more than ${largestConfig} bytes`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of readBlob(transport, reference, config, signal)) chunks.push(chunk);
  const found = foundPlatform(asObject(parseDocument(Buffer.concat(chunks), what)));
  if (found.os === undefined || found.architecture === undefined) throw invalidBase(what, 'says no platform');
  return found;
}
