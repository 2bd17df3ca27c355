/**
 * Reads one code point of a text that may be encoded: `next * 2^21 + codePoint`, `next` being the offset of what follows,
 * or -1 at the end. One number instead of an object: it is called for every character of every log.
 */
export type Read = (at: number) => number;

const shift = 0x20_0000;
/** What {@link Read} gives. */
export const codePointOf = (read: number): number => read % shift;
export const nextOf = (read: number): number => Math.floor(read / shift);
const pack = (next: number, codePoint: number): number => next * shift + codePoint;

/**
 * How many UTF-16 units of the text one code point can take at most: in the inner encoding 12 ASCII characters (four
 * percent-encoded bytes, or two of JSON's escapes), each of them 6 in the outer one (JSON's escape).
 */
export const longestCodePoint = 72;

const plain =
  (text: string): Read =>
  (at) => {
    const codePoint = text.codePointAt(at);
    return codePoint === undefined ? -1 : pack(at + (codePoint > 0xffff ? 2 : 1), codePoint);
  };

/** One that is not encoded, or not correctly, reads as what it is: every decoder also reads a text that has none of its encoding. */
type Decoder = (read: Read) => Read;

const percent: Decoder = (read) => (at) => {
  const first = read(at);
  if (codePointOf(first) !== 0x25 || first === -1) return first;
  const lead = byteAt(read, at);
  if (lead === -1) return first;
  const byte = codePointOf(lead);
  const following = byte < 0x80 ? 0 : byte < 0xc2 ? -1 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : byte < 0xf5 ? 3 : -1;
  if (following === -1) return first;
  let codePoint = following === 0 ? byte : byte & (0x3f >> following);
  let next = nextOf(lead);
  for (let count = 0; count < following; count++) {
    const more = byteAt(read, next);
    if (more === -1 || (codePointOf(more) & 0xc0) !== 0x80) return first;
    codePoint = (codePoint << 6) | (codePointOf(more) & 0x3f);
    next = nextOf(more);
  }
  return pack(next, codePoint);
};

/** Percent-encoding as forms have it. */
const form: Decoder = (read) => {
  const decoded = percent(read);
  return (at) => {
    const first = read(at);
    return first !== -1 && codePointOf(first) === 0x2b ? pack(nextOf(first), 0x20) : decoded(at);
  };
};

const jsonEscapes: ReadonlyMap<number, number> = new Map(
  Array.from('n\nr\rt\tb\bf\f""\\\\//'.match(/../gs) ?? [], (pair) => [pair.charCodeAt(0), pair.charCodeAt(1)]),
);

const json: Decoder = (read) => {
  const unit = (at: number): number => {
    const first = read(at);
    if (first === -1 || codePointOf(first) !== 0x5c) return -1;
    const letter = read(nextOf(first));
    return letter !== -1 && codePointOf(letter) === 0x75 ? hex(read, nextOf(letter), 4) : -1;
  };
  return (at) => {
    const first = read(at);
    if (first === -1 || codePointOf(first) !== 0x5c) return first;
    const letter = read(nextOf(first));
    const escaped = letter === -1 ? undefined : jsonEscapes.get(codePointOf(letter));
    if (escaped !== undefined) return pack(nextOf(letter), escaped);
    const high = unit(at);
    if (high === -1) return first;
    if ((codePointOf(high) & 0xfc00) !== 0xd800) return high;
    const low = unit(nextOf(high));
    if (low === -1 || (codePointOf(low) & 0xfc00) !== 0xdc00) return high;
    return pack(nextOf(low), 0x1_0000 + ((codePointOf(high) & 0x3ff) << 10) + (codePointOf(low) & 0x3ff));
  };
};

/** A quote in a word that a shell quotes: it ends the quoted part, writes the quote, and begins another. */
const shell: Decoder = (read) => {
  const follows = (at: number, text: string): number => {
    let next = at;
    for (const character of text) {
      const found = read(next);
      if (found === -1 || codePointOf(found) !== character.codePointAt(0)) return -1;
      next = nextOf(found);
    }
    return next;
  };
  return (at) => {
    const first = read(at);
    if (first === -1 || codePointOf(first) !== 0x27) return first;
    const end = Math.max(follows(at, String.raw`'\''`), follows(at, `'"'"'`));
    return end === -1 ? first : pack(end, 0x27);
  };
};

interface Encoding {
  readonly decoder: Decoder;
  /** Whether a text may have something in this encoding: what has not reads as itself. */
  readonly isIn: (text: string) => boolean;
  /** What is encoded otherwise than by the encodings before. Default: anything. */
  readonly differsFor?: string;
}

const encodings: readonly Encoding[] = [
  { decoder: percent, isIn: (text) => text.includes('%') },
  { decoder: json, isIn: (text) => text.includes('\\') },
  { decoder: form, isIn: (text) => text.includes('+'), differsFor: ' ' },
  { decoder: shell, isIn: (text) => /'["\\]'/.test(text), differsFor: "'" },
];

/**
 * Every way to read a text other than as it is, in which one of `wanted` may turn up: in one encoding, or in one inside
 * another. Most texts have none.
 */
export function createReadings(wanted: readonly string[]): (text: string) => readonly Read[] {
  const useful = encodings.filter(({ differsFor = '' }) => wanted.some((text) => text.includes(differsFor)));
  return (text) =>
    useful
      .filter(({ isIn }) => isIn(text))
      .flatMap(({ decoder }) => {
        const outer = decoder(plain(text));
        return [outer, ...useful.map((inner) => inner.decoder(outer))];
      });
}

function byteAt(read: Read, at: number): number {
  const sign = read(at);
  return sign !== -1 && codePointOf(sign) === 0x25 ? hex(read, nextOf(sign), 2) : -1;
}

function hex(read: Read, at: number, digits: number): number {
  let next = at;
  let value = 0;
  for (let count = 0; count < digits; count++) {
    const found = read(next);
    const digit = found === -1 ? -1 : hexDigit(codePointOf(found));
    if (digit === -1) return -1;
    value = value * 16 + digit;
    next = nextOf(found);
  }
  return pack(next, value);
}

function hexDigit(codePoint: number): number {
  if (codePoint >= 0x30 && codePoint <= 0x39) return codePoint - 0x30;
  const lower = codePoint | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
