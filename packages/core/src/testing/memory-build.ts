import { posix } from 'node:path';
import { BakeError } from '../errors/index.js';
import { sha256 } from '../plan/digest.js';
import { canonicalJson } from '../plan/json.js';
import type { PlanStep } from '../plan/types.js';
import type { Artifact, BuildRequest } from '../provider/types.js';
import type { Content } from '../tree/types.js';
import { ProcessDied } from './hooks.js';
import { worldKey, type MemoryFile, type MemoryImage, type MemoryWorld, type Moment } from './memory-world.js';

/** Asks the world's hooks, and rejects with `ERR_BAKE_ABORTED` once the call's signal is aborted. */
export async function moment(world: MemoryWorld, at: Moment): Promise<void> {
  throwIfAborted(at.signal);
  for (const hook of world.hooks) await hook(at);
  throwIfAborted(at.signal);
}

/**
 * Makes an artifact in memory. It appears in one step at the end; until then only `unfinished` knows of it, which is
 * cleaned up in any case, unless the process is said to have died.
 */
export async function buildInMemory(world: MemoryWorld, request: BuildRequest): Promise<Artifact> {
  const { plan, run, signal } = request;
  const key = { project: plan.project, image: plan.image, target: plan.target, version: plan.version };
  const at = (step: string): Promise<void> => moment(world, { action: 'build', step, key, signal });
  const unfinished = `${worldKey(key)}#${world.builds.push(key)}`;
  let died = false;
  try {
    await at('start');
    world.unfinished.set(unfinished, { key, run });
    const files = new Map(inherited(world, request));
    for (const [index, step] of plan.identity.steps.entries()) {
      const name = plan.steps[index]?.name ?? step.kind;
      request.progress(name, 0);
      await at(name);
      await perform(step, index, name, files, request);
      request.progress(name, 1);
    }
    const image = finished(world, request, files);
    await at('commit');
    world.images.set(worldKey(key), image);
    return image.artifact;
  } catch (error) {
    died = error instanceof ProcessDied;
    throw error;
  } finally {
    if (!died) world.unfinished.delete(unfinished);
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new BakeError('ERR_BAKE_ABORTED', 'interrupted', { cause: signal.reason });
}

function inherited(world: MemoryWorld, { parent, plan }: BuildRequest): ReadonlyMap<string, MemoryFile> {
  if (plan.identity.base.kind !== 'image') return new Map();
  const image = parent && world.images.get(worldKey(parent));
  if (image === undefined) throw new BakeError('ERR_BAKE_ARTIFACT_MISSING', 'the artifact of the base is not there');
  return image.files;
}

async function perform(
  step: PlanStep,
  index: number,
  name: string,
  files: Map<string, MemoryFile>,
  request: BuildRequest,
): Promise<void> {
  if (step.kind === 'copy') return copy(step, index, name, files, request);
  if (step.kind === 'fetch') {
    const { content, size } = await request.inputs.blob(step.sha256);
    const file = { type: 'file', path: step.to, mode: '0644', size, digest: step.sha256, read: () => content } as const;
    const mode = step.mode ?? '0644';
    files.set(step.to, { entry: file, mode, owner: '0:0', content: await whole(content) });
    return;
  }
  if (step.kind === 'provisioner') throw new BakeError('ERR_BAKE_ENGINE_UNSUPPORTED', `no engine for "${name}"`);
  for (const secret of step.secrets ?? []) {
    if (request.secrets[secret] === undefined)
      throw new BakeError('ERR_BAKE_SECRET_MISSING', `"${name}" needs ${secret}`);
  }
  for (const line of Array.isArray(step.run) ? (step.run as string[]) : ['a script']) request.log(name, `+ ${line}`);
}

async function copy(
  step: PlanStep & { kind: 'copy' },
  index: number,
  name: string,
  files: Map<string, MemoryFile>,
  request: BuildRequest,
): Promise<void> {
  const single = 'file' in step.source && !step.to.endsWith('/');
  for await (const entry of request.inputs.entries(index)) {
    throwIfAborted(request.signal);
    const path = single ? step.to : posix.join(step.to, entry.path);
    const content = entry.type === 'file' ? await whole(await entry.read()) : new Uint8Array();
    const mode = entry.type === 'file' ? (step.mode ?? entry.mode) : '0755';
    files.set(path, { entry, mode, owner: step.owner ?? '0:0', content });
    request.log(name, path);
  }
}

function finished(world: MemoryWorld, request: BuildRequest, files: ReadonlyMap<string, MemoryFile>): MemoryImage {
  const { plan, run, base } = request;
  const listing = [...files].map(([path, { entry, mode, owner, content }]) => [
    path,
    entry.type === 'link' ? entry.target : entry.type,
    mode,
    owner,
    sha256(content),
  ]);
  const { platform, config = {}, steps, provider } = plan.identity;
  const runs = steps.filter(({ kind }) => kind === 'run');
  const making = world.unrepeatable ? world.builds.length : 0;
  const bytes = { platform, config, options: provider.options, base: base?.id ?? null, listing, runs, making };
  const digest = `sha256:${sha256(canonicalJson(bytes))}`;
  const { project, image, target, version } = plan;
  const locations = [`memory:${project}/${image}@${digest}`];
  return { artifact: { project, image, target, version, id: digest, digest, locations }, files, config, run };
}

async function whole(content: Content): Promise<Uint8Array> {
  if (content instanceof Uint8Array) return content;
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}
