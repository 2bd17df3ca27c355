export { createRegistryClient } from './client.js';
export { formatReference, parseReference } from './reference.js';
export type {
  CreateRegistryClient,
  Descriptor,
  ImageManifest,
  Reference,
  RegistryClient,
  RegistryClientOptions,
  ResolvedImage,
} from './types.js';
