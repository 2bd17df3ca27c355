import { writeFile, rm } from 'node:fs/promises';
import type { ImageDefinition } from '../definition/types.js';
import { BakeError } from '../errors/index.js';
import { sha256 } from '../plan/digest.js';
import { canonicalJson, type Json } from '../plan/json.js';
import {
  capabilityNames,
  type Artifact,
  type Capabilities,
  type Provider,
  type ProviderPlugin,
  type Selector,
} from '../provider/types.js';
import { buildInMemory, moment } from './memory-build.js';
import { checkInMemory } from './memory-check.js';
import { memoryWorld, worldKey, type MemoryImage, type MemoryWorld, type Moment } from './memory-world.js';

/** Options of the in-memory provider. */
export interface MemoryOptions {
  /** Changes the bytes of every image: part of identity. */
  readonly flavour?: string;
  /** Where images are published to: not part of identity. */
  readonly registry?: string;
}

/** How the in-memory provider is set up. */
export interface MemorySetup {
  /** What it works on. Default: a world of its own. */
  readonly world?: MemoryWorld;
  /** Default `memory`. */
  readonly kind?: string;
  /** Which capabilities it has. Default: all. */
  readonly capabilities?: readonly (keyof Capabilities)[];
}

/** A plugin, and the world that all its providers work on. */
export type MemoryPlugin = ProviderPlugin<MemoryOptions> & { readonly world: MemoryWorld };

/**
 * The reference provider: keeps artifacts in memory, has every capability, and does at any moment what a test tells it
 * to (see `MemoryWorld.hooks`). What runs on no machine is scripted: the outcomes of checks, the fleet, drift, faults.
 */
export function memoryProvider(setup: MemorySetup = {}): MemoryPlugin {
  const world = setup.world ?? memoryWorld();
  const hidden = capabilityNames.filter((name) => setup.capabilities && !setup.capabilities.includes(name));
  return {
    apiVersion: 1,
    kind: setup.kind ?? 'memory',
    world,
    engines: [
      { name: 'assembler', revision: 1, supports: (image) => isAssembled(image) },
      { name: 'engine', revision: 1, supports: (image) => !isRaw(image) },
    ],
    parseOptions,
    parseSelector,
    identity: ({ flavour }): Json => (flavour === undefined ? {} : { flavour }),
    create: () => {
      const provider: Partial<Provider> = openProvider(world);
      for (const name of hidden) delete provider[name];
      return provider as Provider;
    },
  };
}

function isRaw(image: ImageDefinition): boolean {
  const provisioned = image.steps?.some((step) => 'ansible' in step || 'packer' in step) ?? false;
  return provisioned || image.dockerfile !== undefined || image.packer !== undefined;
}

function isAssembled(image: ImageDefinition): boolean {
  return !isRaw(image) && !(image.steps?.some((step) => 'run' in step) ?? false);
}

function parseOptions(input: unknown): MemoryOptions {
  if (!isObject(input)) throw optionProblems(['options: not an object']);
  const problems = Object.entries(input).flatMap(([key, value]) => {
    if (key !== 'flavour' && key !== 'registry') return [`${key}: unknown option`];
    return typeof value === 'string' ? [] : [`${key}: not a string`];
  });
  if (problems.length > 0) throw optionProblems(problems);
  return { ...input };
}

function optionProblems(problems: readonly string[]): BakeError {
  return new BakeError('ERR_BAKE_PROVIDER_OPTIONS', problems.join('\n'), { data: { problems } });
}

function parseSelector(input: unknown): Selector {
  const { name, tag = 'latest' } = isObject(input) ? input : {};
  const text = typeof name === 'string' && typeof tag === 'string' ? `${name}:${tag}` : input;
  if (typeof text !== 'string' || !/^[a-z0-9/.-]+(:[a-z0-9.-]+)?$/.test(text))
    throw new BakeError('ERR_BAKE_SELECTOR_INVALID', `${canonicalJson(input)} is not NAME or NAME:TAG`);
  const key = text.includes(':') ? text : `${text}:latest`;
  return { key, value: key };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function openProvider(world: MemoryWorld): Provider & Capabilities {
  const at = (action: Moment['action'], key: Moment['key'], signal: AbortSignal): Promise<void> =>
    moment(world, { action, step: action, key, signal });
  const stored = (artifact: Artifact): MemoryImage => {
    const image = world.images.get(worldKey(artifact));
    if (image === undefined) throw new BakeError('ERR_BAKE_ARTIFACT_MISSING', `no artifact ${worldKey(artifact)}`);
    return image;
  };
  return {
    async resolveBase({ key }, signal) {
      await at('resolveBase', undefined, signal);
      const id = world.bases.get(key);
      if (id === undefined) throw new BakeError('ERR_BAKE_BASE_UNKNOWN', `no base ${key}`, { data: { selector: key } });
      return { id, reference: `${key}@${id}` };
    },
    async find(key, signal) {
      await at('find', key, signal);
      return world.images.get(worldKey(key))?.artifact;
    },
    build: (request) => buildInMemory(world, request),
    async remove(artifact, signal) {
      await at('remove', artifact, signal);
      const there = world.images.get(worldKey(artifact));
      if (there?.artifact.id === artifact.id) world.images.delete(worldKey(artifact));
    },
    async check(artifact, { checks }, { signal }) {
      await at('check', artifact, signal);
      return { checks: checks.map((check) => checkInMemory(world, stored(artifact), check)) };
    },
    async publish(artifact, { name }, { signal }) {
      await at('publish', artifact, signal);
      const there = world.published.get(name) ?? new Set();
      world.published.set(name, there);
      const outcome = there.has(stored(artifact).artifact.id) ? 'present' : 'published';
      there.add(artifact.id);
      return { destination: name, id: `${name}/${artifact.image}@${artifact.digest}`, outcome };
    },
    async alias(image, channel, artifact, signal) {
      await at('alias', artifact, signal);
      world.aliases.set(`${image}@${channel}`, artifact.id);
    },
    async deprecate({ id }, until) {
      world.deprecated.set(id, until);
    },
    async revoke({ id }, reason) {
      world.revoked.set(id, reason);
    },
    async restore({ id }) {
      world.revoked.delete(id);
    },
    async *list(signal) {
      await at('list', undefined, signal);
      for (const { artifact } of world.images.values()) yield artifact;
    },
    async *leftovers() {
      for (const [id, { run }] of world.unfinished)
        yield { kind: 'build', id, run, remove: async () => void world.unfinished.delete(id) };
    },
    async *fleet() {
      yield* world.machines.values();
    },
    async inUse(artifacts) {
      return artifacts.map((artifact) => {
        const runs = [...world.machines.values()].filter(
          ({ image, version }) => image === artifact.image && version === artifact.version,
        );
        return { artifact, used: runs.length > 0, by: runs.map(({ id }) => id) };
      });
    },
    async drift({ id }) {
      return world.machines.get(id)?.changes ?? [];
    },
    async doctor() {
      return [{ name: 'memory', ok: true, detail: `${world.images.size} artifacts`, hint: null }];
    },
    async export(artifact, file, signal) {
      const { files, config } = stored(artifact);
      const listing = [...files].map(([path, { content }]) => [path, Buffer.from(content).toString('base64')]);
      const archive = canonicalJson({ artifact: artifact.digest, config, listing });
      try {
        await writeFile(file, archive, { signal });
      } catch (error) {
        await rm(file, { force: true });
        throw signal.aborted ? new BakeError('ERR_BAKE_ABORTED', 'interrupted', { cause: error }) : error;
      }
      return sha256(archive);
    },
    async render({ steps, identity }) {
      const text = steps.map(({ name }) => `${name}\n`).join('');
      return [{ name: 'steps.txt', text: `from ${identity.base.kind}\n${text}` }];
    },
    async baseBlobs(_selector, { id }) {
      const content = new TextEncoder().encode(id);
      return [{ digest: sha256(content), size: content.length, read: () => content }];
    },
    async verify(artifact) {
      return world.faults.get(artifact.id) ?? [];
    },
    async [Symbol.asyncDispose]() {},
  };
}
