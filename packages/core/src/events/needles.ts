/** A text to look for. */
export interface Needle {
  readonly text: string;
  /** Whether it is Base64, in the standard alphabet: `-` and `_` then count as `+` and `/`. */
  readonly base64: boolean;
}

/** Code points of the shortest needle: shorter ones would shred every log. */
export const shortest = 4;

/** Code points of the longest needle; what is longer is cut. It bounds how much of a stream is held back. */
export const longestNeedle = 64;

/**
 * What to look for to find `secret` (without white space around it) wherever it stands: itself, its lines, and their Base64.
 * Of the Base64 of other data that holds it, the characters that depend on the secret alone, for each of the three
 * places at which it may begin in a group of three bytes; of its own Base64, the lines of 64 and 76 that tools break it into.
 */
export function needlesFor(secret: string): readonly Needle[] {
  const texts = [...new Set([secret, ...withLineEnds(secret), ...linesOf(secret)])];
  return [
    ...texts.flatMap((text) => pieces(text).map((piece) => ({ text: piece, base64: false }))),
    ...[...texts.flatMap((text) => base64Cores(text).flatMap(pieces)), ...base64Lines(secret)].map((text) => ({
      text,
      base64: true,
    })),
  ];
}

function withLineEnds(text: string): readonly string[] {
  return ['\n', '\r\n'].map((end) => text.replace(/\r\n|\r|\n/g, end));
}

function linesOf(text: string): readonly string[] {
  return text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter(isLongEnough);
}

/** Whether `text` can be looked for. */
export function isLongEnough(text: string): boolean {
  return Array.from(text).length >= shortest;
}

function base64Cores(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]);
    return whole.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((whole.length * 8) / 6));
  });
}

function base64Lines(text: string): readonly string[] {
  const [aligned = ''] = base64Cores(text);
  return [64, 76]
    .filter((width) => aligned.length > width)
    .flatMap((width) => aligned.match(new RegExp(`.{1,${width}}`, 'g')) ?? [])
    .filter((line) => line.length >= shortest)
    .flatMap(pieces);
}

/** Cuts `text` into parts of about one size: wherever all of it stands, all of them stand, one after the other. */
function pieces(text: string): readonly string[] {
  const codePoints = Array.from(text);
  const count = Math.ceil(codePoints.length / longestNeedle);
  const at = (index: number): number => Math.round((index * codePoints.length) / count);
  return Array.from({ length: count }, (_, index) => codePoints.slice(at(index), at(index + 1)).join(''));
}
