import type { ContainerConfig } from '../definition/types.js';

/** A port as image configurations write it: `80` is `80/tcp`. */
const port = (value: number | string): string => (String(value).includes('/') ? String(value) : `${value}/tcp`);

/**
 * A container configuration in its one normal form, or `undefined` where it says nothing.
 * Sets (ports, volumes) are sorted and without repeats, empty lists and maps of sets are left out; an empty `cmd` or
 * `entrypoint` stays, because it clears what the base has.
 */
export function normalConfig(config: ContainerConfig | undefined): ContainerConfig | undefined {
  if (config === undefined) return undefined;
  const { expose, volumes, env, labels, ...rest } = config;
  const set = (values: readonly string[] | undefined): string[] | undefined =>
    values?.length ? [...new Set(values)].sort() : undefined;
  const map = (value: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> | undefined =>
    value && Object.keys(value).length > 0 ? value : undefined;
  const normal = {
    ...rest,
    env: map(env),
    labels: map(labels),
    expose: set(expose?.map(port)),
    volumes: set(volumes),
  };
  const said = Object.entries(normal).filter(([, value]) => value !== undefined);
  return said.length === 0 ? undefined : Object.fromEntries(said);
}
