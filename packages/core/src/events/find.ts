import { codePointOf, createReadings, longestCodePoint, nextOf, type Read } from './decode.js';
import { shortest, type Needle } from './needles.js';

/** Where something was found: UTF-16 offsets, the end not included. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Finds needles in texts. */
export interface Finder {
  /** All places, in order; those that overlap or touch are one. What is found from a place on depends on no text before it. */
  readonly find: (text: string) => readonly Span[];
  /** UTF-16 units that one needle can cover at most. */
  readonly longest: number;
}

/** Finds needles as they are, percent-encoded, with JSON's escapes or quoted by a shell, and one of these inside another. */
export function createFinder(needles: readonly Needle[]): Finder {
  const unique = [...new Map(needles.map((needle) => [`${needle.base64} ${needle.text}`, needle])).values()];
  const readings = createReadings(unique.map(({ text }) => text));
  const indexes = [false, true].map((base64) => createIndex(unique, base64));

  const literal = (text: string): readonly Span[] => {
    const folded = text.replaceAll('-', '+').replaceAll('_', '/');
    return unique.flatMap((needle) => occurrences(needle.base64 ? folded : text, needle.text));
  };

  const encoded = (text: string, read: Read): readonly Span[] => {
    const found: Span[] = [];
    for (let start = 0; start < text.length; start++)
      for (const { base64, firsts, byPrefix } of indexes) {
        if (!firsts.has(characterOf(read(start), base64))) continue;
        for (const needle of byPrefix.get(prefixAt(read, start, base64)) ?? []) {
          const end = matchEnd(read, start, needle, base64);
          if (end !== -1) found.push({ start, end });
        }
      }
    return found;
  };

  return {
    find: (text) => joinSpans([...literal(text), ...readings(text).flatMap((read) => encoded(text, read))]),
    longest: Math.max(0, ...unique.map(({ text }) => Array.from(text).length)) * longestCodePoint,
  };
}

/** Needles by how they begin: most places of a text are left after a look or two. */
function createIndex(needles: readonly Needle[], base64: boolean) {
  const firsts = new Set<number>();
  const byPrefix = new Map<number, (readonly number[])[]>();
  for (const { text } of needles.filter((needle) => needle.base64 === base64)) {
    const codePoints = Array.from(text, (character) => character.codePointAt(0) ?? 0);
    firsts.add(codePoints[0] ?? 0);
    const prefix = codePoints.slice(0, shortest).reduce(hash, 0);
    byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), codePoints]);
  }
  return { base64, firsts, byPrefix };
}

const hash = (sum: number, codePoint: number): number => (sum * 131 + codePoint) | 0;

/** Of the first {@link shortest} code points, which every needle has; -1 at the end of the text. */
function prefixAt(read: Read, start: number, base64: boolean): number {
  let at = start;
  let sum = 0;
  for (let count = 0; count < shortest; count++) {
    const found = read(at);
    if (found === -1) return -1;
    sum = hash(sum, characterOf(found, base64));
    at = nextOf(found);
  }
  return sum;
}

/** Sorted, and those that overlap or touch made one. */
export function joinSpans(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last === undefined || span.start > last.end) result.push(span);
    else result[result.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
  }
  return result;
}

/** Also those that overlap: a needle may begin within another place of it. */
function occurrences(text: string, needle: string): readonly Span[] {
  const found: Span[] = [];
  for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + 1))
    found.push({ start: at, end: at + needle.length });
  return found;
}

function matchEnd(read: Read, start: number, codePoints: readonly number[], base64: boolean): number {
  let at = start;
  for (const codePoint of codePoints) {
    const found = read(at);
    if (found === -1) return -1;
    if (characterOf(found, base64) !== codePoint) return -1;
    at = nextOf(found);
  }
  return at;
}

/** The code point that was read; of Base64's alphabet for URLs the one of the standard alphabet. */
function characterOf(read: number, base64: boolean): number {
  const codePoint = codePointOf(read);
  if (!base64) return codePoint;
  if (codePoint === 0x2d) return 0x2b;
  return codePoint === 0x5f ? 0x2f : codePoint;
}
