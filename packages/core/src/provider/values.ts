import type { Check } from '../definition/types.js';
import type { Digest, Version } from '../plan/digest.js';
import type { Content } from '../tree/types.js';

/** Names an artifact: one version of one image for one target. */
export interface ArtifactKey {
  readonly project: string;
  readonly image: string;
  readonly target: string;
  readonly version: Version;
}

/** What a build left at a provider. */
export interface Artifact extends ArtifactKey {
  /** Native id: for containers the config digest `sha256:…`, an AMI id, an image link. */
  readonly id: string;
  /** Digest of the artifact itself; for containers the config digest. Checks are recorded for it. */
  readonly digest: string;
  /** Where it can be reached: `oci:/path`, a reference by digest, a region. Local ones are never recorded. */
  readonly locations: readonly string[];
}

/** A check with the name it is reported by. */
export interface NamedCheck {
  readonly name: string;
  readonly check: Check;
}

/** What is to be found out about an artifact. */
export interface Probe {
  readonly checks: readonly NamedCheck[];
}

/** The circumstances of a call on an artifact. */
export interface ArtifactRequest {
  readonly run: string;
  readonly signal: AbortSignal;
  log(step: string, line: string): void;
}

/** The outcome of one check. */
export interface CheckResult {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'notRun';
  /** Why, where it did not pass; `null` where there is nothing to say. */
  readonly detail: string | null;
  readonly milliseconds: number;
}

/** One result per check of the probe, in its order. */
export interface CheckOutput {
  readonly checks: readonly CheckResult[];
}

/** Where an artifact was made available. */
export interface Location {
  readonly destination: string;
  readonly id: string;
  readonly outcome: 'published' | 'present';
}

export interface Destination {
  readonly name: string;
}

/** Something an interrupted run left behind. */
export interface Leftover {
  readonly kind: string;
  readonly id: string;
  readonly run: string | undefined;
  remove(signal: AbortSignal): Promise<void>;
}

/** A running machine or container. */
export interface Machine {
  readonly id: string;
  readonly image: string | undefined;
  readonly version: Version | undefined;
  readonly since: string | undefined;
}

/** Whether something still uses an artifact. */
export interface Usage {
  readonly artifact: Artifact;
  readonly used: boolean;
  readonly by: readonly string[];
}

/** A path that a running container changed. */
export interface FileChange {
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
}

/** One line of `bake doctor`. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly hint: string | null;
}

/** A fault that `bake verify` found at a provider. */
export interface ProviderFault {
  readonly kind: string;
  readonly where: string;
  readonly detail: string;
}

/** A part of a base that can be retained. */
export interface BaseBlob {
  readonly digest: Digest;
  readonly size: number;
  read(): Content | Promise<Content>;
}

/** What a build would use, as a person reads it. */
export interface RenderedFile {
  readonly name: string;
  readonly text: string;
}
