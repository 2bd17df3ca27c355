import type { ArtifactRecord, ChannelMove, Source, VersionRef, VersionSet } from './events.js';
import type { Digest, Version } from '../plan/digest.js';

/** One making of a version. */
export interface BuildRecord {
  readonly sequence: number;
  readonly time: string;
  readonly artifact: ArtifactRecord;
  readonly run: string;
  readonly log: Digest | null;
  readonly milliseconds: number;
  /** Set once the artifact was removed by policy. */
  readonly retired: boolean;
}

/** The newest result for one (artifact digest, checks digest). */
export interface CheckRecord {
  readonly sequence: number;
  readonly time: string;
  readonly artifact: string;
  readonly checks: Digest;
  readonly outcome: 'passed' | 'failed' | 'unchecked';
  readonly passed: number;
  readonly failed: number;
  readonly notRun: number;
  readonly report: Digest;
}

/** Everything the log says about one version of an image on one target. */
export interface VersionRecord {
  readonly version: Version;
  readonly target: string;
  readonly platform: string;
  readonly createdAt: string;
  readonly branch: string;
  readonly source: Source | null;
  readonly actor: string;
  readonly base: string;
  readonly parents: readonly VersionRef[];
  /** Blob of the plan; `null` where the build failed before it was recorded. */
  readonly plan: Digest | null;
  readonly definition: Digest | null;
  readonly vars: Readonly<Record<string, string>>;
  readonly inputs: readonly Digest[];
  /** In order of time. */
  readonly builds: readonly BuildRecord[];
  readonly checks: readonly CheckRecord[];
  readonly locations: readonly { readonly artifact: string; readonly destination: string; readonly id: string }[];
  readonly revoked: { readonly reason: string; readonly time: string } | null;
  readonly deprecated: string | null;
  readonly failure: {
    readonly stage: 'build' | 'check' | 'publish';
    readonly code: string;
    readonly message: string;
    readonly log: Digest | null;
    readonly time: string;
  } | null;
}

/** What is known of a channel. */
export interface ChannelState {
  readonly channel: string;
  readonly versions: VersionSet;
  readonly since: string;
  readonly by: string;
  readonly held: boolean;
}

/** A set of versions that passed together. */
export interface BakedSet {
  readonly sequence: number;
  readonly time: string;
  readonly branch: string;
  readonly source: Source | null;
  readonly versions: VersionSet;
}

/** A move of a channel as history shows it. */
export interface ChannelEvent {
  readonly sequence: number;
  readonly time: string;
  readonly actor: string;
  readonly channel: string;
  readonly kind: 'promote' | 'rollback';
  readonly moves: Readonly<Record<string, ChannelMove>>;
  readonly reason: string | null;
}
