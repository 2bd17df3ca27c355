import type { VersionSet } from '../catalog/events.js';
import type { VersionRecord } from '../catalog/state.js';
import type { ImageHistory } from '../catalog/types.js';
import { suggest } from '../definition/suggest.js';
import { BakeError } from '../errors/bake-error.js';
import { unknownTarget } from '../project/selection.js';
import { branchOf } from '../project/branch.js';
import type { Project } from '../project/types.js';
import { readLock } from '../lock/file.js';
import { parseRef, type Ref } from './ref.js';

/** The versions a ref means: one per target. */
export interface Found {
  readonly ref: Ref;
  readonly history: ImageHistory;
  readonly records: readonly VersionRecord[];
}

/**
 * Looks a ref up in the catalog. Throws `ERR_BAKE_REF_INVALID`, `ERR_BAKE_REF_UNKNOWN`, and for a prefix that fits more
 * than one version `ERR_BAKE_REF_AMBIGUOUS`.
 */
export async function findRef(project: Project, text: string, target?: string): Promise<Found> {
  const ref = parseRef(text);
  const history = await (await project.readCatalog())?.history(ref.project ?? project.definition.name, ref.image);
  if (history === undefined || history.sequence === 0) throw unknownImage(project, text, ref);
  const all = await recordsOf(project, history, ref, text);
  const records = target === undefined ? all : all.filter((record) => record.target === target);
  if (records.length > 0) return { ref, history, records };
  if (target !== undefined && !project.targets.has(target)) throw unknownTarget(target, [...project.targets.keys()]);
  const why = all.length > 0 ? `it has no version for target ${target}` : await nothingText(ref, history);
  throw new BakeError('ERR_BAKE_REF_UNKNOWN', `${text}: ${why}`, { data: { ref: text, target: target ?? null } });
}

/** The one version that a ref means; with several targets `--target` has to say which. */
export async function findOne(
  project: Project,
  text: string,
  target?: string,
): Promise<{ readonly history: ImageHistory; readonly record: VersionRecord }> {
  const { history, records } = await findRef(project, text, target);
  const [record] = records;
  if (record !== undefined && records.length === 1) return { history, record };
  throw new BakeError('ERR_BAKE_REF_AMBIGUOUS', `${text} means one version for each of several targets`, {
    hint: `Add --target with one of: ${records.map((each) => each.target).join(', ')}.`,
    data: { ref: text, targets: records.map((each) => each.target) },
  });
}

async function recordsOf(
  project: Project,
  history: ImageHistory,
  { at }: Ref,
  text: string,
): Promise<readonly VersionRecord[]> {
  switch (at.kind) {
    case 'version': {
      const found = await history.find(at.prefix);
      if (new Set(found.map(({ version }) => version)).size <= 1) return found;
      throw new BakeError('ERR_BAKE_REF_AMBIGUOUS', `${text} fits ${found.length} versions`, {
        data: { ref: text, versions: found.map(({ version }) => version) },
      });
    }
    case 'latest':
      return members(history, history.latest(await project.defaultBranch())?.versions);
    case 'current': {
      const branch = branchOf({
        given: undefined,
        locked: readLock(project.root).branch,
        git: await project.git(),
        env: project.env,
      });
      const baked = history.latest(branch) ?? history.latest(await project.defaultBranch());
      return members(history, baked?.versions);
    }
    case 'commit': {
      const bakes = await history.bakes();
      return members(history, bakes.find(({ source }) => source?.commit.startsWith(at.prefix))?.versions);
    }
    case 'channel': {
      if (at.back === 0) {
        return members(history, history.channels.find(({ channel }) => channel === at.channel)?.versions);
      }
      return members(history, await earlier(history, at.channel, at.back));
    }
    case 'channelAt':
      return members(history, await setAt(history, at.channel, (move) => move.time <= at.time));
  }
}

/** Where a channel pointed `back` moves ago. */
async function earlier(history: ImageHistory, channel: string, back: number): Promise<VersionSet | undefined> {
  const moves = (await history.moves()).filter((move) => move.channel === channel);
  const last = moves[back];
  return last && setAt(history, channel, (move) => move.sequence <= last.sequence);
}

/** Where a channel pointed after the moves that `counts` lets in. */
async function setAt(
  history: ImageHistory,
  channel: string,
  counts: (move: { readonly time: string; readonly sequence: number }) => boolean,
): Promise<VersionSet | undefined> {
  const versions: Record<string, string> = {};
  for (const move of (await history.moves()).toReversed()) {
    if (move.channel !== channel || !counts(move)) continue;
    for (const [target, { to }] of Object.entries(move.moves)) versions[target] = to;
  }
  return Object.keys(versions).length > 0 ? versions : undefined;
}

async function members(history: ImageHistory, set: VersionSet | undefined): Promise<readonly VersionRecord[]> {
  const records = await Promise.all(
    Object.entries(set ?? {}).map(([target, version]) => history.version(target, version)),
  );
  return records.filter((record) => record !== undefined);
}

async function nothingText({ at }: Ref, history: ImageHistory): Promise<string> {
  if (at.kind === 'version') return 'no recorded version begins with that';
  if (at.kind === 'commit') return 'nothing was baked from that commit';
  if (at.kind === 'channel' || at.kind === 'channelAt') {
    const known = history.channels.map(({ channel }) => channel);
    const meant = suggest(at.channel, known);
    return `the channel points nowhere${meant === null ? '' : `; did you mean ${meant}?`}`;
  }
  return 'nothing passed all of its checks there yet; name a version, as in IMAGE@VERSION';
}

function unknownImage(project: Project, text: string, ref: Ref): BakeError {
  const images = Object.keys(project.definition.images);
  if (ref.project === undefined && !images.includes(ref.image)) {
    const meant = suggest(ref.image, images);
    return new BakeError('ERR_BAKE_IMAGE_UNKNOWN', `there is no image "${ref.image}"`, {
      hint: meant === null ? `Images: ${images.join(', ')}.` : `Did you mean ${meant}?`,
      data: { ref: text, known: images },
    });
  }
  const named = ref.project === undefined ? ref.image : `${ref.project}/${ref.image}`;
  const hint = ref.project === undefined ? `Build it with: bake build ${ref.image}` : undefined;
  return new BakeError('ERR_BAKE_REF_UNKNOWN', `${text}: nothing is recorded of ${named} in this catalog`, {
    data: { ref: text },
    ...(hint !== undefined && { hint }),
  });
}
