import { createFinder, joinSpans, type Finder, type Span } from './find.js';
import { isLongEnough, needlesFor, shortest } from './needles.js';

const mask = '***';

/** Masks secrets as `***`. */
export interface Redactor {
  /** Masks every secret in a text that is complete: a line, a message, a document. */
  readonly redact: (text: string) => string;
  /** A copy of a JSON value with all strings and member names masked. Numbers stay as they are. */
  readonly redactJson: <Value>(value: Value) => Value;
  /** For a text that arrives in pieces: what it gives is, joined, what `redact` gives for the whole. */
  readonly stream: () => RedactingStream;
}

/** Masks secrets in a text that arrives in pieces, also one that is cut in two. */
export interface RedactingStream {
  /** Takes the next piece, and gives what is certain by now. */
  push(chunk: string): string;
  /** Gives the rest; the stream can then be used for another text. */
  end(): string;
}

/**
 * Makes a redactor for secrets by name. It finds a secret as it is, percent-encoded, with JSON's escapes, as Base64 (also
 * in the middle of other data, and in both alphabets), and each line of one with several lines. White space around a
 * secret does not count. Where secrets overlap, all that any of them covers becomes one mask.
 *
 * Secrets of less than 4 characters, and lines of that length, are not masked; `warn` is told of the former, once each.
 */
export function createRedactor(
  secrets: Readonly<Record<string, string>>,
  { warn }: { readonly warn?: (message: string) => void } = {},
): Redactor {
  const values = new Set<string>();
  for (const [name, secret] of Object.entries(secrets)) {
    const value = secret.trim();
    if (isLongEnough(value)) values.add(value);
    else if (secret !== '')
      warn?.(`the secret ${name} is too short to be masked in logs (less than ${shortest} characters)`);
  }
  if (values.size === 0) return { redact: (text) => text, redactJson: (value) => value, stream: unchanged };

  const finder = createFinder([...values].flatMap(needlesFor));
  const redact = (text: string): string => paint(text, finder.find(text));
  return {
    redact,
    redactJson: (value) => mapStrings(value, redact) as typeof value,
    stream: () => createStream(finder),
  };
}

function paint(text: string, spans: readonly Span[]): string {
  let at = 0;
  let result = '';
  for (const { start, end } of spans) {
    result += text.slice(at, start) + mask;
    at = end;
  }
  return result + text.slice(at);
}

function createStream({ find, longest }: Finder): RedactingStream {
  let held = '';
  /** How much of the beginning of `held` is covered by a mask that was given out already; -1 for no such mask. */
  let covered = -1;
  const give = (until: number): string => {
    const given = covered >= 0;
    const spans = given ? joinSpans([{ start: 0, end: covered }, ...find(held)]) : find(held);
    let result = '';
    let at = 0;
    covered = -1;
    for (const { start, end } of spans) {
      if (start >= until && !(given && start === 0)) break;
      result += held.slice(at, start) + (given && start === 0 ? '' : mask);
      at = Math.min(end, until);
      if (end >= until) covered = end - until;
    }
    result += held.slice(at, until);
    held = held.slice(until);
    return result;
  };
  return {
    push(chunk) {
      held += chunk;
      // What begins before this place ends within what is held.
      const until = held.length - longest;
      if (until <= 0) return '';
      const splitsPair = /[\ud800-\udbff]/.test(held.charAt(until - 1));
      return give(splitsPair ? until - 1 : until);
    },
    end() {
      const rest = give(held.length);
      covered = -1;
      return rest;
    },
  };
}

function unchanged(): RedactingStream {
  return { push: (chunk) => chunk, end: () => '' };
}

function mapStrings(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, map));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [map(key), mapStrings(member, map)]));
}
