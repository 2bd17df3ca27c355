import { lstatSync, readdirSync, readlinkSync, type BigIntStats } from 'node:fs';
import { basename, posix } from 'node:path';
import { sha256, type Digest } from '../plan/digest.js';
import { foldName, openFindings } from './findings.js';
import { hashFile } from './hash-file.js';
import { ignoreRules, noRules, type IgnoreRules, type IgnoreScope } from './ignore.js';
import { inputError, walkError } from './input-error.js';
import { locate, type Located } from './locate.js';
import type { FileFacts, StatCache } from './stat-cache.js';
import { compareNames, encodeTree } from './tree-object.js';
import type { Snapshot, SnapshotFile, TreeMember } from './types.js';

export interface SnapshotOptions {
  /** The definition's folder, absolute. */
  readonly root: string;
  /** What to copy, relative to it: a folder or a file. */
  readonly path: string;
  /** A step's own patterns, relative to the copied folder. They leave out more; they take nothing in again. */
  readonly exclude?: readonly string[] | undefined;
  /** The project's ignore file: `loadIgnore`. */
  readonly ignore: IgnoreRules;
  readonly cache: StatCache;
  /** Hash every file, whatever the cache says. */
  readonly rehash?: boolean | undefined;
  /** The present, in milliseconds since 1970. */
  readonly now: () => number;
}

/** A folder on the way down. The prefixes are empty or end with `/`. */
interface Folder {
  readonly source: string;
  /** From the definition's folder. */
  readonly shown: string;
  /** From the copied root. */
  readonly path: string;
  readonly ignore: IgnoreScope;
  readonly exclude: IgnoreScope;
}

/** What is never copied, at any depth: it would put history, secrets or the definition itself into its own identity. */
const neverCopied = /^(?:\.git|\.bake|bake\.lock|bake\.config\.(?:js|mjs|ts|json|ya?ml))$/;

const lstatOptions = { bigint: true, throwIfNoEntry: false } as const;
const kinds = { mask: 0o170000, folder: 0o040000, file: 0o100000, link: 0o120000 } as const;

/**
 * Walks what a step copies, once: its identity, and all that is needed to read the same bytes later.
 * Synchronous, because for many small files that is several times faster. Errors are `ERR_BAKE_INPUT_…`, and name the
 * path as the definition would.
 */
export function snapshot(options: SnapshotOptions): Snapshot {
  const { cache, rehash, now } = options;
  const place = locate(options.root, options.path);
  const { top, ignored } = openTop(options, place);
  const exclude = options.exclude?.length ? ignoreRules(options.exclude, 'exclude') : noRules;
  const findings = openFindings();
  const objects = new Map<Digest, Uint8Array>();
  const files: SnapshotFile[] = [];

  const addFile = (source: string, shown: string, path: string, name: string, stat: BigIntStats): SnapshotFile => {
    let facts: FileFacts | undefined = rehash ? undefined : cache.lookup(shown, stat);
    if (!facts) {
      const hashedAt = now();
      facts = hashFile(source, shown, stat);
      cache.store(shown, stat, facts, hashedAt);
    }
    if (facts.flags !== 0 || name.startsWith('.')) findings.file(shown, name, facts);
    const mode = (Number(stat.mode) & 0o111) === 0 ? '0644' : '0755';
    const file: SnapshotFile = { path, source, mode, size: Number(stat.size), digest: facts.digest };
    files.push(file);
    return file;
  };

  const addFolder = (folder: Folder): readonly TreeMember[] => {
    const members: TreeMember[] = [];
    const folded = new Map<string, string>();
    for (const name of listFolder(folder)) {
      if (neverCopied.test(name)) continue;
      const source = `${folder.source}/${name}`;
      const shown = folder.shown + name;
      const path = folder.path + name;
      const out = options.ignore.ignores(shown, folder.ignore) || exclude.ignores(path, folder.exclude);
      // What is ignored is not even looked at, unless something below could be taken in again.
      if (out && (options.ignore.enter(shown, folder.ignore).pruned || exclude.enter(path, folder.exclude).pruned))
        continue;
      if (name.includes('\ufffd')) checkName(folder, name, out);
      const stat = look(source, shown);
      const kind = stat ? Number(stat.mode) & kinds.mask : 0;
      if (stat && kind === kinds.folder) {
        const ignore = options.ignore.enter(shown, folder.ignore);
        const below = { ignore, exclude: exclude.enter(path, folder.exclude) };
        const held = addFolder({ source, shown: `${shown}/`, path: `${path}/`, ...below });
        if (out && held.length === 0) continue;
        members.push(['d', name, addObject(held)]);
      } else if (out) continue;
      else if (!stat) throw inputError('ERR_BAKE_INPUT_CHANGED', shown, 'vanished while it was read');
      else if (kind === kinds.file) {
        const { mode, size, digest } = addFile(source, shown, path, name, stat);
        members.push(['f', name, mode, size, digest]);
      } else if (kind === kinds.link) {
        const target = readLink(source, shown);
        findings.link(shown, path, target);
        members.push(['l', name, target]);
      } else throw inputError('ERR_BAKE_INPUT_TYPE', shown, 'is a device, socket or named pipe');
      const like = folded.get(foldName(name));
      if (like === undefined) folded.set(foldName(name), name);
      else findings.alike(folder.shown + like, shown);
    }
    return members;
  };

  const addObject = (members: readonly TreeMember[]): Digest => {
    const bytes = encodeTree(members);
    const digest = sha256(bytes);
    objects.set(digest, bytes);
    return digest;
  };

  const kind = Number(place.stat.mode) & kinds.mask;
  if (kind === kinds.file) {
    if (ignored) throw leftOut(place, options.ignore);
    const file = addFile(place.source, place.path, posix.basename(place.shown), basename(place.source), place.stat);
    return { kind: 'file', file, warnings: findings.warnings() };
  }
  if (kind !== kinds.folder) throw inputError('ERR_BAKE_INPUT_TYPE', place.shown, 'is a device, socket or named pipe');
  const members = addFolder(top);
  if (ignored && members.length === 0) throw leftOut(place, options.ignore);
  return { kind: 'tree', digest: addObject(members), objects, files, warnings: findings.warnings() };
}

/** The copied root, and whether the ignore file leaves it out. */
function openTop({ ignore }: SnapshotOptions, place: Located): { readonly top: Folder; readonly ignored: boolean } {
  const names = place.path === '' ? [] : place.path.split('/');
  if (names.some((name) => neverCopied.test(name)))
    throw inputError('ERR_BAKE_INPUT_MISSING', place.shown, 'is never copied: it belongs to git or to Bakehouse');
  let scope = ignore.top;
  for (const index of names.keys()) scope = ignore.enter(names.slice(0, index + 1).join('/'), scope);
  if (scope.pruned) throw leftOut(place, ignore);
  const shown = place.path === '' ? '' : `${place.path}/`;
  const top: Folder = { source: place.source, shown, path: '', ignore: scope, exclude: noRules.top };
  return { top, ignored: scope.ignored };
}

function leftOut(place: Located, ignore: IgnoreRules): Error {
  return inputError('ERR_BAKE_INPUT_MISSING', place.shown, `is left out by ${ignore.origin ?? 'an ignore file'}`);
}

/** Names in the order of tree objects. */
function listFolder({ source, shown }: Folder): readonly string[] {
  try {
    return readdirSync(source).sort(compareNames);
  } catch (error) {
    throw walkError(shown === '' ? '.' : shown.slice(0, -1), error);
  }
}

function look(source: string, shown: string): BigIntStats | undefined {
  try {
    return lstatSync(source, lstatOptions);
  } catch (error) {
    throw walkError(shown, error);
  }
}

function readLink(source: string, shown: string): string {
  let target: Buffer;
  try {
    target = readlinkSync(source, 'buffer');
  } catch (error) {
    throw walkError(shown, error);
  }
  return decode(target) ?? fail(shown, 'is a link whose target is not valid UTF-8');
}

/** Node reads a name that is not UTF-8 with U+FFFD in it, and could not open it; but a name may really hold that character. */
function checkName(folder: Folder, name: string, out: boolean): void {
  const twins = readdirSync(folder.source, 'buffer').filter((bytes) => bytes.toString() === name);
  if (!out && twins.some((bytes) => decode(bytes) === undefined))
    fail(folder.shown + name, 'has a name that is not valid UTF-8');
}

function decode(bytes: Buffer): string | undefined {
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : undefined;
}

function fail(shown: string, problem: string): never {
  throw inputError('ERR_BAKE_INPUT_NAME', shown, problem);
}
