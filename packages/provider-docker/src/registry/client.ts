import { invalidBase } from '../base/source.js';
import { readBlob } from './blob.js';
import { fetchManifest } from './manifest.js';
import { formatReference, parseReference } from './reference.js';
import { selectImage } from './select.js';
import { createTransport } from './transport.js';
import type { CreateRegistryClient } from './types.js';

/** Makes a registry client: see {@link CreateRegistryClient}. */
export const createRegistryClient: CreateRegistryClient = (options) => {
  const transport = createTransport(options);
  return {
    async resolve(text, platform, signal) {
      const reference = parseReference(text);
      const { digest, config } = await selectImage(transport, reference, platform, signal);
      const { registry, repository } = reference;
      return {
        configDigest: config.digest,
        manifestDigest: digest,
        reference: formatReference({ registry, repository, digest }),
      };
    },
    async manifest(text, signal) {
      const document = await fetchManifest(transport, parseReference(text), signal);
      if (document.kind === 'index')
        throw invalidBase(text, 'is an index of images for several platforms, not one image');
      const { digest, mediaType, config, layers, bytes } = document;
      return { digest, mediaType, config, layers, bytes };
    },
    blob: (text, descriptor, signal) => readBlob(transport, parseReference(text), descriptor, signal),
  };
};
