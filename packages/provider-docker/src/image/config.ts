import { BakeError, type ContainerConfig, type HealthcheckConfig, type OciDigest } from '@bakehouse/core/provider';
import type { Healthcheck, HistoryEntry, ImageConfig, RuntimeConfig } from './types.js';

const epoch = '1970-01-01T00:00:00Z';

/** What an image has on top of its base. */
export interface ConfigParts {
  /** `os/architecture[/variant]`. */
  readonly platform: string;
  readonly base: ImageConfig | undefined;
  readonly config: ContainerConfig | undefined;
  readonly layers: readonly { readonly diffId: OciDigest; readonly createdBy: string }[];
}

/**
 * The configuration of an image: the base's first, then ours. It holds no time and no names, so that equal plans give
 * equal configurations.
 */
export function imageConfig({ platform, base, config, layers }: ConfigParts): ImageConfig {
  const [os = 'linux', architecture = 'amd64', variant = base?.variant] = platform.split('/');
  const ours = layers.map(({ createdBy }): HistoryEntry => ({ created: epoch, created_by: createdBy }));
  return {
    created: epoch,
    ...(base?.author === undefined ? {} : { author: base.author }),
    architecture,
    os,
    ...(variant === undefined ? {} : { variant }),
    ...(base?.['os.version'] === undefined ? {} : { 'os.version': base['os.version'] }),
    ...(base?.['os.features'] === undefined ? {} : { 'os.features': base['os.features'] }),
    config: mergeConfig(base?.config ?? {}, config ?? {}),
    rootfs: {
      type: 'layers',
      diff_ids: [...(base?.rootfs.diff_ids ?? []), ...layers.map(({ diffId }) => diffId)],
    },
    history: [
      ...baseHistory(base),
      ...ours,
      ...(config === undefined ? [] : [{ created: epoch, created_by: 'bakehouse: config', empty_layer: true }]),
    ],
  };
}

/** Merges a base's runtime settings with an image's own, as a Dockerfile's instructions would. */
export function mergeConfig(base: RuntimeConfig, ours: ContainerConfig): RuntimeConfig {
  const { Cmd, Entrypoint, ...rest } = base;
  const merged: Record<string, unknown> = { ...rest };
  const set = (key: string, value: unknown): void => {
    if (value !== undefined) merged[key] = value;
  };
  // An entrypoint of our own makes the base's command meaningless: Docker clears it.
  set('Cmd', ours.cmd ?? (ours.entrypoint === undefined ? (Cmd ?? undefined) : undefined));
  set('Entrypoint', ours.entrypoint ?? Entrypoint ?? undefined);
  set('Env', ours.env === undefined ? undefined : mergeEnv(base.Env ?? [], ours.env));
  set('ExposedPorts', union(base.ExposedPorts, ours.expose?.map(port)));
  set('Volumes', union(base.Volumes, ours.volumes));
  set('Labels', ours.labels === undefined ? undefined : { ...base.Labels, ...ours.labels });
  set('User', ours.user);
  set('WorkingDir', ours.workdir);
  set('StopSignal', ours.stopSignal);
  set('Healthcheck', ours.healthcheck === undefined ? undefined : healthcheck(ours.healthcheck));
  for (const [key, value] of Object.entries(merged)) if (value === null) delete merged[key];
  return merged;
}

/** Nanoseconds of a duration such as `30s`, `1m30s`, `500ms`. Throws `ERR_BAKE_DEFINITION_INVALID`. */
export function nanoseconds(duration: string): number {
  const units: Readonly<Record<string, number>> = { h: 3.6e12, m: 6e10, s: 1e9, ms: 1e6, us: 1e3, ns: 1 };
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|us|ns|h|m|s)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== duration)
    throw new BakeError('ERR_BAKE_DEFINITION_INVALID', `"${duration}" is not a duration such as 30s or 1m30s`, {
      data: { duration },
    });
  return Math.round(parts.reduce((sum, [, value, unit]) => sum + Number(value) * (units[unit ?? ''] ?? 0), 0));
}

function mergeEnv(base: readonly string[], ours: Readonly<Record<string, string>>): readonly string[] {
  const nameOf = (line: string): string => line.split('=', 1)[0] ?? '';
  const inherited = new Set(base.map(nameOf));
  const replaced = base.map((line) => {
    const value = Object.hasOwn(ours, nameOf(line)) ? ours[nameOf(line)] : undefined;
    return value === undefined ? line : `${nameOf(line)}=${value}`;
  });
  const added = Object.keys(ours)
    .filter((name) => !inherited.has(name))
    .sort()
    .map((name) => `${name}=${ours[name]}`);
  return [...replaced, ...added];
}

function union(
  base: Readonly<Record<string, object>> | null | undefined,
  ours: readonly string[] | undefined,
): Readonly<Record<string, object>> | undefined {
  if (ours === undefined) return undefined;
  return { ...base, ...Object.fromEntries(ours.map((key) => [key, {}])) };
}

function port(value: number | string): string {
  const text = String(value);
  return text.includes('/') ? text : `${text}/tcp`;
}

function healthcheck(ours: HealthcheckConfig): Healthcheck {
  const { test } = ours;
  return {
    Test: test === 'none' ? ['NONE'] : typeof test === 'string' ? ['CMD-SHELL', test] : ['CMD', ...test],
    ...(ours.interval === undefined ? {} : { Interval: nanoseconds(ours.interval) }),
    ...(ours.timeout === undefined ? {} : { Timeout: nanoseconds(ours.timeout) }),
    ...(ours.startPeriod === undefined ? {} : { StartPeriod: nanoseconds(ours.startPeriod) }),
    ...(ours.retries === undefined ? {} : { Retries: ours.retries }),
  };
}

/** Readers count history entries against layers, so a base without them gets some. */
function baseHistory(base: ImageConfig | undefined): readonly HistoryEntry[] {
  if (base === undefined) return [];
  const history = base.history ?? [];
  const layers = base.rootfs.diff_ids.length;
  if (history.filter((entry) => entry.empty_layer !== true).length === layers) return history;
  return base.rootfs.diff_ids.map(() => ({ created: epoch, created_by: 'bakehouse: base' }));
}
