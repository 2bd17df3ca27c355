import type { Blobs } from '../catalog/types.js';
import { BakeError } from '../errors/bake-error.js';
import type { Digest } from '../plan/digest.js';
import { entriesOf, readFile } from '../tree/reader.js';
import type { InputReader, SnapshotFile } from '../tree/types.js';
import type { PlannedNode } from '../project/plans.js';
import type { FetchedFile } from './fetch.js';

/** The inputs of a build from where they are now: the working folder, a fresh download, or the catalog. */
export function workingInputs(node: PlannedNode, fetched: readonly FetchedFile[], blobs: Blobs): InputReader {
  const scripts = new Map<Digest, SnapshotFile>();
  for (const found of node.snapshots) if (found?.kind === 'file') scripts.set(found.file.digest, found.file);
  return {
    entries: (step) => {
      const found = node.snapshots[step];
      if (found === undefined) throw new RangeError(`step ${step} of ${node.key} copies nothing`);
      return entriesOf(found);
    },
    blob: async (digest) => {
      const file = scripts.get(digest) ?? fetched.find((download) => download.digest === digest);
      if (file === undefined) return blobs.read(digest);
      return { size: file.size, content: readFile(file) };
    },
  };
}

/** Refuses a build whose plan names secrets that were not given. */
export function secretsFor(node: PlannedNode, given: Readonly<Record<string, string>>): Record<string, string> {
  const names = node.plan.identity.steps.flatMap((step) => (step.kind === 'run' ? (step.secrets ?? []) : []));
  return Object.fromEntries(
    names.map((name) => {
      const value = Object.hasOwn(given, name) ? given[name] : undefined;
      if (value !== undefined) return [name, value];
      throw new BakeError('ERR_BAKE_SECRET_MISSING', `images.${node.image} needs the secret "${name}"`, {
        hint: `Give it with: --secret ${name}=env:VARIABLE`,
        data: { image: node.image, secret: name },
      });
    }),
  );
}
