import type { CatalogEvent, Source } from './catalog/events.js';
import type { VersionRecord } from './catalog/state.js';
import type { VerifyReport } from './catalog/types.js';
import type { Definition } from './definition/types.js';
import type { TimedEvent } from './events/types.js';
import type { BakeError } from './errors/bake-error.js';
import type { Version } from './plan/digest.js';
import type { Change, Plan } from './plan/types.js';
import type { CheckResult, Finding, ProviderPlugin, RenderedFile } from './provider/types.js';

/** How a project is opened. */
export interface OpenOptions {
  /** Where to look for the definition, upwards. Default: the process's current directory. */
  readonly cwd?: string;
  /** A definition file, relative to `cwd`. Default: found. */
  readonly config?: string;
  /** The definition as a value: no file is looked for, and `cwd` is its folder. */
  readonly definition?: Definition;
  /** Overrides the definition's `catalog` and `BAKE_CATALOG`. */
  readonly catalog?: string;
  /** Values of variables: `--set`. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Values of secrets by name. They are masked in everything that leaves the process. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Providers that the program brings itself, by what `use` says in the definition. Default: loaded by name. */
  readonly plugins?: Readonly<Record<string, ProviderPlugin>>;
  /** Refuse a missing or stale lock entry. Default: whether `CI` is set in `env`. */
  readonly frozen?: boolean;
  /** Environment variables to honour. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TimedEvent) => void;
}

/** Which images and targets a call is about. */
export interface Selection {
  /** Default: all. Bases that they need are included. */
  readonly images?: readonly string[];
  readonly target?: string;
}

export interface PlanOptions extends Selection {
  /** Ask the providers too whether artifacts are still there. */
  readonly refresh?: boolean;
  /** Ignore the stat cache. */
  readonly rehash?: boolean;
}

export type PlanState = 'present' | 'missing' | 'failed' | 'revoked' | 'gone';

export interface PlannedImage {
  readonly image: string;
  readonly target: string;
  readonly version: Version;
  readonly platform: string;
  /** The base as people know it: a selector, `image base`, `scratch`. */
  readonly base: string;
  readonly state: PlanState;
  /** Why it is not present: how its inputs differ from the newest version on the branch. */
  readonly reasons: readonly Change[];
}

/** Result of `plan`; children after parents. */
export interface PlanResult {
  readonly images: readonly PlannedImage[];
  readonly warnings: readonly string[];
}

export interface BuildOptions extends Selection {
  readonly branch?: string;
  readonly rehash?: boolean;
  readonly publish?: boolean;
  readonly promote?: string;
  readonly onFailure?: 'remove' | 'keep';
}

export interface CheckCounts {
  readonly passed: number;
  readonly failed: number;
  readonly notRun: number;
}

export interface BuiltImage {
  readonly image: string;
  readonly target: string;
  readonly version: Version;
  readonly outcome: 'built' | 'reused' | 'failed' | 'skipped';
  readonly checks: CheckCounts;
  /** `null` where there is none. */
  readonly artifact: { readonly id: string; readonly digest: string; readonly locations: readonly string[] } | null;
  readonly milliseconds: number;
  /** Why it failed or was skipped. Not part of the JSON document's images; the first becomes its `error`. */
  readonly error: BakeError | null;
}

export interface BuildResult {
  readonly images: readonly BuiltImage[];
}

export interface CheckReport {
  readonly version: Version;
  readonly artifact: { readonly id: string; readonly digest: string };
  readonly checks: readonly CheckResult[];
}

export interface RefOptions {
  readonly target?: string;
}

/** All strings and flat, for Terraform's external data source. */
export interface Resolution {
  readonly id: string;
  readonly project: string;
  readonly image: string;
  readonly target: string;
  readonly version: Version;
  readonly digest: string;
  /** Where it can be had from here: a reference by digest, `oci:/path`; empty where only the record is left. */
  readonly location: string;
}

export interface HistoryOptions {
  readonly image?: string;
  /** Default 20. */
  readonly limit?: number;
  readonly branch?: string;
}

export interface HistoryVersion {
  readonly image: string;
  readonly target: string;
  readonly version: Version;
  readonly createdAt: string;
  readonly branch: string;
  readonly parents: readonly string[];
  readonly base: string;
  readonly source: Source | null;
  readonly state: 'checked' | 'unchecked' | 'failed' | 'revoked' | 'retired';
  readonly channels: readonly string[];
  readonly artifact: { readonly id: string; readonly digest: string } | null;
}

export interface HistoryResult {
  readonly versions: readonly HistoryVersion[];
}

/** Everything known about one version. */
export interface ShowResult extends HistoryVersion {
  readonly project: string;
  readonly plan: Plan | null;
  readonly record: VersionRecord;
  readonly events: readonly CatalogEvent[];
}

export interface ExplainResult {
  readonly changes: readonly Change[];
}

export interface LogsResult {
  readonly logs: readonly { readonly step: string; readonly text: string }[];
}

export interface RenderResult {
  readonly files: readonly RenderedFile[];
}

export interface UpdateOptions extends Selection {
  /** Make the steps run anew instead of resolving the selectors again. */
  readonly steps?: boolean;
  readonly dryRun?: boolean;
}

export interface UpdateResult {
  readonly changes: readonly {
    readonly image: string;
    readonly target: string;
    readonly selector: string;
    readonly from: string | null;
    readonly to: string;
  }[];
  /** Images that the changes make new versions of. */
  readonly rebuilds: readonly string[];
}

export interface ExportResult {
  readonly file: string;
  /** `sha256:…` of the archive. */
  readonly digest: string;
}

export interface DoctorResult {
  readonly findings: readonly Finding[];
}

/** An opened project: one method per command. All reject with `ERR_BAKE_ABORTED` once `signal` is aborted. */
export interface Bake extends AsyncDisposable {
  readonly definition: Definition;
  /** The definition's folder, absolute. */
  readonly root: string;
  plan(options?: PlanOptions): Promise<PlanResult>;
  /** Never rejects because an image failed: see each image's `outcome` and `error`. */
  build(options?: BuildOptions): Promise<BuildResult>;
  check(ref: string, options?: RefOptions): Promise<CheckReport>;
  resolve(ref: string, options?: RefOptions & { readonly at?: string }): Promise<Resolution>;
  history(options?: HistoryOptions): Promise<HistoryResult>;
  show(ref: string, options?: RefOptions): Promise<ShowResult>;
  explain(a: string, b?: string, options?: RefOptions): Promise<ExplainResult>;
  logs(ref: string, options?: RefOptions): Promise<LogsResult>;
  render(image: string, options?: RefOptions): Promise<RenderResult>;
  update(options?: UpdateOptions): Promise<UpdateResult>;
  export(ref: string, file: string, options?: RefOptions): Promise<ExportResult>;
  verify(options?: { readonly acceptHead?: boolean }): Promise<VerifyReport>;
  doctor(): Promise<DoctorResult>;
  /** Releases everything; what `await using` calls. Idempotent. */
  close(): Promise<void>;
}
