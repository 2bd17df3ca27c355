import type { Definition, ImageDefinition } from '../definition/types.js';
import { BakeError, isBakeError } from '../errors/bake-error.js';
import type { ProviderPlugin, Selector } from '../provider/types.js';
import { inOrder, type GraphNode } from './graph.js';

/** What an image starts from on one target, as the definition says it. */
export type BaseChoice =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'image'; readonly image: string }
  | { readonly kind: 'project'; readonly project: string; readonly image: string; readonly channel: string }
  | { readonly kind: 'selector'; readonly selector: Selector }
  /** An existing Dockerfile or Packer template says it itself. */
  | { readonly kind: 'source' };

/** One image on one target, before anything is resolved. */
export interface ImageTarget extends GraphNode {
  readonly image: string;
  readonly target: string;
  readonly base: BaseChoice;
}

/** The key of an image on a target, unique in a definition. */
export function nodeKey(image: string, target: string): string {
  return `${image}@${target}`;
}

type Plugins = ReadonlyMap<string, ProviderPlugin>;

/**
 * Which targets each image is built for, and what it stands on there; parents before children.
 * A reference without a target reaches every target whose provider understands it; an image reaches those of its parent.
 * Throws `ERR_BAKE_SELECTOR_INVALID` where nothing understands a selector, `ERR_BAKE_TARGET_UNKNOWN` where `targets`
 * names one that is not reached.
 */
export function reach(definition: Definition, plugins: Plugins): readonly ImageTarget[] {
  const images = inOrder(
    Object.entries(definition.images).map(([image, body]) => ({
      key: image,
      body,
      parents: parentImages(definition, body),
    })),
  );
  const reached = new Map<string, ReadonlyMap<string, BaseChoice>>();
  for (const { key: image, body } of images) {
    const all = basesOf(definition, image, body, plugins, reached);
    reached.set(image, narrow(image, body, all));
  }
  return images.flatMap(({ key: image }) =>
    [...(reached.get(image) ?? [])].map(([target, base]) => ({
      key: nodeKey(image, target),
      image,
      target,
      base,
      parents: base.kind === 'image' ? [nodeKey(base.image, target)] : [],
    })),
  );
}

/** Names of the images of the same definition that an image stands on. */
function parentImages(definition: Definition, body: ImageDefinition): string[] {
  const { from } = body;
  const names = typeof from === 'string' ? [from] : from === undefined ? [] : Object.values(from);
  return [...new Set(names.filter((name): name is string => typeof name === 'string' && isImage(definition, name)))];
}

const isImage = (definition: Definition, name: string): boolean => Object.hasOwn(definition.images, name);

function basesOf(
  definition: Definition,
  image: string,
  body: ImageDefinition,
  plugins: Plugins,
  reached: ReadonlyMap<string, ReadonlyMap<string, BaseChoice>>,
): ReadonlyMap<string, BaseChoice> {
  const { from } = body;
  if (from === undefined) {
    const kind = body.packer === undefined ? 'docker' : undefined;
    const able = [...plugins].filter(([, plugin]) => (kind ? plugin.kind === kind : plugin.kind !== 'docker'));
    return new Map(able.map(([target]) => [target, { kind: 'source' }]));
  }
  if (typeof from === 'string' && isImage(definition, from)) {
    return new Map([...(reached.get(from) ?? [])].map(([target]) => [target, { kind: 'image', image: from }]));
  }
  if (typeof from === 'string') return understood(image, from, plugins);
  if (typeof from['image'] === 'string' && typeof from['channel'] === 'string') {
    const [project = '', name = ''] = from['image'].split('/');
    const base: BaseChoice = { kind: 'project', project, image: name, channel: from['channel'] };
    return new Map([...plugins.keys()].map((target) => [target, base]));
  }
  return new Map(
    Object.entries(from).map(([target, value]): [string, BaseChoice] => {
      const plugin = plugins.get(target);
      if (plugin === undefined) throw unreached(image, target, [...plugins.keys()]);
      if (typeof value === 'string' && isImage(definition, value)) return [target, { kind: 'image', image: value }];
      if (value === 'scratch') return [target, { kind: 'scratch' }];
      return [target, { kind: 'selector', selector: plugin.parseSelector(value) }];
    }),
  );
}

/** The targets whose provider understands a reference that was written without one. */
function understood(image: string, from: string, plugins: Plugins): ReadonlyMap<string, BaseChoice> {
  const bases = new Map<string, BaseChoice>();
  let refusal: unknown;
  for (const [target, plugin] of plugins) {
    try {
      const selector = plugin.parseSelector(from);
      bases.set(target, from === 'scratch' ? { kind: 'scratch' } : { kind: 'selector', selector });
    } catch (error) {
      if (!isBakeError(error, 'ERR_BAKE_SELECTOR_INVALID')) throw error;
      refusal ??= error;
    }
  }
  if (bases.size > 0) return bases;
  throw new BakeError(
    'ERR_BAKE_SELECTOR_INVALID',
    `images.${image}.from: no target understands ${JSON.stringify(from)}`,
    {
      data: { image, from },
      cause: refusal,
      ...(isBakeError(refusal) && refusal.hint !== undefined && { hint: refusal.hint }),
    },
  );
}

function narrow(
  image: string,
  body: ImageDefinition,
  all: ReadonlyMap<string, BaseChoice>,
): ReadonlyMap<string, BaseChoice> {
  if (body.targets === undefined) return all;
  return new Map(
    body.targets.map((target) => {
      const base = all.get(target);
      if (base === undefined) throw unreached(image, target, [...all.keys()]);
      return [target, base];
    }),
  );
}

function unreached(image: string, target: string, reachable: readonly string[]): BakeError {
  return new BakeError('ERR_BAKE_TARGET_UNKNOWN', `images.${image} cannot be built for target "${target}"`, {
    hint: reachable.length > 0 ? `It reaches: ${reachable.join(', ')}.` : 'Its `from` reaches no target.',
    data: { image, target, reachable: [...reachable] },
  });
}
