import type { ImageDefinition } from '../definition/types.js';
import type { Digest } from '../plan/digest.js';
import type { Json } from '../plan/json.js';
import type { Plan } from '../plan/types.js';
import type { InputReader } from '../tree/types.js';
import type {
  Artifact,
  ArtifactKey,
  ArtifactRequest,
  BaseBlob,
  CheckOutput,
  Destination,
  FileChange,
  Finding,
  Leftover,
  Location,
  Machine,
  Probe,
  ProviderFault,
  RenderedFile,
  Usage,
} from './values.js';

export type * from './values.js';

/** What a provider package exports as `provider`. */
export interface ProviderPlugin<Options = unknown> {
  readonly apiVersion: 1;
  /** `docker`, `aws`, …: part of identity. */
  readonly kind: string;
  /** Checks the options, without `use` and `platform`. Throws `ERR_BAKE_PROVIDER_OPTIONS` listing all problems at once. */
  parseOptions(input: unknown): Options;
  /** Understands the part of `from` that is for this provider. Throws `ERR_BAKE_SELECTOR_INVALID`. */
  parseSelector(input: unknown): Selector;
  /** The options that change bytes. Pure: same arguments, same value. */
  identity(options: Options, image: ImageDefinition): Json;
  /** In order of preference; the first that supports an image does it. */
  readonly engines: readonly Engine[];
  create(options: Options, context: ProviderContext): Provider;
}

/** One way in which a provider makes artifacts. */
export interface Engine {
  readonly name: string;
  /** Raised when the bytes that it writes for the same plan may change. */
  readonly revision: number;
  /** The built-in template that it renders, if any: name and revision enter identity. */
  readonly template?: { readonly name: string; readonly revision: number };
  /** Judged from the definition alone, never from what is installed. */
  supports(image: ImageDefinition): boolean;
}

/** A parsed, movable reference. `key` is what the lock stores and compares. */
export interface Selector {
  /** Canonical text of the selector. */
  readonly key: string;
  /** Scope within a target, such as a region. Default: none. */
  readonly scope?: string;
  /** The selector as the provider understood it. */
  readonly value: Json;
}

/** What a selector stood for at one moment. */
export interface ResolvedBase {
  /** The immutable id that enters identity: config digest, diffID, image id. */
  readonly id: string;
  /** The exact thing to fetch later: for a registry the reference by manifest digest. Default: the selector. */
  readonly reference?: string;
}

/** What a provider is given to work with. */
export interface ProviderContext {
  readonly project: string;
  readonly target: string;
  /** `os/architecture[/variant]`. */
  readonly platform: string;
  /** The definition's folder, absolute: relative paths of selectors start here. */
  readonly root: string;
  /** A folder of this provider kind alone, for artifacts and caches; may not exist yet. */
  readonly stateDir: string;
  /** Environment variables; never read `process.env`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reports something that the user should know but that is no error. */
  warn(message: string): void;
}

/** Everything one build needs. */
export interface BuildRequest {
  readonly plan: Plan;
  readonly inputs: InputReader;
  /** The parent's artifact, where the base is an image of a catalog. */
  readonly parent: Artifact | undefined;
  /** The selector of an external base, as the definition has it. */
  readonly selector: Selector | undefined;
  /** The resolved external base, as the lock has it. */
  readonly base: ResolvedBase | undefined;
  /** Values of the secrets that the plan names. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly run: string;
  readonly signal: AbortSignal;
  /** Reports that work on a step began, went on (0 to 1), or ended. */
  progress(step: string, fraction?: number): void;
  /** One line of log, kept with the build. */
  log(step: string, line: string): void;
}

/** A target's live side. */
export interface Provider extends Partial<Capabilities>, AsyncDisposable {
  /** A movable reference to one immutable id. Rejects with `ERR_BAKE_BASE_UNKNOWN` where there is none. */
  resolveBase(selector: Selector, signal: AbortSignal): Promise<ResolvedBase>;
  /** `undefined` where it is not there. Rejects only if it could not look. */
  find(key: ArtifactKey, signal: AbortSignal): Promise<Artifact | undefined>;
  /** Leaves nothing behind when it fails or is aborted. */
  build(request: BuildRequest): Promise<Artifact>;
  /** Idempotent. */
  remove(artifact: Artifact, signal: AbortSignal): Promise<void>;
}

/** What a provider may be able to do beyond building. The presence of a method is its declaration. */
export interface Capabilities {
  /** Runs checks on a fresh copy of the artifact. What cannot be run here is `notRun`, never `passed`. */
  check(artifact: Artifact, probe: Probe, request: ArtifactRequest): Promise<CheckOutput>;
  /** Idempotent, one destination. */
  publish(artifact: Artifact, destination: Destination, request: ArtifactRequest): Promise<Location>;
  /** Native pointer of a channel. */
  alias(image: string, channel: string, artifact: Artifact, signal: AbortSignal): Promise<void>;
  deprecate(artifact: Artifact, until: string, signal: AbortSignal): Promise<void>;
  revoke(artifact: Artifact, reason: string, signal: AbortSignal): Promise<void>;
  restore(artifact: Artifact, signal: AbortSignal): Promise<void>;
  /** All that this tool made. */
  list(signal: AbortSignal): AsyncIterable<Artifact>;
  leftovers(signal: AbortSignal): AsyncIterable<Leftover>;
  fleet(signal: AbortSignal): AsyncIterable<Machine>;
  /** For retention: fails closed. */
  inUse(artifacts: readonly Artifact[], signal: AbortSignal): Promise<readonly Usage[]>;
  drift(machine: Machine, signal: AbortSignal): Promise<readonly FileChange[]>;
  doctor(signal: AbortSignal): Promise<readonly Finding[]>;
  /** Writes an archive that `docker load`, podman and skopeo read. Returns the digest of the archive's bytes. */
  export(artifact: Artifact, file: string, signal: AbortSignal): Promise<Digest>;
  /** What a build of the plan would use: a Dockerfile, a Packer template, a list of layers. */
  render(plan: Plan): Promise<readonly RenderedFile[]>;
  /** The bytes of an external base, for the catalog to retain: config and uncompressed layers, each by its own digest. */
  baseBlobs(selector: Selector, base: ResolvedBase, signal: AbortSignal): Promise<readonly BaseBlob[]>;
  /** Rehashes an artifact where it is kept here. No faults: an empty list; so too where it is not kept here at all. */
  verify(artifact: Artifact, signal: AbortSignal): Promise<readonly ProviderFault[]>;
}

/** Every capability's name. */
export const capabilityNames: readonly (keyof Capabilities)[] = [
  'check',
  'publish',
  'alias',
  'deprecate',
  'revoke',
  'restore',
  'list',
  'leftovers',
  'fleet',
  'inUse',
  'drift',
  'doctor',
  'export',
  'render',
  'verify',
  'baseBlobs',
];
