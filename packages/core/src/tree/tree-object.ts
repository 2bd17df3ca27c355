import { BakeError } from '../errors/index.js';
import { isDigest, sha256, type Digest } from '../plan/digest.js';
import type { TreeMember } from './types.js';

/** What every tree object begins with: it keeps the digest of a tree apart from that of any file of the same JSON. */
export const treeHeader = 'bakehouse/tree/1\n';

const header = Buffer.from(treeHeader);
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** From here on UTF-16 code units no longer sort as UTF-8 bytes do. */
const unsafeOrder = /[\ud800-\uffff]/;

/** The order of names in tree objects: by their UTF-8 bytes, whatever the locale. */
export function compareNames(a: string, b: string): number {
  if (unsafeOrder.test(a) && unsafeOrder.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a === b ? 0 : 1;
}

/** Whether a name can stand in a tree object: not empty, `.` or `..`, no `/` or NUL, and expressible in UTF-8. */
export function isMemberName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name) && name.isWellFormed();
}

/**
 * Bytes of the tree object that holds these members; its digest is the sha256 of them (docs/decisions/0001-tree-objects.md).
 * Members may come in any order. Throws `ERR_BAKE_INTERNAL` for two of one name.
 */
export function encodeTree(members: readonly TreeMember[]): Buffer {
  if (isOrdered(members)) return encodeOrdered(members);
  const ordered = members.toSorted((a, b) => compareNames(a[1], b[1]));
  if (!isOrdered(ordered)) throw new BakeError('ERR_BAKE_INTERNAL', 'two members of a tree have one name');
  return encodeOrdered(ordered);
}

/** For arrays of well-formed strings and integers, JSON.stringify writes what RFC 8785 asks for. */
function encodeOrdered(members: readonly TreeMember[]): Buffer {
  return Buffer.from(treeHeader + JSON.stringify(members));
}

/**
 * Members of a stored tree object. Strict, so that one tree has one encoding and nothing that was tampered with can
 * place a file elsewhere: throws `ERR_BAKE_CATALOG_CORRUPT` for anything that {@link encodeTree} would not have written.
 */
export function decodeTree(bytes: Uint8Array): readonly TreeMember[] {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!data.subarray(0, header.length).equals(header)) throw corrupt('it has no tree header', data);
  let members: unknown;
  try {
    members = JSON.parse(strictUtf8.decode(data.subarray(header.length)));
  } catch (cause) {
    throw corrupt('it is not JSON', data, cause);
  }
  if (!Array.isArray(members)) throw corrupt('it is not a list', data);
  if (!members.every(isMember)) throw corrupt('it has a malformed member', data);
  if (!isOrdered(members)) throw corrupt('its members are out of order', data);
  if (!encodeOrdered(members).equals(data)) throw corrupt('its JSON is not canonical', data);
  return members;
}

/** Every member below a root with its path from there: folders before what they hold, in the order of names. */
export function* treeMembers(
  root: Digest,
  objects: ReadonlyMap<Digest, Uint8Array>,
  prefix = '',
): Generator<readonly [path: string, member: TreeMember]> {
  const bytes = objects.get(root);
  if (!bytes) throw new BakeError('ERR_BAKE_INTERNAL', `a snapshot lacks its tree object ${root}`);
  for (const member of decodeTree(bytes)) {
    const path = prefix + member[1];
    yield [path, member];
    if (member[0] === 'd') yield* treeMembers(member[2], objects, `${path}/`);
  }
}

function isOrdered(members: readonly TreeMember[]): boolean {
  let before: string | undefined;
  for (const [, name] of members) {
    if (before !== undefined && compareNames(before, name) >= 0) return false;
    before = name;
  }
  return true;
}

function isMember(value: unknown): value is TreeMember {
  if (!Array.isArray(value)) return false;
  const [kind, name, ...rest] = value as readonly unknown[];
  if (typeof name !== 'string' || !isMemberName(name)) return false;
  if (kind === 'd') return rest.length === 1 && isDigest(rest[0]);
  if (kind === 'l') return rest.length === 1 && isTarget(rest[0]);
  if (kind !== 'f' || rest.length !== 3) return false;
  const [mode, size, digest] = rest;
  return (mode === '0644' || mode === '0755') && Number.isSafeInteger(size) && Number(size) >= 0 && isDigest(digest);
}

function isTarget(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !value.includes('\0') && value.isWellFormed();
}

function corrupt(why: string, data: Buffer, cause?: unknown): BakeError {
  const digest: Digest = sha256(data);
  return new BakeError('ERR_BAKE_CATALOG_CORRUPT', `the tree object ${digest} is damaged: ${why}`, {
    data: { digest },
    cause,
  });
}
