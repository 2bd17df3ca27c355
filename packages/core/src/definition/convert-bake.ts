import * as path from 'node:path';
import { loadJson, LoadFailure } from './load-data.js';
import { parseHcl, type HclObject, type HclValue } from './hcl.js';

/** Images and variables of a `docker-bake` file, and what was left out by image. */
export interface BakeFile {
  readonly images: Readonly<Record<string, Readonly<Record<string, HclValue>>>>;
  readonly vars: Readonly<Record<string, string>>;
  readonly leftOut: Readonly<Record<string, readonly string[]>>;
  /** The one platform that all targets are for, if they say one. */
  readonly platform: string | undefined;
}

/** Change what is in the image, and have no counterpart here. */
const IMPOSSIBLE = [
  'contexts',
  'dockerfile-inline',
  'secret',
  'ssh',
  'matrix',
  'entitlements',
  'network',
  'labels',
  'annotations',
];
const UNDERSTOOD = ['context', 'dockerfile', 'args', 'target', 'platforms', 'inherits', 'name'];

/**
 * Reads a `docker-bake.json` or, in its simple subset, `docker-bake.hcl`: every target becomes an image of its Dockerfile,
 * every variable a variable. Throws a `LoadFailure` that says what cannot be taken over.
 */
export function readBakeFile(text: string, form: 'json' | 'hcl'): BakeFile {
  const file = objectOf(form === 'json' ? (loadJson(text) as HclValue) : parseHcl(text), 'the file');
  const targets = objectOf(file['target'] ?? {}, 'target');
  if (Object.keys(targets).length === 0) throw new LoadFailure('it has no target');
  if (file['function'] !== undefined) throw new LoadFailure('functions cannot be taken over');
  const vars = variables(file);

  const merged = (name: string, trail: readonly string[] = []): HclObject => {
    if (trail.includes(name)) throw new LoadFailure(`targets inherit in a circle: ${[...trail, name].join(' → ')}`);
    const own = targets[name];
    if (own === undefined) throw new LoadFailure(`there is no target "${name}" to inherit from`);
    const target = objectOf(own, `target "${name}"`);
    let result: HclObject = {};
    for (const parent of listOf(target['inherits'] ?? [], `target "${name}": inherits`))
      result = combine(result, merged(textOf(parent, `target "${name}": inherits`, {}), [...trail, name]));
    return combine(result, target);
  };

  const images: Record<string, Record<string, HclValue>> = {};
  const leftOut: Record<string, string[]> = {};
  const platforms = new Set<string>();
  for (const name of Object.keys(targets)) {
    // Names that begin with an underscore are the habit for targets that are only there to be inherited from.
    if (name.startsWith('_')) continue;
    const target = merged(name);
    const where = `target "${name}"`;
    const impossible = IMPOSSIBLE.filter((key) => target[key] !== undefined);
    if (impossible.length > 0) throw new LoadFailure(`${where}: ${impossible.join(', ')} cannot be taken over`);
    const image = imageName(name);
    if (Object.hasOwn(images, image)) throw new LoadFailure(`two targets would be called "${image}"`);
    images[image] = imageOf(target, where, vars);
    const rest = Object.keys(target).filter((key) => !UNDERSTOOD.includes(key));
    if (rest.length > 0) leftOut[image] = rest;
    for (const platform of listOf(target['platforms'] ?? [], `${where}: platforms`))
      platforms.add(textOf(platform, `${where}: platforms`, vars));
  }
  if (Object.keys(images).length === 0) throw new LoadFailure('it has no target');
  if (platforms.size > 1)
    throw new LoadFailure(
      `its targets are for several platforms (${[...platforms].join(', ')}); each needs a target of its own here`,
    );
  return { images, vars, leftOut, platform: [...platforms][0] };
}

function imageOf(target: HclObject, where: string, vars: Readonly<Record<string, string>>): Record<string, HclValue> {
  const context = textOf(target['context'] ?? '.', `${where}: context`, vars);
  const dockerfile = textOf(target['dockerfile'] ?? 'Dockerfile', `${where}: dockerfile`, vars);
  if (/^[a-z][a-z0-9+.-]*:|^git@/i.test(context))
    throw new LoadFailure(`${where}: the context ${context} is not a folder`);
  const image: Record<string, HclValue> = { dockerfile: relative(path.posix.join(context, dockerfile)) };
  if (path.posix.normalize(context).replace(/\/$/, '') !== '.') image['context'] = relative(context);
  const args = Object.entries(objectOf(target['args'] ?? {}, `${where}: args`)).filter(([, value]) => value !== null);
  if (args.length > 0)
    image['args'] = Object.fromEntries(args.map(([key, value]) => [key, textOf(value, `${where}: args.${key}`, vars)]));
  if (target['target'] !== undefined) image['stage'] = textOf(target['target'], `${where}: target`, vars);
  return image;
}

function variables(file: HclObject): Record<string, string> {
  const known = ['target', 'group', 'variable', 'function'];
  const constants = Object.entries(file).filter(([key]) => !known.includes(key));
  const declared = Object.entries(objectOf(file['variable'] ?? {}, 'variable')).map(
    ([name, value]): [string, HclValue] => [name, objectOf(value, `variable "${name}"`)['default'] ?? ''],
  );
  return Object.fromEntries(
    [...declared, ...constants].map(([name, value]) => [name, textOf(value, `variable "${name}"`, {})]),
  );
}

/** What is said twice counts as said last; arguments are combined one by one, as buildx does. */
function combine(first: HclObject, second: HclObject): HclObject {
  const result = { ...first, ...second };
  if (first['args'] !== undefined && second['args'] !== undefined)
    return { ...result, args: { ...objectOf(first['args'], 'args'), ...objectOf(second['args'], 'args') } };
  return result;
}

/** A plain value as text, its `${NAME}` turned into variables of the definition. */
function textOf(value: HclValue, where: string, vars: Readonly<Record<string, string>>): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') throw new LoadFailure(`${where}: a string was expected`);
  return value.replaceAll(/\$?\$\{([^}]*)\}|%\{/g, (whole, name: string | undefined) => {
    if (whole.startsWith('$$')) return whole.slice(1);
    const variable = name?.trim() ?? '';
    if (Object.hasOwn(vars, variable)) return `{{vars.${variable}}}`;
    throw new LoadFailure(`${where}: ${whole} is more than the name of a variable of this file`);
  });
}

function objectOf(value: HclValue, where: string): HclObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as HclObject;
  throw new LoadFailure(`${where}: an object was expected`);
}

function listOf(value: HclValue, where: string): readonly HclValue[] {
  if (Array.isArray(value)) return value as readonly HclValue[];
  throw new LoadFailure(`${where}: a list was expected`);
}

function imageName(name: string): string {
  return (
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]/g, '-')
      .replace(/^[^a-z]+/, '') || 'image'
  );
}

function relative(file: string): string {
  const normal = path.posix.normalize(file);
  return normal === '.' || normal.startsWith('../') || path.posix.isAbsolute(normal) ? normal : `./${normal}`;
}
