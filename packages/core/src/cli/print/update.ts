import type { UpdateResult } from '../../library.js';
import { table, type Row } from './table.js';
import { shortDigests, visible } from './text.js';
import type { View } from './view.js';

/** What the selectors stand for now, and which images that makes new versions of. */
export function printUpdate({ changes, rebuilds }: UpdateResult, view: View, dryRun: boolean): readonly string[] {
  if (changes.length === 0) return ['bake.lock is up to date'];
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
