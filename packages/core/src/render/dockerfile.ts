import type { HealthcheckConfig } from '../definition/types.js';
import { BakeError } from '../errors/bake-error.js';
import type { Json } from '../plan/json.js';
import type { Plan, PlanStep } from '../plan/types.js';
import { shell } from './encode.js';
import type { TemplateValues } from './renderer.js';

/** Name of the built-in template. */
export const DOCKERFILE_TEMPLATE = 'docker/Dockerfile.hbs';

/** What the engine knows and the plan does not. */
export interface DockerfileOptions {
  /** The reference that the engine has the base by. Default: what the plan tells people about the base. */
  readonly from?: string;
  /** The user that the base runs as, to return to after a step with another one. Default: `0`. */
  readonly user?: string;
}

/** Where a script is while its step runs; mounted, so that it is in no layer. */
const SCRIPT_TARGET = '/run/bake/script';

/**
 * The folder of the build context that holds what step number `index` needs, ending in `/`.
 * A copied tree is there as its content, with the modes it is to have; a single file by its own name; a script as
 * `script`, executable; a download as `file`, or unpacked as its content.
 */
export function contextFolder(index: number): string {
  return `steps/${index}/`;
}

/**
 * What `docker/Dockerfile.hbs` is filled with for an image with `run`, `copy` and `fetch` steps.
 * Throws `ERR_BAKE_ENGINE_UNSUPPORTED` for other steps, and `ERR_BAKE_VALUE_UNSAFE` for what no Dockerfile can say.
 */
export function dockerfileValues(plan: Plan, options: DockerfileOptions = {}): TemplateValues {
  const { identity } = plan;
  const base = options.user === undefined || options.user === '' ? '0' : options.user;
  let user: string | undefined;
  const steps = identity.steps.map((step, index) => {
    const needed = step.kind === 'run' ? step.user : user;
    const change = needed === user ? null : (needed ?? base);
    user = needed;
    return { user: change, ...stepValues(step, index, identity.refreshed) };
  });
  const config = identity.config ?? {};
  return {
    project: plan.project,
    image: plan.image,
    version: plan.version,
    from: options.from ?? baseName(plan),
    steps,
    config: {
      env: config.env ?? {},
      labels: config.labels ?? {},
      expose: config.expose ?? [],
      volumes: config.volumes?.length ? config.volumes : null,
      user: config.user ?? (user === undefined ? null : base),
      workdir: config.workdir ?? null,
      stopSignal: config.stopSignal ?? null,
      healthcheck: config.healthcheck === undefined ? null : healthcheckValues(config.healthcheck),
      // An empty list clears what the base has; it is a value like any other.
      entrypoint: config.entrypoint === undefined ? null : { words: config.entrypoint },
      cmd: config.cmd === undefined ? null : { words: config.cmd },
    },
  };
}

function baseName({ identity: { base }, origin }: Plan): string {
  if (base.kind === 'scratch') return 'scratch';
  if (base.kind === 'image') return `bake-parent:${base.version}`;
  return origin.reference ?? origin.selector;
}

function stepValues(step: PlanStep, index: number, refreshed: string | undefined): Record<string, Json> {
  const folder = contextFolder(index);
  const nothing = { run: null, copy: null };
  switch (step.kind) {
    case 'run': {
      const script = Array.isArray(step.run) ? null : { source: `${folder}script`, target: SCRIPT_TARGET };
      return { ...nothing, run: { secrets: step.secrets ?? [], script, command: command(step, index, refreshed) } };
    }
    case 'copy': {
      const single = 'file' in step.source ? step.source : undefined;
      const source = single === undefined ? folder : `${folder}${sourceName(single.name, index)}`;
      const to = single === undefined ? asFolder(step.to) : step.to;
      // The mode of a tree is for its files and is in the context; --chmod would change its folders too.
      const mode = single === undefined ? null : (step.mode ?? null);
      return { ...nothing, copy: { owner: step.owner ?? null, mode, paths: [source, to] } };
    }
    case 'fetch': {
      const paths = step.unpack ? [folder, asFolder(step.to)] : [`${folder}file`, step.to];
      return { ...nothing, copy: { owner: null, mode: step.unpack ? null : (step.mode ?? null), paths } };
    }
    case 'provisioner':
      throw new BakeError(
        'ERR_BAKE_ENGINE_UNSUPPORTED',
        `steps[${index}]: a Dockerfile has no ${step.type} provisioner`,
        {
          data: { step: index, type: step.type },
        },
      );
  }
}

function asFolder(to: string): string {
  return to.endsWith('/') ? to : `${to}/`;
}

/** Sources of COPY are patterns, and no two versions of Docker agree on how to quote them. */
function sourceName(name: string, index: number): string {
  if (!/[*?[\]\\]/.test(name)) return name;
  throw new BakeError(
    'ERR_BAKE_VALUE_UNSAFE',
    `steps[${index}].copy: the name ${JSON.stringify(name)} would be a pattern in a Dockerfile`,
    {
      hint: 'Rename the file, or copy the folder that it is in.',
      data: { field: `steps[${index}].copy`, language: 'a Dockerfile' },
    },
  );
}

/**
 * The words of a RUN. Lines run under `-e`, so that a step fails where a line of it fails. What surrounds them (variables,
 * folder) is set by an outer shell that gets them as arguments, so that no quoting is nested.
 */
function command(
  step: PlanStep & { readonly kind: 'run' },
  index: number,
  refreshed: string | undefined,
): readonly string[] {
  const { run, env = {}, workdir } = step;
  const own = step.shell?.split(/\s+/).filter((word) => word !== '');
  const inner = Array.isArray(run)
    ? [...(own ?? ['/bin/sh']), '-ec', (run as readonly string[]).join('\n')]
    : [...(own ?? []), SCRIPT_TARGET];
  const variables = { ...(refreshed === undefined ? {} : { BAKE_REFRESHED: refreshed }), ...env };
  const around = Object.entries(variables).map(([name, value]) => {
    const field = `steps[${index}].env.${name}`;
    if (!/^[A-Za-z_]\w*$/.test(name))
      throw new BakeError('ERR_BAKE_VALUE_UNSAFE', `${field} is not a name that a shell can export`, {
        data: { field, language: 'a shell' },
      });
    return `export ${name}=${shell(value, field)}`;
  });
  if (workdir !== undefined) around.push(`cd ${shell(workdir, `steps[${index}].workdir`)}`);
  // A script without a #! line is no program for the kernel, but is one for a shell's exec.
  if (around.length === 0 && (Array.isArray(run) || own !== undefined)) return inner;
  return ['/bin/sh', '-ec', [...around, 'exec "$@"'].join('; '), 'sh', ...inner];
}

function healthcheckValues({ test, ...times }: HealthcheckConfig): Json {
  const flags = {
    interval: times.interval ?? null,
    timeout: times.timeout ?? null,
    startPeriod: times.startPeriod ?? null,
    retries: times.retries === undefined ? null : String(times.retries),
  };
  if (test === 'none') return { ...flags, command: null };
  return { ...flags, command: typeof test === 'string' ? ['/bin/sh', '-c', test] : test };
}
