import type { Json } from '../plan/json.js';
import { problem, quote, type Path, type Problem } from './problems.js';
import { isProjectBase } from './schema.js';
import { kindOf } from './schema-kit.js';
import { suggest } from './suggest.js';
import { hasReference } from './variables.js';

type Members = Readonly<Record<string, Json>>;

/** The members of what should be an object; none where it is something else, which the schema reports. */
export function members(value: Json | undefined): Members {
  return value !== undefined && kindOf(value) === 'object' ? (value as Members) : {};
}

/** The items of what should be a list; none where it is something else, which the schema reports. */
export function items(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function member(object: Members, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Names that would be read as something else. */
const RESERVED = {
  images: new Map([['scratch', 'stands for an empty base; choose another name']]),
  providers: new Map([
    ['image', 'is a key of { image, channel }; choose another name'],
    ['channel', 'is a key of { image, channel }; choose another name'],
  ]),
};

/** Every problem between the parts of a definition. Parts of the wrong shape are passed over. */
export function crossProblems(definition: Json): Problem[] {
  const top = members(definition);
  const images = members(member(top, 'images'));
  const targets = Object.keys(members(member(top, 'providers')));
  const problems: Problem[] = [];
  for (const [section, names] of Object.entries(RESERVED))
    for (const name of Object.keys(members(member(top, section)))) {
      const why = names.get(name);
      if (why !== undefined) problems.push(problem([section, name], why));
    }
  if (kindOf(member(top, 'providers') ?? null) === 'object' && targets.length === 0)
    problems.push(problem(['providers'], 'must have a target'));
  if (kindOf(member(top, 'images') ?? null) === 'object' && Object.keys(images).length === 0)
    problems.push(problem(['images'], 'must have an image'));
  for (const [name, value] of Object.entries(images))
    if (kindOf(value) === 'object')
      problems.push(...imageProblems(members(value), ['images', name], Object.keys(images), targets));
  return problems;
}

function imageProblems(image: Members, path: Path, images: readonly string[], targets: readonly string[]): Problem[] {
  const problems = [...sourceProblems(image, path), ...baseProblems(image, path, images, targets)];
  problems.push(...nameProblems(member(image, 'targets'), [...path, 'targets'], targets));
  const base = member(image, 'from');
  if (base !== undefined && kindOf(base) === 'object' && !isProjectBase(base))
    items(member(image, 'targets')).forEach((target, index) => {
      if (typeof target === 'string' && targets.includes(target) && !Object.hasOwn(base as object, target))
        problems.push(problem([...path, 'targets', index], `from has no base for the target ${quote(target)}`));
    });
  for (const section of ['steps', 'checks'])
    items(member(image, section)).forEach((item, index) => {
      const at = [...path, section, index, 'only'];
      problems.push(...nameProblems(member(members(item), 'only'), at, targets));
    });
  const seen = new Set<string>();
  items(member(image, 'checks')).forEach((item, index) => {
    const name = member(members(item), 'name');
    if (typeof name !== 'string') return;
    if (seen.has(name))
      problems.push(problem([...path, 'checks', index, 'name'], `another check is called ${quote(name)} too`));
    seen.add(name);
  });
  return problems;
}

/** A list of target names: known ones, each once. */
function nameProblems(value: Json | undefined, path: Path, targets: readonly string[]): Problem[] {
  if (!Array.isArray(value)) return [];
  if (value.length === 0) return [problem(path, 'must name a target, or be left out for all of them')];
  return value.flatMap((target: Json, index) => {
    if (typeof target !== 'string' || hasReference(target)) return [];
    if (!targets.includes(target))
      return [problem([...path, index], `no target is called ${quote(target)}`, suggest(target, targets))];
    return value.indexOf(target) < index ? [problem([...path, index], `${quote(target)} is listed twice`)] : [];
  });
}

/** The keys that go with each way of saying what an image is made from. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  from: ['steps'],
  dockerfile: ['context', 'args', 'stage'],
  packer: ['inputs', 'vars'],
};

function sourceProblems(image: Members, path: Path): Problem[] {
  const given = Object.keys(SOURCES).filter((source) => Object.hasOwn(image, source));
  if (given.length === 0)
    return [problem(path, 'has no base: it needs from (an image, a reference, scratch), dockerfile or packer')];
  const [first, ...more] = given;
  if (more.length > 0)
    return more.map((other) => problem([...path, other], `cannot be given together with ${first}; choose one`));
  return Object.entries(SOURCES).flatMap(([source, keys]) =>
    keys
      .filter((key) => source !== first && Object.hasOwn(image, key))
      .map((key) => problem([...path, key], `goes with ${source}, and this image has ${first}`)),
  );
}

function baseProblems(image: Members, path: Path, images: readonly string[], targets: readonly string[]): Problem[] {
  const base = member(image, 'from');
  const at = [...path, 'from'];
  if (typeof base === 'string') return wordProblems(base, at, images);
  if (base === undefined || kindOf(base) !== 'object' || isProjectBase(base)) return [];
  const named = Object.entries(members(base));
  if (named.length === 0) return [problem(at, 'must have a base for a target')];
  return named.flatMap(([target, selector]) => {
    const here = [...at, target];
    if (!targets.includes(target))
      return [problem(here, `no target is called ${quote(target)}`, suggest(target, targets))];
    if (typeof selector === 'string' && images.includes(selector))
      return [problem(here, `is an image of this definition; write from: ${quote(selector)}, and targets to limit it`)];
    return [];
  });
}

/** A bare word is an image of the definition and nothing else, so that a slip of the pen never downloads anything. */
function wordProblems(base: string, path: Path, images: readonly string[]): Problem[] {
  if (base === '' || base === 'scratch' || /[:/]/.test(base) || hasReference(base) || images.includes(base)) return [];
  const suggestion = suggest(base, [...images, 'scratch']);
  const tag = suggestion === null ? `; to use one from a registry write its tag too: ${quote(`${base}:TAG`)}` : '';
  return [problem(path, `no image is called ${quote(base)}${tag}`, suggestion)];
}
