import type { ExportResult } from '../../library.js';
import { table } from './table.js';
import { visible } from './text.js';
import type { View } from './view.js';

export function printExport({ file, digest }: ExportResult, view: View): readonly string[] {
  return table([[`wrote ${visible(file)}`, { text: visible(digest), colour: 'dim' }]], view);
}
