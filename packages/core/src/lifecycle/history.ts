import type { VersionRecord } from '../catalog/state.js';
import { canonicalBuild } from '../catalog/canonical-build.js';
import type { Catalog, ImageHistory } from '../catalog/types.js';
import type { HistoryOptions, HistoryResult, HistoryVersion, ShowResult } from '../library.js';
import { BakeError } from '../errors/bake-error.js';
import type { Project } from '../project/types.js';
import { hintFor } from '../project/selection.js';
import { readPlan } from './blobs.js';
import { findOne } from './find.js';

const defaultLimit = 20;

/** Versions of one image or of all, newest first. */
export async function readHistory(project: Project, options: HistoryOptions): Promise<HistoryResult> {
  const catalog = await project.readCatalog();
  const names = await imagesOf(project, catalog, options.image);
  const versions: HistoryVersion[] = [];
  for (const image of names) {
    const history = await catalog?.history(project.definition.name, image);
    if (history) versions.push(...(await versionsOf(history, options)));
  }
  versions.sort((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0));
  return { versions: versions.slice(0, options.limit ?? defaultLimit) };
}

async function imagesOf(project: Project, catalog: Catalog | undefined, image?: string): Promise<readonly string[]> {
  const recorded = (await catalog?.images()) ?? [];
  const names = recorded.filter(([name]) => name === project.definition.name).map(([, each]) => each);
  if (image === undefined) return names;
  if (names.includes(image)) return [image];
  if (Object.hasOwn(project.definition.images, image)) return [];
  throw new BakeError('ERR_BAKE_IMAGE_UNKNOWN', `there is no image "${image}"`, {
    hint: hintFor(image, [...new Set([...Object.keys(project.definition.images), ...names])], 'Images'),
    data: { image },
  });
}

async function versionsOf(history: ImageHistory, { limit, branch }: HistoryOptions): Promise<HistoryVersion[]> {
  const records = await history.versions(branch === undefined ? (limit ?? defaultLimit) : undefined);
  return records
    .filter((record) => branch === undefined || record.branch === branch)
    .map((record) => historyVersion(history, record));
}

/** A record as `history` shows it. */
export function historyVersion(history: ImageHistory, record: VersionRecord): HistoryVersion {
  const build = canonicalBuild(record);
  const channels = history.channels.filter(({ versions }) => versions[record.target] === record.version);
  return {
    image: history.image,
    target: record.target,
    version: record.version,
    createdAt: record.createdAt,
    branch: record.branch,
    parents: record.parents.map(({ version }) => version),
    base: record.base,
    source: record.source,
    state: stateOf(record),
    channels: channels.map(({ channel }) => channel),
    artifact: build ? { id: build.artifact.id, digest: build.artifact.digest } : null,
  };
}

/** The state that matters most: forbidden, failed, gone, else what the checks of the canonical artifact said last. */
export function stateOf(record: VersionRecord): HistoryVersion['state'] {
  if (record.revoked !== null) return 'revoked';
  const build = canonicalBuild(record);
  if (build === undefined) return record.failure === null && record.builds.length > 0 ? 'retired' : 'failed';
  const checks = record.checks.filter(({ artifact }) => artifact === build.artifact.digest);
  const newest = checks.reduce<(typeof checks)[number] | undefined>(
    (last, check) => (last === undefined || check.sequence > last.sequence ? check : last),
    undefined,
  );
  if (newest === undefined || newest.outcome === 'unchecked') return 'unchecked';
  return newest.outcome === 'passed' ? 'checked' : 'failed';
}

/** Everything known about the version that a ref means. */
export async function showVersion(project: Project, ref: string, target?: string): Promise<ShowResult> {
  const { history, record } = await findOne(project, ref, target);
  const catalog = await project.readCatalog();
  const events = [];
  for await (const event of history.events()) {
    if ('payload' in event && JSON.stringify(event.payload).includes(`"${record.version}"`)) events.push(event);
  }
  return {
    ...historyVersion(history, record),
    project: history.project,
    plan: (catalog && (await readPlan(catalog, record.plan))) ?? null,
    record,
    events: events as ShowResult['events'],
  };
}
