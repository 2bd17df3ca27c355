import { BakeError, isBakeError, type BuildRequest, type ResolvedBase, type Selector } from '@bakehouse/core/provider';
import { readLayout } from '../image/layout.js';
import type { StoredImage } from '../image/types.js';
import { throwIfAborted } from '../store/abort.js';
import { importBase, requireLocked, storedBase } from './import.js';
import { openBase, type BaseWorld } from './open.js';
import { retainedBase } from './retained.js';

const scratch: StoredImage = {
  config: { architecture: '', os: '', rootfs: { type: 'layers', diff_ids: [] } },
  layers: [],
};

/** What a build starts from, with all its layers in the state folder. */
export async function baseImage(world: BaseWorld, request: BuildRequest): Promise<StoredImage> {
  const { base } = request.plan.identity;
  if (base.kind === 'scratch') return scratch;
  if (base.kind === 'image') return parentImage(world, request);
  const known = storedBase(world.state, base.id);
  if (known !== undefined) return known;
  try {
    if (request.selector === undefined)
      throw new BakeError('ERR_BAKE_BASE_UNKNOWN', `the base ${base.id} is not here, and nothing says where it is`);
    return await externalBase(world, request.selector, request.base ?? { id: base.id }, base.id, request.signal);
  } catch (error) {
    throwIfAborted(request.signal);
    if (!isBakeError(error)) throw error;
    // A version that is rebuilt has its base among the retained inputs, even where the original is gone.
    const retained = await retainedBase(world, base.id, request);
    if (retained === undefined) throw error;
    return retained;
  }
}

/** Opens and imports the base that a selector leads to, if it is what was locked. */
export async function externalBase(
  world: BaseWorld,
  selector: Selector,
  locked: ResolvedBase,
  id: string,
  signal: AbortSignal,
): Promise<StoredImage> {
  const source = await openBase(world, selector, locked, signal);
  try {
    requireLocked(source.id, id, selector.key);
    return await importBase(world.state, source, `the base ${selector.key}`, signal);
  } finally {
    source.close();
  }
}

function parentImage(world: BaseWorld, request: BuildRequest): StoredImage {
  const { parent, plan } = request;
  const layout = parent === undefined ? undefined : readLayout(world.state, parent);
  if (layout === undefined || parent === undefined || layout.id !== parent.digest)
    throw new BakeError('ERR_BAKE_ARTIFACT_MISSING', `the base of ${plan.image} cannot be reached from here`, {
      data: { image: plan.image, parent: parent === undefined ? null : `${parent.image}@${parent.version}` },
    });
  return { config: layout.config, id: layout.id, layers: layout.layers };
}
