import type { EventPayloads } from './events.js';
import { isKnown, type LogEvent } from './event-codec.js';
import type { BakedSet, BuildRecord, ChannelEvent, CheckRecord, VersionRecord } from './state.js';
import type { Version } from '../plan/digest.js';

/** A version's record, and the sequence of the event that it was created by. */
export interface FoldedRecord {
  readonly created: number;
  readonly record: VersionRecord;
}

/** The versions that an event says something about: those whose record it may change. */
export function mentions(event: LogEvent): readonly Version[] {
  if (!isKnown(event)) return [];
  switch (event.type) {
    case 'built':
    case 'checked':
    case 'published':
    case 'deprecated':
    case 'retired':
    case 'rebuilt':
    case 'failed':
      return [event.payload.version];
    case 'revoked':
    case 'restored':
      return [...new Set(event.payload.versions)];
    default:
      return [];
  }
}

/**
 * Records of all versions that the events speak of, in order of creation.
 * Any subset of a log gives right records for those versions all of whose events (see {@link mentions}) are in it.
 */
export function foldRecords(events: Iterable<LogEvent>): readonly FoldedRecord[] {
  const drafts = new Map<string, Draft>();
  // Revoking covers what is built later too, so it is kept apart from the records.
  const revoked = new Map<Version, NonNullable<VersionRecord['revoked']>>();
  for (const event of events) {
    if (!isKnown(event)) continue;
    if (event.type === 'revoked')
      for (const version of event.payload.versions)
        revoked.set(version, { reason: event.payload.reason, time: event.time });
    else if (event.type === 'restored') for (const version of event.payload.versions) revoked.delete(version);
    else if ('target' in event.payload) {
      const { target, version } = event.payload;
      const key = `${version} ${target}`;
      const draft = foldOne(drafts.get(key), event as RecordEvent);
      if (draft !== undefined) drafts.set(key, draft);
    }
  }
  return [...drafts.values()]
    .sort((a, b) => a.created - b.created)
    .map(({ created, record }) => ({ created, record: { ...record, revoked: revoked.get(record.version) ?? null } }));
}

type Draft = FoldedRecord & { readonly built: boolean };
type RecordType = 'built' | 'checked' | 'published' | 'deprecated' | 'retired' | 'rebuilt' | 'failed';
type RecordEvent = Extract<LogEvent, { readonly type: RecordType }>;

function foldOne(draft: Draft | undefined, event: RecordEvent): Draft | undefined {
  if (event.type === 'built') return addBuilt(draft, event, event.payload);
  if (event.type === 'failed') return addFailed(draft, event, event.payload);
  if (draft === undefined) return undefined;
  return { ...draft, record: changed(draft.record, event) };
}

type EventOf<T extends RecordType> = Extract<RecordEvent, { readonly type: T }>;

/** The first build says what the version is; later ones are of the same inputs. */
function addBuilt(draft: Draft | undefined, event: EventOf<'built'>, payload: EventPayloads['built']): Draft {
  const build = buildOf(event);
  if (draft?.built === true)
    return { ...draft, record: { ...draft.record, builds: [...draft.record.builds, build], failure: null } };
  const { version, target, platform, branch, base, parents, plan, definition, vars, inputs } = payload;
  const record: VersionRecord = {
    version,
    target,
    platform,
    createdAt: event.time,
    branch,
    source: event.source,
    actor: event.actor,
    base,
    parents,
    plan,
    definition,
    vars,
    inputs,
    builds: [...(draft?.record.builds ?? []), build],
    checks: draft?.record.checks ?? [],
    locations: draft?.record.locations ?? [],
    revoked: null,
    deprecated: draft?.record.deprecated ?? null,
    failure: null,
  };
  return { created: event.sequence, built: true, record };
}

function addFailed(draft: Draft | undefined, event: EventOf<'failed'>, payload: EventPayloads['failed']): Draft {
  const { version, target, branch, plan, stage, code, message, log } = payload;
  const failure = { stage, code, message, log, time: event.time };
  if (draft !== undefined) return { ...draft, record: { ...draft.record, failure, plan: draft.record.plan ?? plan } };
  const record: VersionRecord = {
    version,
    target,
    platform: '',
    createdAt: event.time,
    branch,
    source: event.source,
    actor: event.actor,
    base: '',
    parents: [],
    plan,
    definition: null,
    vars: {},
    inputs: [],
    builds: [],
    checks: [],
    locations: [],
    revoked: null,
    deprecated: null,
    failure,
  };
  return { created: event.sequence, built: false, record };
}

function changed(
  record: VersionRecord,
  event: Exclude<RecordEvent, { readonly type: 'built' | 'failed' }>,
): VersionRecord {
  switch (event.type) {
    case 'rebuilt':
      return { ...record, builds: [...record.builds, buildOf(event)] };
    case 'checked':
      return { ...record, checks: withCheck(record.checks, event) };
    case 'published': {
      const { artifact, destination, id } = event.payload;
      const location = { artifact: artifact.digest, destination, id };
      const others = record.locations.filter(
        (one) => one.artifact !== location.artifact || one.destination !== destination || one.id !== id,
      );
      return { ...record, locations: [...others, location] };
    }
    case 'deprecated':
      return { ...record, deprecated: event.payload.until };
    case 'retired': {
      const { id, digest } = event.payload.artifact;
      const builds = record.builds.map((build) =>
        build.artifact.id === id && build.artifact.digest === digest ? { ...build, retired: true } : build,
      );
      return { ...record, builds };
    }
    default:
      return event satisfies never;
  }
}

function buildOf(event: EventOf<'built' | 'rebuilt'>): BuildRecord {
  const { sequence, time, run } = event;
  const { artifact, log, milliseconds } = event.payload;
  return { sequence, time, artifact, run, log, milliseconds, retired: false };
}

function withCheck(checks: readonly CheckRecord[], event: EventOf<'checked'>): readonly CheckRecord[] {
  const { artifact, checks: digest, outcome, passed, failed, notRun, report } = event.payload;
  const { sequence, time } = event;
  const check = { sequence, time, artifact: artifact.digest, checks: digest, outcome, passed, failed, notRun, report };
  return [...checks.filter((one) => one.artifact !== check.artifact || one.checks !== check.checks), check];
}

/** The set that a `baked` event tells of. */
export function bakedSet(event: LogEvent): BakedSet | undefined {
  if (!isKnown(event) || event.type !== 'baked') return undefined;
  const { sequence, time, source, payload } = event;
  return { sequence, time, branch: payload.branch, source, versions: payload.versions };
}

/** The move that a `promoted` event tells of. */
export function channelEvent(event: LogEvent): ChannelEvent | undefined {
  if (!isKnown(event) || event.type !== 'promoted') return undefined;
  const { sequence, time, actor, payload } = event;
  const { channel, kind, moves, reason } = payload;
  return { sequence, time, actor, channel, kind, moves, reason };
}
