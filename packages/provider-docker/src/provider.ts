import * as fs from 'node:fs';
import {
  BakeError,
  isBakeError,
  run,
  type Artifact,
  type ArtifactRequest,
  type Leftover,
  type Probe,
  type CheckOutput,
  type Provider,
  type ProviderContext,
  type ProviderFault,
} from '@bakehouse/core/provider';
import type { BaseWorld } from './base/open.js';
import { artifactOf, readLayout, removeLayout, type Layout } from './image/layout.js';
import type { DockerOptions } from './options.js';
import type { RegistryClient } from './registry/index.js';
import { storedLayer } from './rootfs/index-layer.js';
import { createView } from './rootfs/view.js';
import { throwIfAborted } from './store/abort.js';
import { verifyBlob } from './store/blobs.js';
import { collectBlobs, storedKeys } from './store/inventory.js';
import { staleTemporaries, stateFolder, type StateFolder } from './store/state.js';

/**
 * The docker target's live side: images as OCI layouts in the state folder.
 * What reads and writes images is loaded when first used: a plan with nothing to build pays for none of it.
 */
export function createProvider(_options: DockerOptions, context: ProviderContext): Provider {
  const state = stateFolder(context.stateDir);
  let client: Promise<RegistryClient> | undefined;
  const world: BaseWorld = { context, state, registry: () => (client ??= registryClient(context)) };
  return {
    resolveBase: async (selector, signal) => {
      const { resolveBase } = await import('./base/open.js');
      return resolveBase(world, selector, signal);
    },
    find: async (key, signal) => {
      throwIfAborted(signal);
      const layout = readLayout(state, key);
      return Promise.resolve(layout === undefined ? undefined : artifactOf(state, key, layout.id));
    },
    build: async (request) => {
      const { assemble } = await import('./build.js');
      for (const path of staleTemporaries(state)) fs.rmSync(path, { recursive: true, force: true });
      return assemble(world, request);
    },
    remove: async (artifact) => {
      removeLayout(state, artifact);
      collectBlobs(state);
      return Promise.resolve();
    },
    check: async (artifact, probe, request) => check(state, artifact, probe, request),
    export: async (artifact, file, signal) => {
      const { exportArchive } = await import('./image/export.js');
      return exportArchive(state, artifact, layoutOf(state, artifact), file, signal);
    },
    verify: async (artifact, signal) => verify(state, artifact, signal),
    render: async (plan) => {
      const { renderLayers } = await import('./build.js');
      return [{ name: 'layers.txt', text: renderLayers(plan) }];
    },
    baseBlobs: async (selector, base, signal) => {
      const { baseBlobs } = await import('./base/blobs.js');
      return baseBlobs(world, selector, base, signal);
    },
    doctor: async () => {
      const { examine } = await import('./doctor.js');
      return examine(context);
    },
    list: (signal) => list(state, context, signal),
    leftovers: (signal) => leftovers(state, signal),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Loaded when first used: most builds ask no registry. */
async function registryClient({ env, warn }: ProviderContext): Promise<RegistryClient> {
  const { createRegistryClient } = await import('./registry/index.js');
  return createRegistryClient({ env, run, warn });
}

function layoutOf(state: StateFolder, artifact: Artifact): Layout {
  const layout = readLayout(state, artifact);
  if (layout !== undefined && layout.id === artifact.digest) return layout;
  const { image, target, version } = artifact;
  throw new BakeError('ERR_BAKE_ARTIFACT_MISSING', `${image}@${version.slice(0, 12)} is not here`, {
    data: { image, target, version },
  });
}

async function check(
  state: StateFolder,
  artifact: Artifact,
  probe: Probe,
  { signal }: ArtifactRequest,
): Promise<CheckOutput> {
  const { checkFiles } = await import('./check/file-check.js');
  const layers = layoutOf(state, artifact).layers;
  const verified = new Set<string>();
  return checkFiles(
    {
      state,
      signal,
      view: createView(layers.map((blob) => storedLayer(state, blob.digest, 'the image'))),
      async verify({ diffId }) {
        const blob = layers.find(({ digest }) => digest === diffId);
        if (blob === undefined || verified.has(diffId)) return;
        await verifyBlob(state, blob, signal);
        verified.add(diffId);
      },
    },
    probe.checks,
  );
}

async function verify(state: StateFolder, artifact: Artifact, signal: AbortSignal): Promise<readonly ProviderFault[]> {
  const where = `${artifact.image}@${artifact.version.slice(0, 12)}`;
  const layout = readLayout(state, artifact);
  if (layout === undefined && !fs.existsSync(state.layout(artifact))) return [];
  if (layout === undefined || layout.id !== artifact.digest) {
    const detail = 'its layout, manifest, configuration or a layer is missing, damaged, or of another image';
    return [{ kind: 'artifact', where, detail }];
  }
  const faults: ProviderFault[] = [];
  for (const blob of layout.layers) {
    try {
      await verifyBlob(state, blob, signal);
    } catch (error) {
      if (!isBakeError(error, 'ERR_BAKE_ARTIFACT_CORRUPT')) throw error;
      faults.push({ kind: 'blob', where, detail: error.message });
    }
  }
  return faults;
}

async function* list(state: StateFolder, context: ProviderContext, signal: AbortSignal): AsyncGenerator<Artifact> {
  for (const key of storedKeys(state)) {
    throwIfAborted(signal);
    if (key.project !== context.project || key.target !== context.target) continue;
    const layout = readLayout(state, key);
    if (layout !== undefined) yield await Promise.resolve(artifactOf(state, key, layout.id));
  }
}

async function* leftovers(state: StateFolder, signal: AbortSignal): AsyncGenerator<Leftover> {
  for (const path of staleTemporaries(state)) {
    throwIfAborted(signal);
    yield await Promise.resolve({
      kind: 'temporary file',
      id: path,
      run: undefined,
      remove: async () => {
        fs.rmSync(path, { recursive: true, force: true });
        return Promise.resolve();
      },
    });
  }
}
