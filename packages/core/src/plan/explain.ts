import { posix } from 'node:path';
import type { TreeMember } from '../tree/types.js';
import type { Digest } from './digest.js';
import { canonicalJson, type Json, type JsonObject } from './json.js';
import type { Change, CopySource, Plan, PlanStep } from './types.js';

/** Reads a tree object; `undefined` where it is not at hand. */
export type LoadTree = (digest: Digest) => Promise<readonly TreeMember[] | undefined>;

/** Which inputs of `after` differ from those of `before`, down to the file. Empty where both are one version. */
export async function explainPlans(before: Plan, after: Plan, loadTree: LoadTree): Promise<readonly Change[]> {
  if (before.version === after.version) return [];
  const changes: Change[] = [];
  const { base: baseBefore, steps: stepsBefore, ...restBefore } = before.identity;
  const { base: baseAfter, steps: stepsAfter, ...restAfter } = after.identity;
  if (canonicalJson(baseBefore) !== canonicalJson(baseAfter)) {
    changes.push({ input: 'base', kind: 'changed', before: baseText(before), after: baseText(after) });
  }
  changes.push(...diffJson('', restBefore as unknown as JsonObject, restAfter as unknown as JsonObject));
  for (const [old, now] of align(stepsBefore, stepsAfter)) {
    changes.push(...(await diffStep(before, old, after, now, loadTree)));
  }
  return changes;
}

/** A plan's base as people know it, with the id that it stood for. */
function baseText({ identity, origin }: Plan): string {
  if (identity.base.kind === 'scratch') return 'scratch';
  return `${origin.selector} (${identity.base.kind === 'image' ? identity.base.version : identity.base.id})`;
}

type Index = number | undefined;

/** Pairs of step indices: equal steps at both ends belong together, those between are paired by position. */
function align(before: readonly PlanStep[], after: readonly PlanStep[]): readonly (readonly [Index, Index])[] {
  const a = before.map((step) => canonicalJson(step));
  const b = after.map((step) => canonicalJson(step));
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const length = Math.max(a.length, b.length) - head - tail;
  return Array.from({ length }, (_, offset) => {
    const index = head + offset;
    return [index < a.length - tail ? index : undefined, index < b.length - tail ? index : undefined];
  });
}

async function diffStep(
  before: Plan,
  old: Index,
  after: Plan,
  now: Index,
  loadTree: LoadTree,
): Promise<readonly Change[]> {
  const oldStep = old === undefined ? undefined : before.identity.steps[old];
  const newStep = now === undefined ? undefined : after.identity.steps[now];
  const oldName = before.steps[old ?? -1]?.name ?? null;
  const newName = after.steps[now ?? -1]?.name ?? null;
  if (oldStep === undefined) return [{ input: `steps[${now}]`, kind: 'added', before: null, after: newName }];
  if (newStep === undefined) return [{ input: `steps[${old}]`, kind: 'removed', before: oldName, after: null }];
  const where = `steps[${now}]`;
  if (oldStep.kind !== newStep.kind) return [{ input: where, kind: 'changed', before: oldName, after: newName }];
  if (oldStep.kind !== 'copy' || newStep.kind !== 'copy') {
    return diffJson(where, oldStep, newStep);
  }
  const { source: oldSource, ...oldRest } = oldStep;
  const { source: newSource, ...newRest } = newStep;
  const roots = { before: rootOf(before, old), after: rootOf(after, now) };
  return [
    ...diffJson(where, oldRest, newRest),
    ...(await diffSources(oldSource, newSource, loadTree)).map(({ input, ...rest }) => {
      const root = rest.kind === 'removed' ? roots.before : roots.after;
      return { input: `${where} ${[root, input].filter((part) => part !== '').join('/')}`, ...rest };
    }),
  ];
}

/** Where a step copies from, as it is written, without `./` and a trailing `/`. */
function rootOf({ steps }: Plan, index: Index): string {
  const path = posix.normalize(steps[index ?? -1]?.path ?? '').replace(/\/$/, '');
  return path === '.' ? '' : path;
}

async function diffSources(before: CopySource, after: CopySource, loadTree: LoadTree): Promise<readonly Change[]> {
  if ('tree' in before && 'tree' in after) return diffTrees('', before.tree, after.tree, loadTree);
  const text = (source: CopySource): string =>
    'tree' in source ? `folder ${source.tree}` : `${source.name} ${source.mode} ${source.file}`;
  if (text(before) === text(after)) return [];
  return [{ input: '', kind: 'changed', before: text(before), after: text(after) }];
}

/** Differences of two trees; `input` is the path relative to their roots. */
async function diffTrees(
  path: string,
  before: Digest | undefined,
  after: Digest | undefined,
  loadTree: LoadTree,
): Promise<readonly Change[]> {
  if (before === after) return [];
  const [old, now] = await Promise.all([membersOf(before, loadTree), membersOf(after, loadTree)]);
  if (old === undefined || now === undefined) {
    return [{ input: path, kind: 'changed', before: before ?? null, after: after ?? null }];
  }
  const changes: Change[] = [];
  for (const name of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const a = old.get(name);
    const b = now.get(name);
    const child = path === '' ? name : `${path}/${name}`;
    const folders = (a ?? b)?.[0] === 'd' && (b ?? a)?.[0] === 'd';
    if (folders) {
      const [from, to] = [a, b].map((member) => (member?.[0] === 'd' ? member[2] : undefined));
      const inside = await diffTrees(child, from, to, loadTree);
      const emptyOne = inside.length === 0 && (a === undefined || b === undefined);
      changes.push(...(emptyOne ? [change(child, a, b)] : inside));
    } else if (canonicalJson(a ?? null) !== canonicalJson(b ?? null)) changes.push(change(child, a, b));
  }
  return changes;
}

async function membersOf(
  digest: Digest | undefined,
  loadTree: LoadTree,
): Promise<ReadonlyMap<string, TreeMember> | undefined> {
  if (digest === undefined) return new Map();
  const members = await loadTree(digest);
  return members && new Map(members.map((member) => [member[1], member]));
}

function change(input: string, before: TreeMember | undefined, after: TreeMember | undefined): Change {
  return {
    input,
    kind: before === undefined ? 'added' : after === undefined ? 'removed' : 'changed',
    before: before ? memberText(before) : null,
    after: after ? memberText(after) : null,
  };
}

function memberText(member: TreeMember): string {
  if (member[0] === 'f') return `${member[2]} ${member[4]}`;
  return member[0] === 'l' ? `→ ${member[2]}` : 'folder';
}

/** Differences of two JSON objects, one per leaf; lists are compared whole. */
function diffJson(path: string, before: JsonObject, after: JsonObject): readonly Change[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((key) => {
    const input = path === '' ? key : `${path}.${key}`;
    const a = before[key];
    const b = after[key];
    if (isObject(a) && isObject(b)) return diffJson(input, a, b);
    if (isObject(a) && b === undefined) return diffJson(input, a, {});
    if (a === undefined && isObject(b)) return diffJson(input, {}, b);
    if (a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b)) return [];
    const kind = a === undefined ? 'added' : b === undefined ? 'removed' : 'changed';
    return [{ input, kind, before: jsonText(a), after: jsonText(b) }];
  });
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const jsonText = (value: Json | undefined): string | null =>
  value === undefined ? null : typeof value === 'string' ? value : canonicalJson(value);
