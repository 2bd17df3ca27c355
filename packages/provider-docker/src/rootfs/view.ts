import { BakeError, type OciDigest } from '@bakehouse/core/provider';
import type { LayerIndex } from './layer-index.js';
import { impliedFolder, type Node } from './nodes.js';
import { below, parentOf } from './order.js';

const mostLinks = 40;

/** A layer of a view; its index is loaded when first needed. */
export interface ViewLayer {
  readonly diffId: OciDigest;
  /** Where it comes from, for messages: `the base`, `step "copy site → /srv"`. */
  readonly origin: string;
  index(): LayerIndex;
}

/** What is at a path, and where it comes from. */
export interface Located {
  readonly node: Node;
  readonly layer: ViewLayer | undefined;
}

/** Where a path leads once links are followed. */
export interface Resolved {
  /** Without links and without a leading `/`. */
  readonly path: string;
  /** `undefined` where nothing is there. */
  readonly node: Node | undefined;
}

/** The merged file system of an image's layers. */
export interface View {
  /** What is at a path whose folders are no links. */
  locate(path: string): Located | undefined;
  /**
   * Follows links as inside the image, where `/` is the image's own root and `..` cannot leave it.
   * Throws `ERR_BAKE_DESTINATION_CONFLICT` where a file is in the way or links form a loop.
   */
  resolve(path: string, followLast?: boolean): Resolved;
  /** The content of an account file, empty where there is none. */
  account(path: string): string;
}

/** Merges layers, the lowest first. */
export function createView(layers: readonly ViewLayer[]): View {
  const known = new Map<string, Located | undefined>();
  const search = (path: string): Located | undefined => {
    let implied: ViewLayer | undefined;
    for (const layer of layers.toReversed()) {
      const index = layer.index();
      const node = index.get(path);
      if (node === 'implied') implied ??= layer;
      else if (node !== undefined) {
        // A folder that an upper layer implies is the lower one's; on anything else it is a new one.
        if (implied === undefined || node.type === 'folder') return { node, layer };
        break;
      }
      if (index.hides(path)) break;
    }
    if (implied !== undefined) return { node: impliedFolder, layer: implied };
    return path === '' ? { node: impliedFolder, layer: undefined } : undefined;
  };
  const locate = (path: string): Located | undefined => {
    if (known.has(path)) return known.get(path);
    const found = search(path);
    known.set(path, found);
    return found;
  };

  const resolve = (requested: string, followLast = true): Resolved => {
    let links = 0;
    let at = '';
    let exists = true;
    const left = segments(requested).toReversed();
    for (let segment = left.pop(); segment !== undefined; segment = left.pop()) {
      if (segment === '..') {
        at = parentOf(at);
        exists = locate(at) !== undefined;
        continue;
      }
      const path = below(at, segment);
      const located = exists ? locate(path) : undefined;
      if (located === undefined) {
        exists = false;
        at = path;
        continue;
      }
      if (located.node.type === 'link' && (left.length > 0 || followLast)) {
        links += 1;
        if (links > mostLinks) throw conflict(requested, `the link /${path} leads in a circle`, path);
        if (located.node.target.startsWith('/')) at = '';
        left.push(...segments(located.node.target).toReversed());
        continue;
      }
      if (left.length > 0 && located.node.type !== 'folder')
        throw conflict(requested, `/${path} is a file, from ${located.layer?.origin ?? 'the base'}`, path);
      at = path;
    }
    return { path: at, node: exists ? locate(at)?.node : undefined };
  };

  return {
    locate,
    resolve,
    account(path) {
      const { path: real, node } = resolve(path);
      if (node?.type !== 'file') return '';
      return locate(real)?.layer?.index().accounts[real] ?? '';
    },
  };
}

function segments(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '' && segment !== '.');
}

function conflict(requested: string, why: string, existing: string): BakeError {
  return new BakeError('ERR_BAKE_DESTINATION_CONFLICT', `/${segments(requested).join('/')} cannot be reached: ${why}`, {
    data: { destination: `/${segments(requested).join('/')}`, existing: `/${existing}` },
  });
}
