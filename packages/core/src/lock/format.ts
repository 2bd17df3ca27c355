import * as v from 'valibot';
import { BakeError } from '../errors/bake-error.js';
import type { Lock, LockedBase } from './types.js';

const utc = v.pipe(v.string(), v.isoTimestamp());

const baseSchema = v.strictObject({
  image: v.string(),
  target: v.string(),
  scope: v.nullable(v.string()),
  selector: v.string(),
  id: v.string(),
  reference: v.string(),
  resolvedAt: utc,
});

const lockSchema = v.strictObject({
  schema: v.literal(1),
  bases: v.array(baseSchema),
  refreshed: v.record(v.string(), utc),
  branch: v.nullable(v.string()),
});

/**
 * Reads the text of a `bake.lock`. Throws `ERR_BAKE_LOCK_NEWER` for a newer schema and `ERR_BAKE_LOCK_INVALID` for
 * anything else that is not a lock; merge conflicts left in the file get a hint of their own.
 */
export function parseLock(text: string, file: string): Lock {
  const invalid = (why: string, hint?: string): BakeError =>
    new BakeError('ERR_BAKE_LOCK_INVALID', `${file} is not a lock file: ${why}`, {
      data: { file },
      ...(hint !== undefined && { hint }),
    });
  if (/^(<{7}|>{7}) /m.test(text)) {
    throw invalid('it holds the marks of a merge conflict', 'Take either side, then run: bake update');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid((error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' '));
  }
  const schema = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
  if (typeof schema === 'number' && schema > 1) {
    throw new BakeError(
      'ERR_BAKE_LOCK_NEWER',
      `${file} has schema ${schema}; this version of Bakehouse knows schema 1`,
      {
        data: { file, schema },
      },
    );
  }
  if (schema === undefined) throw invalid('it has no "schema"');
  const result = v.safeParse(lockSchema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw invalid(`${v.getDotPath(issue) ?? 'the document'}: ${issue.message}`);
}

/** The text of a lock: entries sorted, one member a line, so that it merges and reviews well. */
export function formatLock(lock: Lock): string {
  const bases = [...lock.bases].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  const refreshed = Object.fromEntries(Object.entries(lock.refreshed).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ schema: lock.schema, bases, refreshed, branch: lock.branch }, null, 2)}\n`;
}

/** The same lock with some bases put in the place of those for the same image, target and scope. */
export function withBases(lock: Lock, bases: readonly LockedBase[]): Lock {
  const replaced = new Map([...lock.bases, ...bases].map((base) => [sortKey(base), base]));
  return { ...lock, bases: [...replaced.values()] };
}

const sortKey = (base: LockedBase): string => JSON.stringify([base.image, base.target, base.scope ?? '']);
