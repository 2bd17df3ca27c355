import type { RenderResult } from '../../library.js';
import { visible, visibleLines } from './text.js';
import type { View } from './view.js';

/** One file is printed bare, so that it can be redirected; several get headings. */
export function printRender({ files }: RenderResult, view: View): readonly string[] {
  if (files.length === 1) return visibleLines(files[0]?.text ?? '');
  return files.flatMap(({ name, text }) => [view.style('bold', `── ${visible(name)}`), ...visibleLines(text)]);
}
