import { BakeError } from '@bakehouse/core/provider';
import type { View } from './view.js';

/** Numeric owner of a file. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

interface Account {
  readonly name: string;
  readonly id: number;
  /** A user's primary group. */
  readonly group: number;
}

/**
 * Looks an owner up in the image's own account files, as Docker's `--chown` does: `user`, `user:group`, numbers or
 * names. Without a group it is the user's primary one; a bare number is its own group.
 * Throws `ERR_BAKE_OWNER_UNKNOWN`.
 */
export function lookUpOwner(owner: string, view: View): Owner {
  const [userText = '', groupText] = owner.split(':');
  const user = numeric(userText) ?? find('user', userText, parse(view.account('etc/passwd')), owner);
  const uid = typeof user === 'number' ? user : user.id;
  if (groupText === undefined || groupText === '') return { uid, gid: typeof user === 'number' ? user : user.group };
  const group = numeric(groupText) ?? find('group', groupText, parse(view.account('etc/group')), owner);
  return { uid, gid: typeof group === 'number' ? group : group.id };
}

function numeric(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function parse(content: string): readonly Account[] {
  return content.split('\n').flatMap((line) => {
    const [name = '', , id = '', group = ''] = line.trim().split(':');
    if (name === '' || name.startsWith('#') || !/^\d+$/.test(id)) return [];
    return [{ name, id: Number(id), group: /^\d+$/.test(group) ? Number(group) : Number(id) }];
  });
}

function find(kind: 'user' | 'group', name: string, accounts: readonly Account[], owner: string): Account {
  const found = accounts.find((account) => account.name === name);
  if (found !== undefined) return found;
  const close = accounts
    .map((account) => ({ name: account.name, distance: distance(name, account.name) }))
    .filter((candidate) => candidate.distance <= Math.max(2, Math.floor(name.length / 3)))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map((candidate) => candidate.name);
  const file = kind === 'user' ? '/etc/passwd' : '/etc/group';
  const hint =
    accounts.length === 0
      ? `The image has no ${file}: use numbers, as in "1000:1000".`
      : close.length > 0
        ? `Did you mean ${close.join(', ')}?`
        : `The ${kind} must be in the image's own ${file}; numbers always work.`;
  throw new BakeError('ERR_BAKE_OWNER_UNKNOWN', `the image has no ${kind} "${name}"`, {
    hint,
    data: { owner, kind, name, close },
  });
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}
