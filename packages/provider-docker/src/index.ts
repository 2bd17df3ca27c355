/** Container images for Bakehouse. */
import type { ProviderPlugin } from '@bakehouse/core/provider';
import { parseSelector } from './base/selector.js';
import { engines } from './engines.js';
import { identity, parseOptions, type DockerOptions } from './options.js';
import { createProvider } from './provider.js';

export { docker, type DockerOptions, type DockerUse } from './options.js';

/** The docker provider. */
export const provider: ProviderPlugin<DockerOptions> = {
  apiVersion: 1,
  kind: 'docker',
  parseOptions,
  parseSelector,
  identity,
  engines,
  create: createProvider,
};
