import type { InitResult } from '../../definition/init.js';
import { visible } from './text.js';
import type { View } from './view.js';

/** What building needs where a definition cannot be built yet. */
const missing: Readonly<Record<NonNullable<InitResult['needs']>, string>> = {
  docker: 'building it needs a Docker Engine, which the provider of this version does not drive yet',
  packer:
    'building it needs Packer, which this version does not drive yet; nor is there a provider-aws or provider-gcp',
};

/** What was written, and what to type next, or why it cannot be built yet. */
export function printInit({ files, needs }: InitResult, view: View, dir: string): readonly string[] {
  const go = dir === '.' ? '' : `cd ${visible(dir)} && `;
  const next =
    needs === undefined
      ? `next  ${view.style('bold', `${go}bake build`)}`
      : `${view.style('yellow', 'note')}  ${missing[needs]}`;
  return [...files.map((file) => `wrote ${visible(file)}`), next];
}
