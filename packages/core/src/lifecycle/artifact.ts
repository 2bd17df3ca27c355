import { resolve } from 'node:path';
import { canonicalBuild } from '../catalog/canonical-build.js';
import type { VersionRecord } from '../catalog/state.js';
import type { Catalog, ImageHistory } from '../catalog/types.js';
import { BakeError } from '../errors/bake-error.js';
import type { ExportResult, LogsResult, Resolution } from '../library.js';
import { short } from '../plan/digest.js';
import type { Artifact, Provider } from '../provider/types.js';
import type { Project } from '../project/types.js';
import { readJson } from './blobs.js';
import { findOne } from './find.js';

/** A recorded version, the provider of its target, and its artifact where it can be reached. */
export interface Reached {
  readonly history: ImageHistory;
  readonly record: VersionRecord;
  readonly provider: Provider;
  readonly artifact: Artifact;
}

/** Finds the artifact that a ref means. Throws `ERR_BAKE_ARTIFACT_MISSING` where it is recorded but not to be reached. */
export async function reachArtifact(project: Project, ref: string, target?: string): Promise<Reached> {
  const { history, record } = await findOne(project, ref, target);
  const provider = project.targets.get(record.target)?.provider();
  if (provider === undefined) {
    throw new BakeError('ERR_BAKE_TARGET_UNKNOWN', `${ref} is for target "${record.target}", which is not defined`, {
      data: { ref, target: record.target },
    });
  }
  const key = { project: history.project, image: history.image, target: record.target, version: record.version };
  const artifact = await provider.find(key, project.signal);
  if (artifact && record.builds.some((build) => build.artifact.digest === artifact.digest)) {
    return { history, record, provider, artifact };
  }
  throw new BakeError(
    'ERR_BAKE_ARTIFACT_MISSING',
    `${ref}: the artifact of ${short(record.version)} cannot be reached`,
    {
      data: { ref, ...key },
    },
  );
}

/** One native id for a ref, flat and all strings. */
export async function resolveRef(
  project: Project,
  ref: string,
  target: string | undefined,
  at: string | undefined,
): Promise<Resolution> {
  const { history, record } = await findOne(project, ref, target);
  if (record.revoked !== null) {
    throw new BakeError('ERR_BAKE_REVOKED', `${ref} is revoked: ${record.revoked.reason}`, { data: { ref } });
  }
  const build = canonicalBuild(record);
  const published = record.locations.filter(({ destination }) => at === undefined || destination === at);
  const location = published.findLast(({ artifact }) => artifact === build?.artifact.digest);
  if (build === undefined || (at !== undefined && location === undefined)) {
    const why = build === undefined ? 'it has no artifact' : `it is not published at ${at}`;
    const places = [...new Set(record.locations.map(({ destination }) => destination))];
    throw new BakeError('ERR_BAKE_ARTIFACT_MISSING', `${ref}: ${why}`, {
      data: { ref, at: at ?? null },
      ...(build && {
        hint: places.length > 0 ? `It is published at: ${places.join(', ')}.` : 'It is published nowhere.',
      }),
    });
  }
  const key = { project: history.project, image: history.image, target: record.target, version: record.version };
  const local = location ? undefined : await project.targets.get(record.target)?.provider().find(key, project.signal);
  return {
    ...key,
    id: location?.id ?? build.artifact.id,
    digest: build.artifact.digest,
    location: location?.id ?? local?.locations[0] ?? '',
  };
}

/** Writes an image archive. */
export async function exportArtifact(
  project: Project,
  ref: string,
  file: string,
  target: string | undefined,
  cwd: string,
): Promise<ExportResult> {
  const { provider, artifact, record } = await reachArtifact(project, ref, target);
  if (!provider.export) {
    throw new BakeError('ERR_BAKE_CAPABILITY_MISSING', `target ${record.target} cannot write image archives`, {
      data: { ref, target: record.target },
    });
  }
  const path = resolve(cwd, file);
  const digest = await provider.export(artifact, path, project.signal);
  return { file: path, digest: digest.startsWith('sha256:') ? digest : `sha256:${digest}` };
}

interface Report {
  readonly checks: readonly { readonly name: string; readonly outcome: string; readonly detail: string | null }[];
  readonly log: string;
}

/** The newest build log and check report of a version. */
export async function readLogs(project: Project, ref: string, target?: string): Promise<LogsResult> {
  const { record } = await findOne(project, ref, target);
  const catalog = await project.readCatalog();
  if (catalog === undefined) return { logs: [] };
  const digest = record.builds.findLast(({ log }) => log !== null)?.log ?? null;
  const failure = record.failure?.log ?? null;
  const logs = [...(await sections(catalog, digest)), ...(failure === digest ? [] : await sections(catalog, failure))];
  if (record.failure !== null) {
    logs.push({ step: record.failure.stage, text: `${record.failure.code}: ${record.failure.message}` });
  }
  const report = record.checks.toSorted((a, b) => a.sequence - b.sequence).at(-1)?.report;
  if (report === undefined) return { logs };
  const { checks, log } = await readJson<Report>(catalog, report);
  const text = checks.map(({ name, outcome, detail }) => `${outcome}  ${name}${detail === null ? '' : `: ${detail}`}`);
  const said = (JSON.parse(log) as LogsResult).logs;
  return { logs: [...logs, ...said, ...(text.length > 0 ? [{ step: 'checks', text: text.join('\n') }] : [])] };
}

async function sections(catalog: Catalog, digest: string | null): Promise<LogsResult['logs']> {
  return digest === null ? [] : (await readJson<LogsResult>(catalog, digest)).logs;
}
