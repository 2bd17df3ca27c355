import type { Step } from '../definition/types.js';
import type { Digest } from './digest.js';
import { folderDestination, normalDestination } from './destination.js';
import type { CopySource, PlanStep, PlanStepSource } from './types.js';

/** What the walk found for one step: the digests that stand for its files. */
export type StepMaterial =
  | { readonly kind: 'none' }
  | { readonly kind: 'copy'; readonly source: CopySource }
  | { readonly kind: 'script'; readonly digest: Digest }
  | { readonly kind: 'inputs'; readonly tree: Digest };

/** A step as identity has it, and how to get at its inputs. */
export interface PlannedStep {
  readonly identity: PlanStep;
  readonly source: PlanStepSource;
}

const octal = (mode: string): string => mode.padStart(4, '0');

const nonEmpty = <T extends object>(value: T | undefined): T | undefined =>
  value === undefined || Object.keys(value).length === 0 ? undefined : value;

const defined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;

/** Turns a step of the definition, variables substituted, into its planned form. `where` is its path, for errors. */
export function planStep(step: Step, material: StepMaterial, where: string): PlannedStep {
  if ('run' in step) {
    const script = material.kind === 'script' ? { script: material.digest } : undefined;
    const lines = typeof step.run === 'string' ? [step.run] : Array.isArray(step.run) ? (step.run as string[]) : [];
    const path = typeof step.run === 'object' && 'script' in step.run ? step.run.script : undefined;
    return {
      identity: defined({
        kind: 'run',
        run: script ?? lines,
        env: nonEmpty(step.env),
        shell: step.shell,
        workdir: step.workdir,
        user: step.user,
        secrets: nonEmpty(step.secrets && [...new Set(step.secrets)].sort()),
      }) as PlanStep,
      source: defined({ name: step.name ?? `run ${path ?? abbreviate(lines[0] ?? '')}`, path }) as PlanStepSource,
    };
  }
  if ('copy' in step) {
    if (material.kind !== 'copy') throw new TypeError(`${where}: a copy step needs what the walk found`);
    const to = 'tree' in material.source ? folderDestination(step.to, where) : normalDestination(step.to, where);
    return {
      identity: defined({
        kind: 'copy',
        source: material.source,
        to,
        owner: step.owner,
        mode: step.mode === undefined ? undefined : octal(step.mode),
      }) as PlanStep,
      source: defined({
        name: step.name ?? `copy ${step.copy} → ${to}`,
        path: step.copy,
        exclude: step.exclude?.length ? step.exclude : undefined,
      }) as PlanStepSource,
    };
  }
  if ('fetch' in step) {
    const to = step.unpack ? folderDestination(step.to, where) : normalDestination(step.to, where);
    return {
      identity: defined({
        kind: 'fetch',
        sha256: step.sha256,
        to,
        mode: step.mode === undefined ? undefined : octal(step.mode),
        unpack: step.unpack ? true : undefined,
      }) as PlanStep,
      source: { name: step.name ?? `fetch ${step.fetch} → ${to}`, url: step.fetch },
    };
  }
  if (material.kind !== 'inputs') throw new TypeError(`${where}: a provisioner needs what the walk found`);
  const type = 'ansible' in step ? 'ansible' : 'packer';
  return {
    identity: {
      kind: 'provisioner',
      type,
      config: 'ansible' in step ? step.ansible : step.packer,
      inputs: material.tree,
    },
    source: { name: step.name ?? type },
  };
}

/** The beginning of a shell line, for people. */
function abbreviate(line: string): string {
  const first = line.trim().split('\n', 1)[0] ?? '';
  return first.length > 60 ? `${first.slice(0, 59)}…` : first;
}
