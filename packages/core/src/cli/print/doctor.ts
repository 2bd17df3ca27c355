import type { DoctorResult } from '../../library.js';
import { marks } from './marks.js';
import { tableRows, type Row } from './table.js';
import { visible, wrap } from './text.js';
import type { View } from './view.js';

/** One line a finding, with what to do under those that are not well. */
export function printDoctor({ findings }: DoctorResult, view: View): readonly string[] {
  const rows = findings.map(({ name, ok, detail }): Row => {
    const sign = ok ? marks.good : marks.bad;
    return [{ text: `${sign.text} ${visible(name)}`, colour: sign.colour }, visible(detail)];
  });
  return tableRows(rows, view).flatMap((lines, index) => {
    const hint = findings[index]?.hint ?? null;
    const below = hint === null ? [] : wrap(visible(hint), view.columns - 4);
    return [...lines, ...below.map((line) => view.style('dim', `    ${line}`))];
  });
}
