import type { Author, Catalog } from '../catalog/types.js';
import type { Definition } from '../definition/types.js';
import type { RunEvent } from '../events/types.js';
import type { Json } from '../plan/json.js';
import type { Provider, ProviderPlugin } from '../provider/types.js';
import type { GitState } from './git.js';

/** A provider of the definition, under its target's name. */
export interface Target {
  readonly name: string;
  readonly plugin: ProviderPlugin;
  readonly options: unknown;
  readonly platform: string;
  /** The live side, made when first asked for. */
  provider(): Provider;
}

/** Everything that the parts of one opened project share. */
export interface Project {
  /** As the user wrote it: what is recorded. */
  readonly written: Definition;
  /** Variables substituted: what is built. */
  readonly definition: Definition;
  readonly vars: Readonly<Record<string, string>>;
  readonly root: string;
  /** `.bake` beside the definition: artifacts and caches of this machine, whatever the catalog is. */
  readonly stateDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly frozen: boolean;
  readonly run: string;
  readonly signal: AbortSignal;
  readonly targets: ReadonlyMap<string, Target>;
  now(): number;
  emit(event: RunEvent): void;
  /** Masks secrets in text that is recorded. */
  redact(text: string): string;
  /** The catalog, or `undefined` where nothing was ever recorded. */
  readCatalog(): Promise<Catalog | undefined>;
  /** The catalog, created where there is none. */
  writeCatalog(): Promise<Catalog>;
  git(): Promise<GitState>;
  author(): Promise<Author>;
  defaultBranch(): Promise<string>;
}

/** What the recorded definition blob holds. */
export type RecordedDefinition = { readonly [key: string]: Json };
