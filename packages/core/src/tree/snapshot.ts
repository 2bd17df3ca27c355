import type { BigIntStats } from 'node:fs';
import { posix } from 'node:path';
import { sha256, type Digest } from '../plan/digest.js';
import type { FileMode } from '../plan/types.js';
import { canHaveTwin, openFindings, twins } from './findings.js';
import { hashFile } from './hash-file.js';
import { ignoreRules, noRules, type IgnoreRules, type IgnoreScope } from './ignore.js';
import { inputError } from './input-error.js';
import { locate, type Located } from './locate.js';
import { isListedName, listFolder, look, readLink } from './read-folder.js';
import type { FileFacts, StatCache } from './stat-cache.js';
import { encodeTree, treeMembers } from './tree-object.js';
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

/** A folder on the way down. */
interface Folder {
  /** Absolute, ending with `/`. */
  readonly source: string;
  readonly ignore: IgnoreScope;
  readonly exclude: IgnoreScope;
}

/** What is never copied, at any depth: it would put history, or the definition itself, into an image's identity. */
const neverCopied = /^(?:\.git|\.bake|bake\.lock|bake\.config\.(?:js|mjs|ts|json|ya?ml))$/;

const kinds = { mask: 0o170000, folder: 0o040000, file: 0o100000, link: 0o120000 } as const;
const special = 'is a device, socket or named pipe';

/**
 * Walks what a step copies, once: its identity, and all that is needed to read the same bytes later.
 * Synchronous, because for many small files that is several times faster. Errors are `ERR_BAKE_INPUT_…` and name the
 * path relative to the definition; warnings are the same on every machine, with a cold cache and with a warm one.
 */
export function snapshot(options: SnapshotOptions): Snapshot {
  const { ignore, cache, rehash, now } = options;
  const place = locate(options.root, options.path);
  const scope = enterPlace(ignore, place);
  const exclude = options.exclude?.length ? ignoreRules(options.exclude, 'exclude') : noRules;
  const findings = openFindings();
  const objects = new Map<Digest, Uint8Array>();
  const top = place.source.endsWith('/') ? place.source : `${place.source}/`;
  const pathAt = top.length;
  const shownAt = place.path === '' ? pathAt : pathAt - place.path.length - 1;

  const facts = (source: string, shown: string, stat: BigIntStats): FileFacts => {
    let found: FileFacts | undefined = rehash === true ? undefined : cache.lookup(shown, stat);
    if (!found) {
      const hashedAt = now();
      found = hashFile(source, shown, stat);
      cache.store(shown, stat, found, hashedAt);
    }
    findings.file(shown, found);
    return found;
  };

  const addObject = (members: readonly TreeMember[]): Digest => {
    const bytes = encodeTree(members);
    const digest = sha256(bytes);
    objects.set(digest, bytes);
    return digest;
  };

  const walk = (folder: Folder): readonly TreeMember[] => {
    const members: TreeMember[] = [];
    let unusual = false;
    for (const name of listFolder(folder.source, folder.source.slice(shownAt))) {
      if (neverCopied.test(name)) continue;
      // One flat string a file; the other two are views of its end.
      const source = folder.source + name;
      const shown = source.slice(shownAt);
      const path = source.slice(pathAt);
      const out = ignore.ignores(shown, folder.ignore) || exclude.ignores(path, folder.exclude);
      // What is left out is not even looked at, unless something below could be taken in again.
      if (out && (ignore.enter(shown, folder.ignore).pruned || exclude.enter(path, folder.exclude).pruned)) continue;
      const stat = look(source, shown);
      const kind = stat ? Number(stat.mode) & kinds.mask : undefined;
      if (kind === kinds.folder) {
        const below = { ignore: ignore.enter(shown, folder.ignore), exclude: exclude.enter(path, folder.exclude) };
        const held = walk({ source: `${source}/`, ...below });
        if (out && held.length === 0) continue;
        members.push(['d', name, addObject(held)]);
      } else if (out) {
        continue;
      } else if (!isListedName(folder.source, name)) {
        throw inputError('ERR_BAKE_INPUT_NAME', shown, 'has a name that is not valid UTF-8');
      } else if (!stat) {
        throw inputError('ERR_BAKE_INPUT_CHANGED', shown, 'vanished while it was read');
      } else if (kind === kinds.file) {
        members.push(['f', name, modeOf(stat), Number(stat.size), facts(source, shown, stat).digest]);
      } else if (kind === kinds.link) {
        const target = readLink(source, shown);
        findings.link(shown, path, target);
        members.push(['l', name, target]);
      } else {
        throw inputError('ERR_BAKE_INPUT_TYPE', shown, special);
      }
      unusual ||= canHaveTwin.test(name);
    }
    if (unusual) findings.alike(folder.source.slice(shownAt), twins(members.map(([, name]) => name)));
    return members;
  };

  const kind = Number(place.stat.mode) & kinds.mask;
  if (kind === kinds.file) {
    if (scope.ignored) throw leftOut(ignore, place);
    const { digest } = facts(place.source, place.path, place.stat);
    const path = posix.basename(place.shown);
    const size = Number(place.stat.size);
    const file: SnapshotFile = { path, source: place.source, mode: modeOf(place.stat), size, digest };
    return { kind: 'file', file, warnings: findings.warnings() };
  }
  if (kind !== kinds.folder) throw inputError('ERR_BAKE_INPUT_TYPE', place.shown, special);
  const members = walk({ source: top, ignore: scope, exclude: exclude.top });
  if (scope.ignored && members.length === 0) throw leftOut(ignore, place);
  return treeSnapshot(top, addObject(members), objects, findings.warnings());
}

/** A tree's files are all in its tree objects; a plan that finds nothing to build never asks for them. */
function treeSnapshot(
  top: string,
  digest: Digest,
  objects: ReadonlyMap<Digest, Uint8Array>,
  warnings: readonly string[],
): Snapshot {
  let files: readonly SnapshotFile[] | undefined;
  return {
    kind: 'tree',
    digest,
    objects,
    get files() {
      return (files ??= [...treeMembers(digest, objects)].flatMap(([path, member]) => {
        if (member[0] !== 'f') return [];
        const [, , mode, size, digest] = member;
        return [{ path, source: top + path, mode, size, digest }];
      }));
    },
    warnings,
  };
}

/** Canonical modes: the execute bit is content, the rest depends on somebody's umask. */
function modeOf(stat: BigIntStats): FileMode {
  return (Number(stat.mode) & 0o111) === 0 ? '0644' : '0755';
}

/** What the ignore file says of the copied root, which may lie deep below the folder that its patterns are relative to. */
function enterPlace(ignore: IgnoreRules, place: Located): IgnoreScope {
  const names = place.path === '' ? [] : place.path.split('/');
  if (names.some((name) => neverCopied.test(name)))
    throw inputError('ERR_BAKE_INPUT_MISSING', place.shown, 'is never copied: it belongs to git or to Bakehouse');
  let scope = ignore.top;
  for (const index of names.keys()) scope = ignore.enter(names.slice(0, index + 1).join('/'), scope);
  if (scope.pruned) throw leftOut(ignore, place);
  return scope;
}

function leftOut(ignore: IgnoreRules, place: Located): Error {
  return inputError('ERR_BAKE_INPUT_MISSING', place.shown, `is left out by ${ignore.origin ?? 'an ignore file'}`);
}
