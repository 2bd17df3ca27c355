import { BakeError } from '../errors/bake-error.js';
import type { Lock, LockedBase } from '../lock/types.js';
import type { BaseChoice } from '../plan/reach.js';
import { lockedBase } from '../lock/resolve.js';
import type { Project } from './types.js';

interface WantedProjectBase {
  readonly image: string;
  readonly target: string;
  readonly base: Extract<BaseChoice, { kind: 'project' }>;
}

/**
 * Pins a base that another project made to the version its channel points to.
 * Throws `ERR_BAKE_BASE_UNKNOWN` where the channel points nowhere, `ERR_BAKE_REVOKED` where the version is forbidden.
 */
export async function lockProjectBase(
  project: Project,
  lock: Lock,
  wanted: WantedProjectBase,
): Promise<{ readonly base: LockedBase; readonly added: boolean }> {
  const { image, target, base } = wanted;
  const key = `${base.project}/${base.image}@${base.channel}`;
  const locked = lockedBase(lock, { image, target, selector: { key, value: key } });
  const fresh = locked !== undefined && !locked.stale;
  if (!fresh && project.frozen) {
    throw new BakeError('ERR_BAKE_LOCK_FROZEN', `images.${image}: bake.lock does not pin ${key}`, { data: { image } });
  }
  const history = await (await project.readCatalog())?.history(base.project, base.image);
  const version = fresh
    ? locked.entry.id
    : history?.channels.find(({ channel }) => channel === base.channel)?.versions[target];
  const record = version === undefined ? undefined : await history?.version(target, version);
  if (version === undefined || record === undefined) {
    throw new BakeError('ERR_BAKE_BASE_UNKNOWN', `images.${image}.from: ${key} names no version for target ${target}`, {
      hint: 'Both projects must record to the same catalog, and the channel must point somewhere.',
      data: { image, target, base: key },
    });
  }
  if (record.revoked !== null) {
    throw new BakeError('ERR_BAKE_REVOKED', `images.${image}.from: ${key} is revoked: ${record.revoked.reason}`, {
      data: { image, target, version },
    });
  }
  if (fresh) return { base: locked.entry, added: false };
  const resolvedAt = new Date(project.now()).toISOString();
  return { base: { image, target, scope: null, selector: key, id: version, reference: key, resolvedAt }, added: true };
}
