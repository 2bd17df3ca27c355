import type { Digest, Version } from '../plan/digest.js';
import type { Json } from '../plan/json.js';

/** The git state that a build was made from. */
export interface Source {
  readonly commit: string;
  /** Whether the working tree differed from the commit. */
  readonly dirty: boolean;
}

/** An artifact as events name it: without locations, which are events of their own. */
export interface ArtifactRecord {
  readonly id: string;
  readonly digest: string;
}

/** A version of a possibly different project: a base that is itself an image. */
export interface VersionRef {
  readonly project: string;
  readonly image: string;
  readonly version: Version;
}

/** One version per target. */
export type VersionSet = Readonly<Record<string, Version>>;

/** A channel's move on one target; `null`: the channel pointed nowhere. */
export interface ChannelMove {
  readonly from: Version | null;
  readonly to: Version;
}

/** The payload of each type of event. Fixed: later versions add optional members only. */
export interface EventPayloads {
  /** An artifact of a version was made. */
  readonly built: {
    readonly target: string;
    readonly version: Version;
    readonly branch: string;
    readonly platform: string;
    readonly artifact: ArtifactRecord;
    /** Blob of the plan. */
    readonly plan: Digest;
    /** Blob of the unsubstituted definition. */
    readonly definition: Digest;
    /** Values of variables that were set for this build. */
    readonly vars: Readonly<Record<string, string>>;
    /** Blobs of the inputs' roots: tree objects, files, fetched files, scripts, templates, bases. */
    readonly inputs: readonly Digest[];
    /** The base as people know it. */
    readonly base: string;
    readonly parents: readonly VersionRef[];
    /** Blob of the build log; `null` where nothing was logged. */
    readonly log: Digest | null;
    /** Blob of the list of installed packages; `null` where it was not taken. */
    readonly packages: Digest | null;
    readonly milliseconds: number;
  };
  /** Checks were run, or could not be, on an artifact. */
  readonly checked: {
    readonly target: string;
    readonly version: Version;
    readonly artifact: ArtifactRecord;
    /** Digest of the checks that were asked for. */
    readonly checks: Digest;
    /** `passed`: all of them (or there are none). `unchecked`: none failed, but some could not be run. */
    readonly outcome: 'passed' | 'failed' | 'unchecked';
    readonly passed: number;
    readonly failed: number;
    readonly notRun: number;
    /** Blob of the report: the results, and what the containers said. */
    readonly report: Digest;
    readonly milliseconds: number;
  };
  readonly published: {
    readonly target: string;
    readonly version: Version;
    readonly artifact: ArtifactRecord;
    readonly destination: string;
    readonly id: string;
  };
  /** A build in which every selected target passed, also where all was re-used. */
  readonly baked: { readonly branch: string; readonly versions: VersionSet };
  readonly promoted: {
    readonly channel: string;
    readonly kind: 'promote' | 'rollback';
    readonly moves: Readonly<Record<string, ChannelMove>>;
    readonly reason: string | null;
    /** Whether promotions are refused until `resumed`. */
    readonly hold: boolean;
  };
  readonly resumed: { readonly channel: string };
  readonly revoked: { readonly versions: readonly Version[]; readonly reason: string; readonly children: boolean };
  readonly restored: { readonly versions: readonly Version[] };
  readonly deprecated: { readonly target: string; readonly version: Version; readonly until: string };
  /** An artifact was removed; the records and inputs stay. */
  readonly retired: {
    readonly target: string;
    readonly version: Version;
    readonly artifact: ArtifactRecord;
    readonly because: readonly string[];
  };
  readonly rebuilt: {
    readonly target: string;
    readonly version: Version;
    readonly artifact: ArtifactRecord;
    readonly outcome: 'identical' | 'equivalent' | 'drifted';
    /** Blob of the differences; `null` where there are none. */
    readonly differences: Digest | null;
    readonly log: Digest | null;
    readonly milliseconds: number;
  };
  readonly branched: { readonly branch: string; readonly from: VersionSet };
  readonly forgotten: { readonly blob: Digest; readonly reason: string; readonly versions: readonly Version[] };
  /** A build, check or publish failed; nothing is there that could be used. */
  readonly failed: {
    readonly target: string;
    readonly version: Version;
    readonly branch: string;
    readonly stage: 'build' | 'check' | 'publish';
    readonly code: string;
    readonly message: string;
    readonly plan: Digest | null;
    readonly log: Digest | null;
  };
}

export type EventType = keyof EventPayloads;

/** What every event carries beside its payload. */
export interface EventCommon {
  readonly schema: 1;
  /** Random UUID: finding it after a lost reply tells that the append succeeded. */
  readonly id: string;
  readonly project: string;
  readonly image: string;
  /** 1 for the first event of an image. */
  readonly sequence: number;
  /** RFC 3339 in UTC with milliseconds. */
  readonly time: string;
  /** Who: `user@host`, or what CI says. */
  readonly actor: string;
  /** Id of the run that appended it. */
  readonly run: string;
  readonly source: Source | null;
  /** Digest of the event before; `null` for the first. */
  readonly previous: Digest | null;
  /** True on events that a reader who does not know their type may skip. */
  readonly optional?: true;
  /** sha256 of the canonical JSON of the event without this member. */
  readonly digest: Digest;
}

/** A recorded event of a known type. */
export type CatalogEvent = {
  readonly [T in EventType]: EventCommon & { readonly type: T; readonly payload: EventPayloads[T] };
}[EventType];

/** An event of a type that a newer version wrote as optional. */
export interface UnknownEvent extends EventCommon {
  readonly type: string;
  readonly optional: true;
  readonly payload: Json;
}

/** What is given to append an event; the log adds the rest. */
export type NewEvent = {
  readonly [T in EventType]: { readonly type: T; readonly payload: EventPayloads[T] };
}[EventType];
