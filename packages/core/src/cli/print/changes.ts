import type { Change } from '../../plan/types.js';
import type { Colour } from './style.js';
import { table, type Row } from './table.js';
import { shortDigests, visible } from './text.js';
import type { View } from './view.js';

const signs: Readonly<Record<Change['kind'], readonly [sign: string, colour: Colour]>> = {
  added: ['+', 'green'],
  removed: ['-', 'red'],
  changed: ['~', 'yellow'],
};

/** Every change on a line of its own: `~ steps[0] site/index.html  0644 1c2d3e4f5a6b → 0644 9f8e7d6c5b4a`. */
export function changeLines(changes: readonly Change[], view: View, indent = ''): readonly string[] {
  const rows = changes.map((change): Row => {
    const [text, colour] = signs[change.kind];
    return [{ text: `${text} ${visible(change.input)}`, colour }, values(change)];
  });
  return table(rows, { ...view, indent });
}

function values({ before, after }: Change): string {
  const [old, now] = [before, after].map((value) => (value === null ? null : visible(shortDigests(value))));
  if (old == null) return now ?? '';
  return now == null ? old : `${old} → ${now}`;
}
