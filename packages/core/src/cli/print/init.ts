import type { InitResult } from '../../definition/init.js';
import { visible } from './text.js';
import type { View } from './view.js';

/** What was written, and what to type next. */
export function printInit({ files }: InitResult, view: View, dir: string): readonly string[] {
  const go = dir === '.' ? '' : `cd ${visible(dir)} && `;
  return [...files.map((file) => `wrote ${visible(file)}`), `next  ${view.style('bold', `${go}bake build`)}`];
}
