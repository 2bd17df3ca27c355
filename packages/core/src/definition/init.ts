import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, readFile, realpath, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { BakeError, isBakeError } from '../errors/index.js';
import type { Json } from '../plan/json.js';
import { initFrom, sourceKind } from './convert.js';
import { DEFINITION_NAMES } from './load.js';
import { LoadFailure } from './load-data.js';
import { definitionSource } from './source-text.js';
import { projectName, starterFiles, type Files } from './starter.js';
import { validateDefinition } from './validate.js';

/** What to start a project with. */
export interface InitOptions {
  /** The project's folder; made where it is not there. */
  readonly dir: string;
  /** A starter's name. Default: `container`. */
  readonly template?: string;
  /** A Dockerfile, docker-bake file or Packer template to take over instead, relative to `dir`; it must lie inside. */
  readonly from?: string;
  /** Undoes and ends the call, with `ERR_BAKE_ABORTED`. */
  readonly signal?: AbortSignal;
}

/** What was written. */
export interface InitResult {
  /** Paths relative to the folder, sorted. */
  readonly files: readonly string[];
  /** What building needs that this version does not drive yet, where the definition was taken over from a file. */
  readonly needs?: 'docker' | 'packer';
}

/** What keeps the catalog out of version control. */
const IGNORED = '.bake/';

/**
 * Writes a definition that bakes, and puts the catalog's folder into `.gitignore`. All or nothing: what was written
 * before an error is removed again.
 * Rejects with `ERR_BAKE_INIT_EXISTS` (`data: { files }`) where a file or another definition is there already, and
 * `ERR_BAKE_USAGE` for an unknown starter or a `from` that cannot be taken over (`data: { file, line }`).
 */
export async function init({ dir, template, from, signal }: InitOptions): Promise<InitResult> {
  if (template !== undefined && from !== undefined)
    throw new BakeError('ERR_BAKE_USAGE', 'A project starts either with a template or from a file, not both');
  const folder = path.resolve(dir);
  const name = projectName(folder);
  const { files, ...needs } =
    from === undefined
      ? { files: await starterFiles(template ?? 'container', { name }) }
      : await taken(folder, from, name);
  await refuseExisting(folder, Object.keys(files));
  return { files: await write(folder, files, signal), ...needs };
}

interface Taken {
  readonly files: Files;
  readonly needs: 'docker' | 'packer';
}

async function taken(folder: string, from: string, name: string): Promise<Taken> {
  const file = path.resolve(folder, from);
  const refuse = (reason: string, line: number | null = null, cause?: unknown): BakeError =>
    new BakeError('ERR_BAKE_USAGE', `${file}${line === null ? '' : `:${line}`}: ${reason}`, {
      data: { file, line },
      ...(cause === undefined ? {} : { cause }),
    });
  let text: string;
  let relative: string;
  try {
    text = await readFile(file, 'utf8');
    relative = path
      .relative(await realFolder(folder), await realpath(file))
      .split(path.sep)
      .join('/');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw refuse(missing ? 'there is no such file' : 'it cannot be read', null, error);
  }
  if (relative.startsWith('../') || path.isAbsolute(relative))
    throw refuse(`it lies outside of ${folder}, and a definition uses only what lies beside or below it`);
  const kind = sourceKind(file, text);
  if (kind === undefined) throw refuse('it is no Dockerfile, docker-bake file or Packer template');
  try {
    const exists = (inner: string): boolean => existsSync(path.join(path.dirname(file), inner));
    const { definition, comments } = initFrom(text, kind, { name, file: relative, exists });
    validateDefinition(definition);
    return {
      files: { 'bake.config.mjs': definitionSource(definition, comments) },
      needs: kind.startsWith('packer') ? 'packer' : 'docker',
    };
  } catch (error) {
    if (error instanceof LoadFailure) throw refuse(error.message, error.line, error.cause);
    if (isBakeError(error, 'ERR_BAKE_DEFINITION_INVALID'))
      throw refuse(`it cannot be taken over. ${error.message}`, null, error);
    throw error;
  }
}

/** A folder without links in its path, also one that is not there yet. */
async function realFolder(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (error) {
    const above = path.dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === folder) throw error;
    return path.join(await realFolder(above), path.basename(folder));
  }
}

async function refuseExisting(folder: string, names: readonly string[]): Promise<void> {
  const there: string[] = [];
  for (const name of new Set([...names, ...DEFINITION_NAMES]))
    if (await exists(path.join(folder, name))) there.push(name);
  if (await hasPackageKey(folder)) there.push('package.json');
  if (there.length > 0) throw existing(folder, there.sort());
}

function existing(folder: string, files: readonly string[]): BakeError {
  return new BakeError('ERR_BAKE_INIT_EXISTS', `Already there in ${folder}: ${files.join(', ')}`, {
    hint: 'Nothing was written. Choose another folder, or move these away.',
    data: { dir: folder, files: [...files] },
  });
}

async function exists(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return false;
    // Something that is no folder is in the way.
    if (code === 'ENOTDIR') return true;
    throw error;
  }
}

async function hasPackageKey(folder: string): Promise<boolean> {
  try {
    const value = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as Json;
    return typeof value === 'object' && value !== null && Object.hasOwn(value, 'bake');
  } catch {
    // No package.json, or one that is somebody else's to mend.
    return false;
  }
}

async function write(folder: string, files: Files, signal: AbortSignal | undefined): Promise<string[]> {
  const undo: (() => Promise<unknown>)[] = [];
  try {
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(folder, name);
      await makeFolder(path.dirname(file), undo);
      await writeFile(file, text, { flag: 'wx' });
      undo.push(async () => rm(file, { force: true }));
    }
    if (signal?.aborted === true)
      throw new BakeError('ERR_BAKE_ABORTED', 'The starter was not written', { cause: signal.reason });
    const ignored = await ignore(folder);
    return [...Object.keys(files), ...(ignored ? ['.gitignore'] : [])].sort();
  } catch (error) {
    for (const step of undo.reverse()) await step().catch(() => undefined);
    throw writeError(folder, error);
  }
}

/** Makes a folder and those above it, each of which is removed again if nothing else came into it meanwhile. */
async function makeFolder(folder: string, undo: (() => Promise<unknown>)[]): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  const made: string[] = [];
  for (let step = folder; step.length >= first.length; step = path.dirname(step)) made.push(step);
  for (const step of made.reverse()) undo.push(async () => rmdir(step));
}

/** Adds the catalog's folder to `.gitignore`; whether that was needed. */
async function ignore(folder: string): Promise<boolean> {
  const link = path.join(folder, '.gitignore');
  const there = await exists(link);
  const file = there ? await realpath(link) : link;
  const text = there ? await readFile(file, 'utf8') : '';
  if (text.split(/\r?\n/).some((line) => /^\/?\.bake\/?\s*$/.test(line))) return false;
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const begin = text === '' || text.endsWith('\n') ? text : `${text}${end}`;
  // Beside and renamed: an error on the way leaves the file as it was.
  const part = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(part, `${begin}${IGNORED}${end}`, { flag: 'wx' });
    if (there) await chmod(part, (await stat(file)).mode);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return true;
}

function writeError(folder: string, error: unknown): unknown {
  const { code, path: file } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return existing(folder, [file === undefined ? folder : path.relative(folder, file) || '.']);
    case 'ENOSPC':
    case 'EDQUOT':
      return new BakeError('ERR_BAKE_DISK_FULL', `No space is left for the starter in ${folder}`, { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new BakeError('ERR_BAKE_READ_ONLY', `The folder ${folder} cannot be written`, { cause: error });
    default:
      return error;
  }
}
