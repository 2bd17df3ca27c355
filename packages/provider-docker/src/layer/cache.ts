import { canonicalJson, sha256, type Digest, type PlanStep } from '@bakehouse/core/provider';
import * as fs from 'node:fs';
import type { View } from '../rootfs/view.js';
import { hasBlob, hexOf } from '../store/blobs.js';
import type { StoredBlob } from '../store/blob-writer.js';
import { readSealed, writeSealed } from '../store/sealed.js';
import type { StateFolder } from '../store/state.js';
import { stillHold, type Touches } from './touches.js';

/** How many bases one step remembers a layer for. */
const mostCandidates = 8;

interface Candidate extends StoredBlob {
  readonly touches: Touches;
}

/** What a step's layers are remembered by: all of the step that is identity, and the writer's revision. */
export function stepKey(revision: number, step: PlanStep): Digest {
  return sha256(`bakehouse/layer/1\n${canonicalJson({ engine: 'assembler', revision, step })}`);
}

/** A layer that was made before for this step, where what it touches of the view is as it was then. */
export function findLayer(state: StateFolder, key: Digest, view: View): StoredBlob | undefined {
  for (const { digest, size, touches } of candidates(state, key)) {
    if (!hasBlob(state, { digest, size }) || !stillHold(touches, view)) continue;
    // Young again, so that nobody who tidies up takes it from under this build.
    const now = new Date();
    fs.utimesSync(state.blob(hexOf(digest)), now, now);
    return { digest, size };
  }
  return undefined;
}

/** Remembers a layer, the newest first. */
export function rememberLayer(state: StateFolder, key: Digest, blob: StoredBlob, touches: Touches): void {
  const others = candidates(state, key).filter(
    (one) => one.digest !== blob.digest || JSON.stringify(one.touches) !== JSON.stringify(touches),
  );
  const kept: readonly Candidate[] = [{ ...blob, touches }, ...others].slice(0, mostCandidates);
  writeSealed(state, state.cache('layers', key), JSON.stringify(kept));
}

function candidates(state: StateFolder, key: Digest): readonly Candidate[] {
  const text = readSealed(state.cache('layers', key));
  return text === undefined ? [] : (JSON.parse(text) as readonly Candidate[]);
}
