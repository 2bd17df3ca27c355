import type { UpdateResult } from '../../library.js';
import { table, type Row } from './table.js';
import { shortDigests, visible } from './text.js';
import type { View } from './view.js';

export interface UpdateCircumstances {
  readonly dryRun: boolean;
  /** Whether there is a lock. */
  readonly locked: boolean;
}

/** What the selectors stand for now, and which images that makes new versions of. */
export function printUpdate(
  { changes, rebuilds }: UpdateResult,
  view: View,
  { dryRun, locked }: UpdateCircumstances,
): readonly string[] {
  if (changes.length === 0) return [locked ? 'bake.lock is up to date' : 'nothing to pin'];
  const id = (text: string): string => visible(shortDigests(text));
  const rows = changes.map((change): Row => [
    visible(change.image),
    { text: visible(change.target), colour: 'dim' },
    visible(change.selector),
    change.from === null ? id(change.to) : `${id(change.from)} → ${id(change.to)}`,
  ]);
  return [
    ...table(rows, { ...view, shrink: 2 }),
    rebuilds.length === 0 ? 'rebuilds nothing' : `rebuilds ${rebuilds.map(visible).join(', ')}`,
    ...(dryRun ? [view.style('yellow', 'bake.lock was left as it is: --dry-run')] : []),
  ];
}
