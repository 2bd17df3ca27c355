import { join } from 'node:path';
import type { Step } from '../definition/types.js';
import { BakeError } from '../errors/bake-error.js';
import { located } from '../errors/located.js';
import type { StepMaterial } from '../plan/steps.js';
import { loadIgnore } from '../tree/ignore.js';
import { snapshot } from '../tree/snapshot.js';
import { openStatCache } from '../tree/stat-cache.js';
import type { Snapshot } from '../tree/types.js';
import type { Project } from './types.js';

/** A step's digests, and what the walk found to read the bytes from later. */
export interface FoundMaterial {
  readonly material: StepMaterial;
  readonly snapshot: Snapshot | undefined;
}

/** Walks what steps copy, each folder once however many images copy it. */
export interface Materials {
  of(step: Step, where: string): FoundMaterial;
  /** Keeps what was learned for the next run. Never fails: it is a cache. */
  save(): void;
}

/** Opens the walk over the definition's folder. */
export async function openMaterials(project: Project, rehash: boolean): Promise<Materials> {
  const { root, now } = project;
  const cache = openStatCache(join(project.stateDir, 'cache', 'stat'), { now });
  const ignore = await loadIgnore(root);
  const seen = new Map<string, Snapshot>();
  const warned = new Set<string>();

  const walk = (path: string, exclude: readonly string[]): Snapshot => {
    const key = JSON.stringify([path, exclude]);
    let found = seen.get(key);
    if (found === undefined) {
      found = snapshot({ root, path, exclude, ignore, cache, rehash, now });
      seen.set(key, found);
      for (const message of found.warnings) {
        if (!warned.has(message)) project.emit({ type: 'warning', message });
        warned.add(message);
      }
    }
    return found;
  };

  return {
    of: (step, where) => {
      try {
        return materialOf(step, where, walk);
      } catch (error) {
        throw located(error, where);
      }
    },
    save: () => cache.save(),
  };
}

function materialOf(
  step: Step,
  where: string,
  walk: (path: string, exclude: readonly string[]) => Snapshot,
): FoundMaterial {
  if ('copy' in step) {
    const found = walk(step.copy, step.exclude ?? []);
    if (found.kind === 'tree') return { material: { kind: 'copy', source: { tree: found.digest } }, snapshot: found };
    const { digest, mode, size, path } = found.file;
    return { material: { kind: 'copy', source: { file: digest, name: path, mode, size } }, snapshot: found };
  }
  if ('run' in step && typeof step.run === 'object' && 'script' in step.run) {
    const found = walk(step.run.script, []);
    if (found.kind === 'file') return { material: { kind: 'script', digest: found.file.digest }, snapshot: found };
    throw new BakeError('ERR_BAKE_INPUT_TYPE', `${where}: the script ${step.run.script} is a folder`, {
      hint: 'Name a file.',
      data: { where, path: step.run.script },
    });
  }
  if ('ansible' in step || 'packer' in step) {
    throw new BakeError(
      'ERR_BAKE_ENGINE_MISSING',
      `${where}: provisioners need Packer, which no provider here drives yet`,
      {
        hint: 'Write the step as `run`, `copy` or `fetch`.',
        data: { where },
      },
    );
  }
  return { material: { kind: 'none' }, snapshot: undefined };
}
