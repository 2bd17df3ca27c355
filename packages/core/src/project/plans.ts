import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ImageDefinition } from '../definition/types.js';
import { BakeError } from '../errors/bake-error.js';
import { located } from '../errors/located.js';
import { readLock } from '../lock/file.js';
import { resolveWanted } from '../lock/resolve.js';
import type { Lock, LockedBase } from '../lock/types.js';
import { sha256 } from '../plan/digest.js';
import { closure } from '../plan/graph.js';
import { makePlan } from '../plan/plan.js';
import { nodeKey, reach, type BaseChoice, type ImageTarget } from '../plan/reach.js';
import type { Plan, PlanBase, PlanOrigin } from '../plan/types.js';
import type { Engine, Selector } from '../provider/types.js';
import type { Snapshot } from '../tree/types.js';
import { openMaterials, type Materials } from './materials.js';
import { lockProjectBase } from './project-base.js';
import { checkSelection, isSelected, type Chosen } from './selection.js';
import type { Project, Target } from './types.js';

/** A planned image on a target, with what its build will need. */
export interface PlannedNode extends ImageTarget {
  readonly plan: Plan;
  readonly selector: Selector | undefined;
  readonly locked: LockedBase | undefined;
  /** What the walk found, one per step of the plan. */
  readonly snapshots: readonly (Snapshot | undefined)[];
  /** The project's own template source, where the engine renders one. */
  readonly template: Uint8Array | undefined;
}

/** All chosen plans, parents before children, and the lock that they stand on. */
export interface Planned {
  readonly nodes: readonly PlannedNode[];
  /** The lock with what had to be added to it. Not written yet. */
  readonly lock: Lock;
  readonly added: readonly LockedBase[];
}

export interface PlanAllOptions extends Chosen {
  readonly rehash?: boolean | undefined;
  /** A lock to use instead of the one on disk. */
  readonly lock?: Lock | undefined;
}

/** Plans the chosen images and their bases. Reads files and the lock, asks providers for what the lock lacks, writes nothing. */
export async function planAll(project: Project, options: PlanAllOptions = {}): Promise<Planned> {
  const plugins = new Map([...project.targets].map(([name, { plugin }]) => [name, plugin]));
  const all = reach(project.definition, plugins);
  checkSelection(project, all, options);
  const chosen = closure(all, (node) => isSelected(node, options));
  const lock = options.lock ?? readLock(project.root);
  const materials = await openMaterials(project, options.rehash ?? false);
  const added: LockedBase[] = [];
  const nodes = new Map<string, PlannedNode>();
  for (const node of chosen) {
    project.signal.throwIfAborted();
    const { locked, isNew } = await pin(project, lock, node);
    if (locked && isNew) added.push(locked);
    nodes.set(node.key, planNode(project, node, lock, locked, materials, nodes));
  }
  materials.save();
  return { nodes: [...nodes.values()], lock, added };
}

async function pin(
  project: Project,
  lock: Lock,
  { image, target: name, base }: ImageTarget,
): Promise<{ readonly locked: LockedBase | undefined; readonly isNew: boolean }> {
  if (base.kind === 'project') {
    const result = await lockProjectBase(project, lock, { image, target: name, base });
    return { locked: result.base, isNew: result.added };
  }
  if (base.kind !== 'selector') return { locked: undefined, isNew: false };
  const { frozen, signal, now } = project;
  const wanted = { image, target: name, selector: base.selector };
  const provider = targetOf(project, name).provider();
  const result = await resolveWanted(lock, wanted, { frozen, provider, signal, now }).catch((error: unknown) => {
    throw located(error, `images.${image}`);
  });
  if (result.added) {
    project.emit({ type: 'resolved', image, target: name, selector: result.base.selector, id: result.base.id });
  }
  return { locked: result.base, isNew: result.added };
}

function planNode(
  project: Project,
  node: ImageTarget,
  lock: Lock,
  locked: LockedBase | undefined,
  materials: Materials,
  parents: ReadonlyMap<string, PlannedNode>,
): PlannedNode {
  const { image, base } = node;
  const target = targetOf(project, node.target);
  const written = project.definition.images[image];
  if (written === undefined) throw new TypeError(`no image ${image}`);
  if (written.dockerfile !== undefined || written.packer !== undefined) {
    const engine = written.packer === undefined ? 'a Docker Engine' : 'Packer';
    throw new BakeError(
      'ERR_BAKE_ENGINE_MISSING',
      `images.${image} needs ${engine}, which no provider here drives yet`,
      {
        hint: 'Write it with `from` and `steps`.',
        data: { image },
      },
    );
  }
  const forTarget = <T extends { readonly only?: readonly string[] }>(items: readonly T[] | undefined): readonly T[] =>
    (items ?? []).filter(({ only }) => only === undefined || only.includes(node.target));
  const definition: ImageDefinition = {
    ...written,
    steps: forTarget(written.steps),
    checks: forTarget(written.checks),
  };
  const found = (definition.steps ?? []).map((step) =>
    materials.of(step, `images.${image}.steps[${(written.steps ?? []).indexOf(step)}]`),
  );
  const engine = engineFor(image, definition, target);
  const template = engine.template && ownTemplate(project, engine.template.name);
  const plan = makePlan({
    project: project.definition.name,
    image,
    target: target.name,
    platform: target.platform,
    provider: { kind: target.plugin.kind, options: target.plugin.identity(target.options, definition) },
    engine,
    template: template ? { source: sha256(template) } : engine.template,
    definition,
    ...basePlan(project, node, base, locked, parents),
    materials: found.map(({ material }) => material),
    source: undefined,
    refreshed: Object.hasOwn(lock.refreshed, image) ? lock.refreshed[image] : undefined,
    labels: project.definition.labels ?? {},
  });
  const selector = base.kind === 'selector' ? base.selector : undefined;
  return { ...node, plan, selector, locked, snapshots: found.map(({ snapshot }) => snapshot), template };
}

function basePlan(
  project: Project,
  node: ImageTarget,
  base: BaseChoice,
  locked: LockedBase | undefined,
  parents: ReadonlyMap<string, PlannedNode>,
): { readonly base: PlanBase; readonly origin: PlanOrigin } {
  if (base.kind === 'image') {
    const parent = parents.get(nodeKey(base.image, node.target));
    if (parent === undefined) throw new TypeError(`${node.key} was planned before its parent`);
    return {
      base: { kind: 'image', version: parent.plan.version },
      origin: { selector: base.image, project: project.definition.name, image: base.image },
    };
  }
  if (locked === undefined) return { base: { kind: 'scratch' }, origin: { selector: 'scratch' } };
  const { selector, reference, id } = locked;
  if (base.kind === 'project') {
    return {
      base: { kind: 'image', version: id },
      origin: { selector, project: base.project, image: base.image },
    };
  }
  return { base: { kind: 'external', id }, origin: { selector, reference } };
}

/** The engine that the image asks for, else the first that can do it: judged from the definition alone. */
function engineFor(image: string, definition: ImageDefinition, { plugin, name }: Target): Engine {
  const asked = definition.engine;
  const able = plugin.engines.find((engine) =>
    asked === undefined ? engine.supports(definition) : engine.name === asked && engine.supports(definition),
  );
  if (able !== undefined) return able;
  const what = asked === undefined ? `no engine of ${plugin.kind} can do` : `the engine "${asked}" cannot do`;
  throw new BakeError('ERR_BAKE_ENGINE_UNSUPPORTED', `images.${image}, target ${name}: ${what} all of its steps`, {
    hint: `Engines of ${plugin.kind}: ${plugin.engines.map((engine) => engine.name).join(', ')}.`,
    data: { image, target: name },
  });
}

/** The source of a template that the project brings itself. */
function ownTemplate(project: Project, name: string): Uint8Array | undefined {
  const { templates } = project.definition;
  if (templates === undefined) return undefined;
  const file = join(resolve(project.root, templates), name);
  return existsSync(file) ? readFileSync(file) : undefined;
}

/** The target of that name; it exists, because `reach` found it. */
export function targetOf(project: Project, name: string): Target {
  const target = project.targets.get(name);
  if (target === undefined) throw new TypeError(`no target ${name}`);
  return target;
}
