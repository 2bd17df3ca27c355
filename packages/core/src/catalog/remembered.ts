import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Digest } from '../plan/digest.js';
import { temporaryName } from './owner.js';
import { seal, unseal } from './sealed.js';

/** The newest event of a log that was seen from here. */
export interface Seen {
  readonly sequence: number;
  readonly digest: Digest;
}

/** Where the newest heads that were seen are remembered. What cannot be read or written is as if it had never been. */
export interface Remembered {
  get(path: string): Seen | undefined;
  set(path: string, seen: Seen): void;
  forget(path: string): void;
}

/** Remembers in `<home>/heads/<catalog id>/<project>/<image>`; not at all without a `home`. */
export function rememberHeads(home: string | undefined, catalog: string): Remembered {
  if (home === undefined) return { get: () => undefined, set: () => {}, forget: () => {} };
  const known = new Map<string, Seen>();
  const file = (path: string): string => join(home, 'heads', catalog, path);
  const read = (path: string): Seen | undefined => {
    try {
      const sealed = unseal(readFileSync(file(path)));
      if (sealed === undefined || sealed.schema !== 1) return undefined;
      const { sequence, head } = sealed as unknown as { sequence: number; head: Digest };
      return { sequence, digest: head };
    } catch {
      return undefined;
    }
  };
  return {
    get(path) {
      const seen = read(path) ?? known.get(path);
      if (seen !== undefined) known.set(path, seen);
      return seen;
    },
    set(path, seen) {
      const before = known.get(path);
      if (before?.sequence === seen.sequence && before.digest === seen.digest) return;
      known.set(path, seen);
      const target = file(path);
      const temporary = join(dirname(target), `.${temporaryName()}`);
      try {
        mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
        writeFileSync(temporary, seal({ schema: 1, sequence: seen.sequence, head: seen.digest }).bytes, { flag: 'wx' });
        renameSync(temporary, target);
      } catch {
        quietlyRemove(temporary);
      }
    },
    forget(path) {
      known.delete(path);
      quietlyRemove(file(path));
    },
  };
}

/** `force` forgives only what is not there, not a home that is a file or read-only. */
function quietlyRemove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It could not be written either.
  }
}
