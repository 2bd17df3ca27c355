import type { VerifyReport } from '../../catalog/types.js';
import { count, marks } from './marks.js';
import { table, type Row } from './table.js';
import { shortDigests, visible } from './text.js';
import type { View } from './view.js';

/** Each fault on a line of its own, and the totals. */
export function printVerify({ blobs, events, faults }: VerifyReport, view: View): readonly string[] {
  const sign = faults.length === 0 ? marks.good : marks.bad;
  const found = faults.length === 0 ? 'no faults' : count(faults.length, 'fault');
  const rows = faults.map((fault): Row => [
    { text: visible(fault.kind), colour: 'red' },
    visible(shortDigests(fault.where)),
    visible(fault.detail),
  ]);
  return [
    ...table(rows, { ...view, shrink: 1 }),
    `${view.style(sign.colour, sign.text)} ${count(blobs, 'blob')} · ${count(events, 'event')} · ${found}`,
  ];
}
