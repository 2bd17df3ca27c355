import type { ExplainResult } from '../../library.js';
import { changeLines } from './changes.js';
import type { View } from './view.js';

/** Every input that differs, one a line. */
export function printExplain({ changes }: ExplainResult, view: View): readonly string[] {
  return changes.length === 0 ? ['no input differs'] : changeLines(changes, view);
}
