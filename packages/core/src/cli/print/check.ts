import type { CheckReport } from '../../library.js';
import { short } from '../../plan/digest.js';
import type { CheckResult } from '../../provider/types.js';
import { marks, type Mark } from './marks.js';
import { table, type Row } from './table.js';
import { visible } from './text.js';
import { duration } from './time.js';
import type { View } from './view.js';

const signs: Readonly<Record<CheckResult['outcome'], Mark>> = {
  passed: marks.good,
  failed: marks.bad,
  notRun: marks.open,
};

/** One line a check, and what they came to. */
export function printCheck({ version, checks }: CheckReport, view: View): readonly string[] {
  const head = view.style('cyan', short(version));
  if (checks.length === 0) return [`${head}  no checks are defined`];
  const rows = checks.map((check): Row => {
    const sign = signs[check.outcome];
    return [
      { text: `${sign.text} ${visible(check.name)}`, colour: sign.colour },
      { text: duration(check.milliseconds), colour: 'dim' },
      visible((check.detail ?? (check.outcome === 'notRun' ? 'not run' : '')).split('\n', 1)[0] ?? ''),
    ];
  });
  const number = (outcome: CheckResult['outcome']): number =>
    checks.filter((check) => check.outcome === outcome).length;
  const [failed, notRun] = [number('failed'), number('notRun')];
  const total = [
    `${number('passed')}/${checks.length} checks passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(notRun > 0 ? [`${notRun} not run`] : []),
  ];
  return [...table(rows, view), `${head}  ${total.join(' · ')}`];
}
