import { posix } from 'node:path';
import { factFlags, type FileFacts } from './stat-cache.js';

/** Collects what is worth a warning, and puts each kind into one line. The same lines on every machine, in the same order. */
export interface Findings {
  /** A file that is copied. `shown` is relative to the definition. */
  file(shown: string, name: string, facts: FileFacts): void;
  /** A link that is copied, `path` being relative to the copied root. */
  link(shown: string, path: string, target: string): void;
  /** Two names of one folder that some file systems take for one. */
  alike(a: string, b: string): void;
  warnings(): readonly string[];
}

/** How many paths a warning names. */
const named = 3;
const environmentFile = /^\.env(?:\.|$)/;
const harmlessEnvironment = /\.(?:example|sample|template|dist|defaults?|schema)$/;

export function openFindings(): Findings {
  const crlf: string[] = [];
  const secrets: string[] = [];
  const climbing: string[] = [];
  const alike: string[] = [];
  return {
    file(shown, name, { flags }) {
      if ((flags & factFlags.crlf) !== 0) crlf.push(shown);
      if ((flags & factFlags.privateKey) !== 0) secrets.push(`${shown} (a private key)`);
      else if (name.startsWith('.') && isSecretName(name)) secrets.push(shown);
    },
    link(shown, path, target) {
      if (target.startsWith('/')) return;
      const end = posix.join(posix.dirname(path), target);
      if (end === '..' || end.startsWith('../')) climbing.push(`${shown} → ${target}`);
    },
    alike(a, b) {
      alike.push(`${a} and ${b}`);
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

/** How a name looks to a file system that keeps neither case nor the spelling of accents apart. */
export function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

function isSecretName(name: string): boolean {
  return name === '.npmrc' || (environmentFile.test(name) && !harmlessEnvironment.test(name));
}

function line(found: readonly string[], what: string): string | undefined {
  if (found.length === 0) return undefined;
  const more = found.length > named ? `, and ${found.length - named} more` : '';
  return `${what}: ${found.slice(0, named).join(', ')}${more}`;
}
