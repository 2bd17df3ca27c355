import * as fs from 'node:fs';
import { resolve } from 'node:path';
import {
  isBakeError,
  type OciDigest,
  type ProviderContext,
  type ResolvedBase,
  type Selector,
} from '@bakehouse/core/provider';
import type { StateFolder } from '../store/state.js';
import type { RegistryClient } from '../registry/index.js';
import { openArchive } from './archive.js';
import { folderFiles } from './files.js';
import { openOci } from './oci.js';
import { openRegistry, resolveReference } from './registry.js';
import { importRootfs, openRootfs } from './rootfs.js';
import { baseSelector } from './selector.js';
import { invalidBase, unknownBase, type BaseSource } from './source.js';
import { rememberedByStat } from './stat-cache.js';

/** What opening a base needs to know. */
export interface BaseWorld {
  readonly context: Pick<ProviderContext, 'root' | 'platform' | 'env'>;
  readonly state: StateFolder;
  /** Made when first asked for. */
  registry(): Promise<RegistryClient>;
}

/** A selector to one immutable id. Throws `ERR_BAKE_BASE_UNKNOWN`, `_INVALID`, `_PLATFORM`. */
export async function resolveBase(world: BaseWorld, selector: Selector, signal: AbortSignal): Promise<ResolvedBase> {
  const base = baseSelector(selector);
  if (base.kind === 'scratch') return { id: 'scratch', reference: selector.key };
  if (base.kind === 'registry')
    return resolveReference(await world.registry(), base.reference, world.context.platform, signal);
  const source = await openBase(world, selector, undefined, signal);
  try {
    return { id: source.id, reference: selector.key };
  } finally {
    source.close();
  }
}

/** Opens a base for reading. `locked` is what the lock has for it. To be closed by the caller. */
export async function openBase(
  world: BaseWorld,
  selector: Selector,
  locked: ResolvedBase | undefined,
  signal: AbortSignal,
): Promise<BaseSource> {
  const base = baseSelector(selector);
  const { context, state } = world;
  if (base.kind === 'scratch') throw unknownBase('scratch holds nothing that could be opened');
  if (base.kind === 'registry') {
    const client = await world.registry();
    const reference = locked?.reference ?? (await client.resolve(base.reference, context.platform, signal)).reference;
    return openRegistry(client, reference, context.platform, signal);
  }
  const path = resolve(context.root, base.path);
  const stat = fs.statSync(path, { throwIfNoEntry: false });
  const what = `the base ${selector.key}`;
  if (stat === undefined) throw unknownBase(`${what} does not exist: ${path}`);
  if (base.kind === 'oci') {
    if (!stat.isDirectory()) throw invalidBase(what, 'is not a folder; for an image in one file write archive:PATH');
    return openOci(folderFiles(path), base.reference, context.platform, what);
  }
  if (!stat.isFile()) throw invalidBase(what, 'is not a file');
  try {
    if (base.kind === 'archive') return await openArchive(path, base.reference, context.platform, what, state, signal);
    const diffId = await rememberedByStat(state, 'rootfs', path, () => importRootfs(path, what, state, signal));
    return openRootfs(path, diffId as OciDigest, context.platform);
  } catch (error) {
    if (isBakeError(error, 'ERR_BAKE_ARCHIVE_INVALID')) throw invalidBase(what, error.message, error);
    throw error;
  }
}
