import type { LogsResult } from '../../library.js';
import { logLine, truncate, visible } from './text.js';
import type { View } from './view.js';

/** The log of each step under a heading. */
export function printLogs({ logs }: LogsResult, view: View): readonly string[] {
  if (logs.length === 0) return ['nothing was logged'];
  return logs.flatMap(({ step, text }) => [
    view.style('bold', `── ${truncate(visible(step), view.columns - 3)}`),
    ...text
      .replace(/\r?\n$/, '')
      .split(/\r?\n/)
      .map(logLine),
  ]);
}
