import type { Colour, Style } from './style.js';
import { pad, textWidth, truncate } from './text.js';

/** A piece of text with a colour. The text has no control characters: see `visible`. */
export interface Cell {
  readonly text: string;
  readonly colour?: Colour | undefined;
}

export type Row = readonly (Cell | string)[];

export interface TableOptions {
  readonly style: Style;
  readonly columns: number;
  /** Spaces between two columns. Default 2. */
  readonly gap?: number;
  /** Put before each row. */
  readonly indent?: string;
  /** The column that is shortened where the terminal is too narrow for all of them. Default the first. */
  readonly shrink?: number;
}

/** Below this many columns a last cell that does not fit is put on a line of its own. */
const readable = 24;

const textOf = (cell: Cell | string): string => (typeof cell === 'string' ? cell : cell.text);

/** Colours the text of a cell, not the spaces that fill it up. */
function painted(cell: Cell | string, text: string, style: Style): string {
  if (typeof cell === 'string' || cell.colour === undefined) return text;
  const bare = text.trimEnd();
  return style(cell.colour, bare) + text.slice(bare.length);
}

/**
 * Rows with aligned columns. What is too wide is cut in the last cell; where little room is left for that, the last
 * cell goes to a line of its own. Other cells are shortened, in one column, only where even that does not fit.
 */
export function table(rows: readonly Row[], options: TableOptions): readonly string[] {
  return tableRows(rows, options).flat();
}

/** As {@link table}, with the one or two lines of each row apart. */
export function tableRows(rows: readonly Row[], options: TableOptions): readonly (readonly string[])[] {
  const { columns, gap = 2, indent = '', shrink = 0 } = options;
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.slice(0, -1).entries())
      widths[index] = Math.max(widths[index] ?? 0, textWidth(textOf(cell)));
  }
  const fixed = widths.reduce((sum, width) => sum + width + gap, indent.length) - gap;
  const widest = widths[shrink];
  if (fixed > columns && widest !== undefined) widths[shrink] = Math.max(6, widest - (fixed - columns));
  return rows.map((row) => layOut(row, widths, { ...options, gap, indent }));
}

function layOut(
  row: Row,
  widths: readonly number[],
  { style, columns, gap, indent }: TableOptions & { readonly gap: number; readonly indent: string },
): readonly string[] {
  let line = indent;
  let used = indent.length;
  for (const [index, cell] of row.slice(0, -1).entries()) {
    const width = widths[index] ?? 0;
    line += painted(cell, pad(truncate(textOf(cell), width), width), style) + ' '.repeat(gap);
    used += width + gap;
  }
  const cell = row.at(-1) ?? '';
  const text = textOf(cell);
  const room = columns - used;
  if (text === '') return [line.trimEnd()];
  if (textWidth(text) <= room || room >= readable || used === indent.length)
    return [line + painted(cell, truncate(text, room), style)];
  const below = `${indent}    `;
  return [line.trimEnd(), below + painted(cell, truncate(text, columns - below.length), style)];
}
