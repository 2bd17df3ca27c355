import { blobOf } from '../catalog/blob-of.js';
import type { Blobs, NewBlob } from '../catalog/types.js';
import type { Digest } from '../plan/digest.js';
import { canonicalJson } from '../plan/json.js';
import type { BaseBlob } from '../provider/types.js';
import type { PlannedNode } from '../project/plans.js';
import type { Project } from '../project/types.js';
import { readFile } from '../tree/reader.js';
import type { SnapshotFile } from '../tree/types.js';
import type { FetchedFile } from './fetch.js';

/** What a `built` event says of the inputs that were kept. */
export interface Retained {
  readonly plan: Digest;
  readonly definition: Digest;
  /** Roots: trees, files, scripts, downloads, templates, and the blobs of the base. */
  readonly inputs: readonly Digest[];
}

const fileBlob = (file: SnapshotFile): NewBlob => ({
  digest: file.digest,
  size: file.size,
  read: () => readFile(file),
});

/** Stores the closure of a build's inputs: what is there already is neither read nor written again. */
export async function retainInputs(
  project: Project,
  blobs: Blobs,
  node: PlannedNode,
  fetched: readonly FetchedFile[],
  base: readonly BaseBlob[],
): Promise<Retained> {
  const plan = blobOf(canonicalJson(node.plan));
  const definition = blobOf(canonicalJson(project.written));
  const template = node.template && blobOf(node.template);
  const roots = rootsOf(node);
  const missingRoots = await blobs.missing(roots.keys());
  const batch: NewBlob[] = [plan, definition, ...(template ? [template] : []), ...fetched.map(fileBlob), ...base];
  for (const digest of missingRoots) batch.push(...(roots.get(digest)?.() ?? []));
  await blobs.write(batch);
  const downloads = node.plan.identity.steps.flatMap((step) => (step.kind === 'fetch' ? [step.sha256] : []));
  const others = [...downloads, ...(template ? [template.digest] : []), ...base.map(({ digest }) => digest)];
  return {
    plan: plan.digest,
    definition: definition.digest,
    inputs: [...new Set([...roots.keys(), ...others])],
  };
}

/**
 * Each root with the blobs that it stands for. A stored tree object implies that all below it is stored, because a
 * batch becomes visible as a whole: an unchanged tree costs one look.
 */
function rootsOf(node: PlannedNode): ReadonlyMap<Digest, () => NewBlob[]> {
  const roots = new Map<Digest, () => NewBlob[]>();
  for (const found of node.snapshots) {
    if (found?.kind === 'file') roots.set(found.file.digest, () => [fileBlob(found.file)]);
    if (found?.kind === 'tree') {
      roots.set(found.digest, () => [
        ...[...found.objects].map(([digest, bytes]) => ({ digest, size: bytes.length, read: () => bytes })),
        ...found.files.map(fileBlob),
      ]);
    }
  }
  return roots;
}
