import { stripVTControlCharacters } from 'node:util';

const escaped = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
};

/** What changes the direction of the text around it, or breaks a line where nobody sees it. */
const treacherous = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu;

/**
 * Foreign text as one harmless line: a terminal shows every character of it and obeys none.
 * Tabs become spaces; other control characters are shown as `\x1b`, line breaks as `\x0a`.
 */
export function visible(text: string): string {
  return text.replaceAll('\t', '  ').replaceAll(treacherous, escaped);
}

/** Harmless as {@link visible}, with its line breaks and tabs kept: for files and logs that are shown whole. */
export function visibleLines(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) =>
    line.replaceAll(treacherous, (character) => (character === '\t' ? '\t' : escaped(character))),
  );
}

/** A line that a program wrote for a terminal: colours and cursor movements dropped, of a progress bar the last state. */
export function logLine(line: string): string {
  const states = stripVTControlCharacters(line).trimEnd().split('\r');
  return visible(states.at(-1) ?? '').trimEnd();
}

/** A digest or version inside a text, as people see it: its first 12 digits. */
export function shortDigests(text: string): string {
  return text.replaceAll(/\b[0-9a-f]{64}\b/g, (digest) => digest.slice(0, 12));
}

/** One column each, and told apart without a table: ASCII, Latin, punctuation, arrows, and what trees are drawn with. */
const simple =
  /^[ -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2500-\u25fc\u2713-\u2718\u2800-\u28ff]*$/;
const invisible = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
const emoji = /\p{Emoji_Presentation}|\ufe0f/u;

/** First and last of the ranges that East Asian terminals show two columns wide (Unicode's Wide and Fullwidth). */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1b000, 0x1b2ff],
  [0x20000, 0x3fffd],
];

let segmenter: Intl.Segmenter | undefined;

function graphemes(text: string): Iterable<{ readonly segment: string }> {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

function graphemeWidth(grapheme: string): number {
  if (invisible.test(grapheme)) return 0;
  if (emoji.test(grapheme)) return 2;
  const code = grapheme.codePointAt(0) ?? 0;
  return wide.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}

/** How many columns a terminal needs for a text without control characters. */
export function textWidth(text: string): number {
  if (simple.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemes(text)) columns += graphemeWidth(segment);
  return columns;
}

/** The text, cut to a width and ended by `…` where it is wider. */
export function truncate(text: string, columns: number): string {
  if (columns <= 0) return '';
  if (textWidth(text) <= columns) return text;
  if (simple.test(text)) return `${text.slice(0, columns - 1).trimEnd()}…`;
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes(text)) {
    used += graphemeWidth(segment);
    if (used > columns - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/** The text, filled up with spaces to a width. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - textWidth(text)));
}

/** Breaks a text between words; a word that is wider than the lines stays whole. */
export function wrap(text: string, columns: number): readonly string[] {
  if (textWidth(text) <= columns) return [text];
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(last) + 1 + textWidth(word) <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
