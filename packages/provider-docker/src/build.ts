import {
  BakeError,
  type Artifact,
  type BuildRequest,
  type OciDigest,
  type Plan,
  type PlanStep,
} from '@bakehouse/core/provider';
import { assembler } from './engines.js';
import { baseImage } from './base/image.js';
import type { BaseWorld } from './base/open.js';
import { imageConfig } from './image/config.js';
import { readLayout, writeLayout } from './image/layout.js';
import { findLayer, rememberLayer, stepKey } from './layer/cache.js';
import { place } from './layer/place.js';
import { modeOf, openSource, type FileStep } from './layer/sources.js';
import { withOwner } from './layer/touches.js';
import { writeLayer } from './layer/write.js';
import { lookUpOwner } from './rootfs/accounts.js';
import { storedLayer } from './rootfs/index-layer.js';
import { createView, type View, type ViewLayer } from './rootfs/view.js';
import { throwIfAborted } from './store/abort.js';
import { hasBlob } from './store/blobs.js';
import type { StoredBlob } from './store/blob-writer.js';
import type { StateFolder } from './store/state.js';

/** Builds an image from files alone: one layer a step on top of the base's own. */
export async function assemble(world: BaseWorld, request: BuildRequest): Promise<Artifact> {
  const { plan, signal } = request;
  const steps = fileSteps(plan);
  throwIfAborted(signal);
  const { state } = world;
  const base = await baseImage(world, request);
  const layers: { blob: StoredBlob; view: ViewLayer }[] = base.layers.map((blob) => ({
    blob,
    view: storedLayer(state, blob.digest, 'the base'),
  }));
  const own: { diffId: OciDigest; createdBy: string }[] = [];
  for (const [index, step] of steps.entries()) {
    const name = stepName(plan, index);
    throwIfAborted(signal);
    request.progress(name, 0);
    const view = createView(layers.map((layer) => layer.view));
    const { blob, reused } = await layerOf(state, step, index, name, view, request);
    request.log(name, `${reused ? 're-used' : 'wrote'} layer ${blob.digest} (${blob.size} bytes)`);
    request.progress(name, 1);
    layers.push({ blob, view: storedLayer(state, blob.digest, `the step "${name}"`) });
    own.push({ diffId: blob.digest, createdBy: describe(step) });
  }
  throwIfAborted(signal);
  const config = imageConfig({
    platform: plan.identity.platform,
    base: plan.identity.base.kind === 'scratch' ? undefined : base.config,
    config: plan.identity.config,
    layers: own,
  });
  const blobs = layers.map(({ blob }) => blob);
  const artifact = writeLayout(state, plan, config, blobs, signal);
  // Somebody may have tidied up between the choice of a layer and the layout that keeps it.
  if (readLayout(state, plan) === undefined)
    throw new BakeError('ERR_BAKE_BUILD_FAILED', `${plan.image}: a layer vanished while the image was built`, {
      data: { missing: blobs.filter((blob) => !hasBlob(state, blob)).map(({ digest }) => digest) },
    });
  return artifact;
}

/** The layers of a plan as text: where each goes, and what it is remembered by. */
export function renderLayers(plan: Plan): string {
  const lines = fileSteps(plan).map((step) => `${stepKey(assembler.revision, step).slice(0, 12)}  ${describe(step)}`);
  const { base } = plan.identity;
  const from = base.kind === 'scratch' ? 'scratch' : base.kind === 'external' ? base.id : `image ${base.version}`;
  return [`base          ${from}`, ...lines, ''].join('\n');
}

async function layerOf(
  state: StateFolder,
  step: FileStep,
  index: number,
  name: string,
  view: View,
  request: BuildRequest,
): Promise<{ readonly blob: StoredBlob; readonly reused: boolean }> {
  const key = stepKey(assembler.revision, step);
  const known = findLayer(state, key, view);
  if (known !== undefined) return { blob: known, reused: true };
  const ownerText = step.kind === 'copy' ? step.owner : undefined;
  const owner = ownerText === undefined ? { uid: 0, gid: 0 } : lookUpOwner(ownerText, view);
  const mode = modeOf(step);
  const source = await openSource(step, index, request.inputs, state, request.signal);
  try {
    const { entries, touches } = place({ to: step.to, owner, mode, label: `"${name}"` }, source, view);
    const blob = await writeLayer(entries, state, request.signal);
    rememberLayer(state, key, blob, withOwner(touches, ownerText, owner));
    return { blob, reused: false };
  } finally {
    source.close();
  }
}

/** Throws `ERR_BAKE_ENGINE_MISSING` before anything is made where the assembler cannot do the whole image. */
function fileSteps(plan: Plan): readonly FileStep[] {
  const { engine, steps, source } = plan.identity;
  const foreign = steps.flatMap((step, index) => (isFileStep(step) ? [] : [stepName(plan, index)]));
  if (engine.name === assembler.name && foreign.length === 0 && source === undefined) return steps.filter(isFileStep);
  const needs = engine.name === 'packer' ? 'Packer' : 'a Docker Engine';
  const because = foreign.length > 0 ? ` for ${foreign.map((name) => `"${name}"`).join(', ')}` : '';
  throw new BakeError(
    'ERR_BAKE_ENGINE_MISSING',
    `${plan.image} needs ${needs}${because}; this version of provider-docker builds with the assembler only`,
    {
      hint: 'The assembler does copy and fetch steps and config: put the results of other steps into the base.',
      data: { image: plan.image, engine: engine.name, steps: foreign },
    },
  );
}

function isFileStep(step: PlanStep): step is FileStep {
  return step.kind === 'copy' || step.kind === 'fetch';
}

function stepName(plan: Plan, index: number): string {
  return plan.steps[index]?.name ?? `step ${index + 1}`;
}

/** History text: nothing that is outside identity. */
function describe(step: FileStep): string {
  if (step.kind === 'fetch') return `bakehouse: fetch ${step.sha256.slice(0, 12)} → ${step.to}`;
  const digest = 'tree' in step.source ? step.source.tree : step.source.file;
  return `bakehouse: copy ${digest.slice(0, 12)} → ${step.to}`;
}
