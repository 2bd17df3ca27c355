import { posix } from 'node:path';
import { factFlags, type FileFacts } from './stat-cache.js';

/** Collects what is worth a warning, and puts each kind into one line. The same lines on every machine, in the same order. */
export interface Findings {
  /** A file that is copied. `shown` is relative to the definition. */
  file(shown: string, facts: FileFacts): void;
  /** A link that is copied, `path` being relative to the copied root. */
  link(shown: string, path: string, target: string): void;
  /** Pairs of names of one folder that some file systems take for one. `prefix` is that folder, empty or ending with `/`. */
  alike(prefix: string, pairs: readonly (readonly [string, string])[]): void;
  warnings(): readonly string[];
}

/** How many paths a warning names. */
const named = 3;
const secretName = /(?:^|\/)\.(?:npmrc|env(?:\.[^/]*)?)$/;
/** Files that show what a secret file should look like. */
const harmless = /\.(?:example|sample|template|dist|defaults?|schema)$/;

export function openFindings(): Findings {
  const crlf: string[] = [];
  const secrets: string[] = [];
  const climbing: string[] = [];
  const alike: string[] = [];
  return {
    file(shown, { flags }) {
      // Most files are of no interest, and this is asked of each.
      if (flags === 0 && shown[shown.lastIndexOf('/') + 1] !== '.') return;
      const secret = secretName.test(shown);
      if ((flags & factFlags.crlf) !== 0) crlf.push(shown);
      if ((flags & factFlags.privateKey) !== 0) secrets.push(`${shown} (a private key)`);
      else if (secret && !harmless.test(shown)) secrets.push(shown);
    },
    link(shown, path, target) {
      if (target.startsWith('/')) return;
      const end = posix.join(posix.dirname(path), target);
      if (end === '..' || end.startsWith('../')) climbing.push(`${shown} → ${target}`);
    },
    alike(prefix, pairs) {
      alike.push(...pairs.map(([a, b]) => `${prefix}${a} and ${b}`));
    },
    warnings() {
      return [
        line(secrets, 'copied into the image, and may be secret'),
        line(climbing, 'links that lead out of the copied folder'),
        line(crlf, 'lines that end in CRLF, copied as they are'),
        line(alike, 'names that differ only in case or accents, which some file systems cannot hold both'),
      ].flatMap((text) => text ?? []);
    },
  };
}

/** A name that can have a twin: one of two that differ only in case or accents is not plain lower-case ASCII. */
export const canHaveTwin: RegExp = /[A-Z\x80-\uffff]/;

/** Pairs of names that a file system takes for one, if it keeps neither case nor the spelling of accents apart. */
export function twins(names: readonly string[]): (readonly [string, string])[] {
  const folded = new Map<string, string>();
  return names.flatMap((name) => {
    const key = name.normalize('NFC').toLowerCase();
    const first = folded.get(key);
    if (first !== undefined) return [[first, name] as const];
    folded.set(key, name);
    return [];
  });
}

function line(found: readonly string[], what: string): string | undefined {
  if (found.length === 0) return undefined;
  const more = found.length > named ? `, and ${found.length - named} more` : '';
  return `${what}: ${found.slice(0, named).join(', ')}${more}`;
}
