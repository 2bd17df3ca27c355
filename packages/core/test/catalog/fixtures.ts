import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Author, Digest, EventPayloads, NewBlob, NewEvent, Version } from '../../src/index.js';
import { canonicalJson } from '../../src/plan/json.js';
import { sha256 } from '../../src/plan/digest.js';

const made: string[] = [];
afterAll(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
});

/** A new folder that is removed after the tests of the file. */
export function aFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'bake-catalog-'));
  made.push(dir);
  return dir;
}

export const author: Author = { actor: 'ann@host', run: 'run-1', source: { commit: 'c0ffee', dirty: false } };

/** A version made from a word. */
export function aVersion(word: string | number): Version {
  return sha256(`version ${word}`) as string;
}

export function aBlob(content: string | Uint8Array): NewBlob {
  const bytes = Buffer.from(content);
  return { digest: sha256(bytes), size: bytes.length, read: () => bytes };
}

/** A plan blob that is of the version it says. */
export function aPlanBlob(
  word: string,
  trees: readonly Digest[] = [],
): { readonly blob: NewBlob; readonly version: Version } {
  const identity = { word, steps: trees.map((tree) => ({ kind: 'copy', source: { tree }, to: '/' })) };
  const version = sha256(`bakehouse/plan/1\n${canonicalJson(identity)}`) as string;
  return { blob: aBlob(canonicalJson({ schema: 1, version, identity })), version };
}

export function built(
  version: Version,
  over: Partial<EventPayloads['built']> = {},
): NewEvent & { readonly type: 'built' } {
  const artifact = { id: `id-${version.slice(0, 6)}`, digest: sha256(`artifact ${version}`) };
  return {
    type: 'built',
    payload: {
      target: 'docker',
      version,
      branch: 'main',
      platform: 'linux/amd64',
      artifact,
      plan: sha256('plan'),
      definition: sha256('definition'),
      vars: {},
      inputs: [],
      base: 'scratch',
      parents: [],
      log: null,
      packages: null,
      milliseconds: 5,
      ...over,
    },
  };
}

export function checked(
  version: Version,
  over: Partial<EventPayloads['checked']> = {},
): NewEvent & { readonly type: 'checked' } {
  const artifact = { id: `id-${version.slice(0, 6)}`, digest: sha256(`artifact ${version}`) };
  return {
    type: 'checked',
    payload: {
      target: 'docker',
      version,
      artifact,
      checks: sha256('checks'),
      outcome: 'passed',
      passed: 1,
      failed: 0,
      notRun: 0,
      report: sha256('report'),
      milliseconds: 3,
      ...over,
    },
  };
}

export function baked(version: Version, branch = 'main'): NewEvent {
  return { type: 'baked', payload: { branch, versions: { docker: version } } };
}

export function promoted(
  channel: string,
  from: Version | null,
  to: Version,
  over: Partial<EventPayloads['promoted']> = {},
): NewEvent {
  return {
    type: 'promoted',
    payload: { channel, kind: 'promote', moves: { docker: { from, to } }, reason: null, hold: false, ...over },
  };
}
