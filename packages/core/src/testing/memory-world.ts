import type { ArtifactKey, Artifact, CheckResult, FileChange, Machine, ProviderFault } from '../provider/types.js';
import type { ContainerConfig } from '../definition/types.js';
import type { TreeEntry } from '../tree/types.js';
import type { Destination } from '../provider/types.js';

/** Where a call stands when a hook is asked: the action, and the step of a build. */
export interface Moment {
  readonly action: 'resolveBase' | 'find' | 'build' | 'remove' | 'check' | 'publish' | 'alias' | 'list';
  /** For builds `start`, the name of each step, and `commit`; else the action. */
  readonly step: string;
  /** What the call is about; not there for calls about everything. */
  readonly key: Pick<ArtifactKey, 'image' | 'target'> | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Is asked at every moment; may wait, throw, or abort something. */
export type Hook = (moment: Moment) => void | Promise<void>;

/** A file, folder or link of an in-memory image, with its content. */
export interface MemoryFile {
  readonly entry: TreeEntry;
  readonly mode: string;
  readonly owner: string;
  readonly content: Uint8Array;
}

/** What the in-memory provider keeps of an artifact. */
export interface MemoryImage {
  readonly artifact: Artifact;
  /** By absolute path. */
  readonly files: ReadonlyMap<string, MemoryFile>;
  readonly config: ContainerConfig;
  readonly run: string;
}

/**
 * Everything that outlives an in-memory provider, as a cloud account outlives a process.
 * Giving one world to several providers makes them processes that see each other's work.
 */
export interface MemoryWorld {
  /** Artifacts by (project, image, target, version). */
  readonly images: Map<string, MemoryImage>;
  /** What an interrupted build leaves: started and neither finished nor cleaned up, by a key of its own. */
  readonly unfinished: Map<string, { readonly key: ArtifactKey; readonly run: string }>;
  /** Immutable id by selector key: what a movable reference stands for now. Move one by setting it again. */
  readonly bases: Map<string, string>;
  /** Ids of published artifacts by destination name. */
  readonly published: Map<string, Set<string>>;
  /** Artifact id by `image@channel`. */
  readonly aliases: Map<string, string>;
  /** By artifact id. */
  readonly deprecated: Map<string, string>;
  readonly revoked: Map<string, string>;
  /** Machines that run, and what changed on them, for `fleet`, `inUse` and `drift`. */
  readonly machines: Map<string, Machine & { readonly changes?: readonly FileChange[] }>;
  /** Faults that `verify` answers, by artifact id. */
  readonly faults: Map<string, readonly ProviderFault[]>;
  /**
   * Outcome of the checks that this provider cannot judge itself (all but `file`), by the name of the check; `*` is for
   * those that are not named. Without an entry they are `notRun`.
   */
  readonly outcomes: Map<string, Pick<CheckResult, 'outcome' | 'detail'> | CheckResult['outcome']>;
  /** Every build that was begun, in order. */
  readonly builds: ArtifactKey[];
  /** Where `publish` may go to. */
  readonly destinations: Destination[];
  /** Hooks are asked in the order in which they were added. */
  readonly hooks: Set<Hook>;
  /** Whether each making of a version gives other bytes, as builds with `run` steps do. */
  unrepeatable: boolean;
}

/** An empty world with one base: `memory/base:1`. */
export function memoryWorld(overrides: Partial<MemoryWorld> = {}): MemoryWorld {
  return {
    images: new Map(),
    unfinished: new Map(),
    bases: new Map([['memory/base:1', 'memory-base-1']]),
    published: new Map(),
    aliases: new Map(),
    deprecated: new Map(),
    revoked: new Map(),
    machines: new Map(),
    faults: new Map(),
    outcomes: new Map(),
    builds: [],
    destinations: [{ name: 'memory' }],
    hooks: new Set(),
    unrepeatable: false,
    ...overrides,
  };
}

/** Text by which a world keeps an artifact. */
export function worldKey({ project, image, target, version }: ArtifactKey): string {
  return [project, image, target, version].join('/');
}
