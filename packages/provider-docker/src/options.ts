import { BakeError, type ImageDefinition, type JsonObject, type ProviderUse } from '@bakehouse/core/provider';

/** Options of the docker provider. */
export interface DockerOptions {
  /** Where `bake publish` pushes to: `HOST[:PORT]/PATH`. Default: nowhere. */
  readonly registry?: string;
}

/** A docker target as a definition writes it. */
export interface DockerUse extends DockerOptions {
  /** `os/architecture[/variant]`. Default `linux/amd64`. */
  readonly platform?: string;
}

/** Types the options of a docker target; returns plain data. */
export function docker(options: DockerUse = {}): DockerUse & ProviderUse {
  return { use: '@bakehouse/provider-docker', ...options };
}

const registryPattern = /^[a-z0-9.-]+(?::\d+)?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/;

/** Checks options. Throws `ERR_BAKE_PROVIDER_OPTIONS` that lists all problems. */
export function parseOptions(input: unknown): DockerOptions {
  const problems: string[] = [];
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    problems.push('the options must be an object');
  const { registry, ...unknown } = (problems.length === 0 ? input : {}) as JsonObject;
  for (const key of Object.keys(unknown)) problems.push(`${key}: there is no such option; there is: registry`);
  if (registry !== undefined && (typeof registry !== 'string' || !registryPattern.test(registry)))
    problems.push('registry: must be HOST[:PORT][/PATH] in lower case, such as registry.example.com/shop');
  if (problems.length > 0)
    throw new BakeError(
      'ERR_BAKE_PROVIDER_OPTIONS',
      `the docker provider's options have problems: ${problems.join('; ')}`,
      {
        data: { problems },
      },
    );
  return typeof registry === 'string' ? { registry } : {};
}

/** No option changes an image's bytes. */
export function identity(_options: DockerOptions, _image: ImageDefinition): JsonObject {
  return {};
}
