import * as fs from 'node:fs';
import {
  BakeError,
  type Artifact,
  type ArtifactKey,
  type Provider,
  type ProviderContext,
} from '@bakehouse/core/provider';
import { assemble, renderLayers } from './build.js';
import { resolveBase, type BaseWorld } from './base/open.js';
import { artifactOf, readLayout, removeLayout, type Layout } from './image/layout.js';
import { exportArchive } from './image/export.js';
import type { DockerOptions } from './options.js';
import { staleTemporaries, stateFolder } from './store/state.js';

/** The docker target's live side. */
export function createProvider(_options: DockerOptions, context: ProviderContext): Provider {
  const state = stateFolder(context.stateDir);
  const world: BaseWorld = { context, state };
  const layoutOf = (artifact: Artifact): Layout => {
    const layout = readLayout(state, artifact);
    if (layout === undefined || layout.id !== artifact.digest) throw missing(artifact);
    return layout;
  };
  return {
    resolveBase: (selector, signal) => resolveBase(world, selector, signal),
    find: (key: ArtifactKey) => {
      const layout = readLayout(state, key);
      return Promise.resolve(layout === undefined ? undefined : artifactOf(state, key, layout.id));
    },
    async build(request) {
      for (const path of staleTemporaries(state)) fs.rmSync(path, { recursive: true, force: true });
      return assemble(world, request);
    },
    remove: (artifact) => {
      removeLayout(state, artifact);
      return Promise.resolve();
    },
    export: async (artifact, file, signal) => exportArchive(state, artifact, layoutOf(artifact), file, signal),
    render: (plan) => Promise.resolve([{ name: 'layers.txt', text: renderLayers(plan) }]),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function missing(artifact: Artifact): BakeError {
  return new BakeError('ERR_BAKE_ARTIFACT_MISSING', `${artifact.image}@${artifact.version.slice(0, 12)} is not here`, {
    data: { image: artifact.image, target: artifact.target, version: artifact.version },
  });
}
