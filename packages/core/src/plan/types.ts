import type { Check, ContainerConfig } from '../definition/types.js';
import type { Digest, Version } from './digest.js';
import type { Json, JsonObject } from './json.js';

/**
 * What a version is the digest of: `sha256("bakehouse/plan/1\n" + canonicalJson(identity))`.
 * A member that has its default value is left out, so that new members never change old versions.
 */
export interface PlanIdentity {
  /** Provider kind, and what its pure `identity(options, image)` returned. */
  readonly provider: { readonly kind: string; readonly options: Json };
  /** `os/architecture[/variant]`. */
  readonly platform: string;
  /** The engine that does the image, and the revision of what it writes. */
  readonly engine: { readonly name: string; readonly revision: number };
  readonly base: PlanBase;
  readonly steps: readonly PlanStep[];
  readonly config?: ContainerConfig;
  /** An existing Dockerfile or Packer template in place of steps. */
  readonly source?: JsonObject;
  /** The built-in template's name and revision, or the digest of the project's own source. */
  readonly template?: { readonly name: string; readonly revision: number } | { readonly source: Digest };
  /** From the lock: the time at which `bake update --steps` made the steps run anew, RFC 3339 in UTC. */
  readonly refreshed?: string;
}

/** What an image starts from, by immutable id. */
export type PlanBase =
  | { readonly kind: 'scratch' }
  /** Containers: config digest or diffID. Clouds: image id. */
  | { readonly kind: 'external'; readonly id: string }
  /** An image of this or another project. */
  | { readonly kind: 'image'; readonly version: Version };

/** A step as it enters identity: variables substituted, names and urls out, trees by digest. */
export type PlanStep =
  | {
      readonly kind: 'run';
      /** Shell lines, or the digest of a script's bytes. */
      readonly run: readonly string[] | { readonly script: Digest };
      readonly env?: Readonly<Record<string, string>>;
      readonly shell?: string;
      readonly workdir?: string;
      readonly user?: string;
      /** Names only, sorted. */
      readonly secrets?: readonly string[];
    }
  | {
      readonly kind: 'copy';
      readonly source: CopySource;
      /** Absolute and normalised; a trailing `/` says that it is a folder. */
      readonly to: string;
      readonly owner?: string;
      readonly mode?: string;
    }
  | {
      readonly kind: 'fetch';
      readonly sha256: Digest;
      readonly to: string;
      readonly mode?: string;
      readonly unpack?: true;
    }
  | {
      readonly kind: 'provisioner';
      readonly type: 'ansible' | 'packer';
      readonly config: JsonObject;
      /** Digest of the tree of declared inputs. */
      readonly inputs: Digest;
    };

/** A folder by its root tree object, or a single file with the name it has where `to` is a folder. */
export type CopySource =
  | { readonly tree: Digest }
  | { readonly file: Digest; readonly name: string; readonly mode: FileMode; readonly size: number };

/** Canonical file modes as octal strings. */
export type FileMode = '0644' | '0755';

/** How to get a step's inputs and how to call it; not part of identity. Same order and length as `identity.steps`. */
export interface PlanStepSource {
  /** The step's name, or one made from what it does: `copy site → /var/www/html`. */
  readonly name: string;
  /** Path of what is copied or run as a script, relative to the definition, `/` separated. */
  readonly path?: string;
  /** Exclude patterns of a copy. */
  readonly exclude?: readonly string[];
  /** Address of a fetch. */
  readonly url?: string;
}

/** How the base was chosen and where it is; not part of identity. */
export interface PlanOrigin {
  /** What the definition says: the selector as canonical JSON, or as the string it is. */
  readonly selector: string;
  /** The exact thing to pull: for a registry a reference by manifest digest. */
  readonly reference?: string;
  /** For a base that is an image: its project and name. */
  readonly project?: string;
  readonly image?: string;
}

/** The complete, resolved, serialisable input of one build. Recorded as a blob. */
export interface Plan {
  readonly schema: 1;
  readonly project: string;
  readonly image: string;
  readonly target: string;
  readonly version: Version;
  readonly identity: PlanIdentity;
  readonly origin: PlanOrigin;
  readonly steps: readonly PlanStepSource[];
  readonly checks: readonly Check[];
  /** Digest of the checks' canonical JSON, names left out. */
  readonly checksDigest: Digest;
  readonly labels: Readonly<Record<string, string>>;
  readonly mutable: readonly string[];
}

/** One difference between the inputs of two versions. */
export interface Change {
  /** What differs, e.g. `steps[0] site/index.html`, `config.env.TZ`, `base`. */
  readonly input: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly before: string | null;
  readonly after: string | null;
}
