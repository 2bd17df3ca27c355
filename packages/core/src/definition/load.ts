import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { BakeError } from '../errors/bake-error.js';
import type { Definition } from './types.js';
import { LoadFailure, loadJson, loadYaml } from './load-data.js';
import { loadScript, loadTypeScript } from './load-script.js';
import { validateDefinition } from './validate.js';

/** Where a definition is looked for. */
export interface LoadOptions {
  /** The folder to begin in; its parents follow. */
  readonly cwd: string;
  /** A definition file, relative to `cwd`; nothing is looked for. */
  readonly config?: string;
  /** Taken so that callers can hand on what they were given; no variable changes what is loaded. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A definition and where it is from. */
export interface LoadedDefinition {
  /** Validated, variables not yet substituted. */
  readonly definition: Definition;
  /** The file it is in, absolute. */
  readonly file: string;
  /** The folder of the file, absolute and without symbolic links: relative paths of the definition start here. */
  readonly root: string;
}

const EXTENSIONS = ['js', 'mjs', 'ts', 'json', 'yaml', 'yml'] as const;
/** File names of definitions, in the order in which they are looked for. */
export const DEFINITION_NAMES: readonly string[] = EXTENSIONS.map((extension) => `bake.config.${extension}`);
const PACKAGE = 'package.json';

/** A definition file and its text. */
interface Found {
  readonly file: string;
  readonly text: string;
}

/**
 * Finds the definition in `cwd` or the nearest folder above it, loads and validates it.
 * In one folder `bake.config.{js,mjs,ts,json,yaml,yml}` go before a `bake` key in package.json; a package.json without
 * the key is passed over. A file that was edited since it was last loaded is loaded anew.
 * Rejects with `ERR_BAKE_DEFINITION_NOT_FOUND` (`data: { cwd, config }`), `ERR_BAKE_DEFINITION_LOAD`
 * (`data: { file, line }`, line `null` where it is not known), or what {@link validateDefinition} throws.
 */
export async function loadDefinition({ cwd, config }: LoadOptions): Promise<LoadedDefinition> {
  const found = config === undefined ? search(path.resolve(cwd)) : open(path.resolve(cwd, config));
  if (found === undefined) {
    const message =
      config === undefined
        ? `No definition (bake.config.js, .mjs, .ts, .json, .yaml, .yml, or "bake" in package.json) in ${cwd} or above it`
        : `There is no definition file ${path.resolve(cwd, config)}`;
    throw new BakeError('ERR_BAKE_DEFINITION_NOT_FOUND', message, {
      ...(config === undefined ? {} : { hint: 'Check the path given as --config.' }),
      data: { cwd, config: config ?? null },
    });
  }
  const root = realpathSync(path.dirname(found.file));
  const file = path.join(root, path.basename(found.file));
  const value = await load(file, found.text);
  return { definition: validateDefinition(value, file), file, root };
}

/**
 * Looks in a folder and, where it holds no definition, in those above it. What is there but cannot be read is an error:
 * a parent's definition would be the wrong one.
 */
function search(cwd: string): Found | undefined {
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    const names = namesIn(folder);
    for (const name of [...DEFINITION_NAMES, PACKAGE]) {
      const found = names.has(name) ? read(path.join(folder, name)) : undefined;
      if (found !== undefined) return found;
    }
    if (path.dirname(folder) === folder) return undefined;
  }
}

function namesIn(folder: string): ReadonlySet<string> {
  try {
    return new Set(readdirSync(folder));
  } catch {
    // A folder that does not exist or may not be listed has no definition for us; its parents may.
    return new Set();
  }
}

function open(file: string): Found | undefined {
  const extension = path.extname(file).slice(1);
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  if (!status.isDirectory() && !EXTENSIONS.some((known) => known === extension) && extension !== 'cjs')
    throw failure(file, new LoadFailure(`its name ends in none of .${EXTENSIONS.join(', .')}`));
  const found = read(file);
  if (found === undefined) throw failure(file, new LoadFailure('its "bake" key is missing'));
  return found;
}

/** The text of a definition file; `undefined` for a package.json that says nothing of us. */
function read(file: string): Found | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const folder = (error as NodeJS.ErrnoException).code === 'EISDIR';
    if (folder && path.basename(file) === PACKAGE) return undefined;
    throw failure(file, new LoadFailure(folder ? 'it is a folder' : 'it cannot be read', { cause: error }));
  }
  if (path.basename(file) === PACKAGE) {
    // The text is looked at first: most package.json on the way up have no such key and may be large.
    const own = text.includes('"bake"') ? parsePackage(file, text) : undefined;
    return own === undefined ? undefined : { file, text: own };
  }
  if (text.trim() === '') throw failure(file, new LoadFailure('it is empty'));
  return { file, text };
}

function parsePackage(file: string, text: string): string | undefined {
  try {
    const value = loadJson(text) as { readonly bake?: unknown } | null;
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'bake')) return undefined;
    return JSON.stringify(value.bake);
  } catch (error) {
    throw failure(file, error);
  }
}

async function load(file: string, text: string): Promise<unknown> {
  try {
    switch (path.extname(file)) {
      case '.json':
        return loadJson(text);
      case '.yaml':
      case '.yml':
        return await loadYaml(text);
      case '.ts':
        return await loadTypeScript(file, text);
      default:
        return await loadScript(file, text);
    }
  } catch (error) {
    throw failure(file, error);
  }
}

function failure(file: string, error: unknown): BakeError {
  const line = error instanceof LoadFailure ? error.line : null;
  const reason = error instanceof Error ? error.message : String(error);
  return new BakeError('ERR_BAKE_DEFINITION_LOAD', `${file}${line === null ? '' : `:${line}`}: ${reason}`, {
    ...(error instanceof LoadFailure && error.hint !== undefined ? { hint: error.hint } : {}),
    data: { file, line },
    cause: error instanceof LoadFailure ? (error.cause ?? undefined) : error,
  });
}
