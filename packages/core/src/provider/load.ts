import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BakeError } from '../errors/bake-error.js';
import type { ProviderPlugin } from './types.js';

/**
 * Loads the provider that a definition uses: a package seen from the definition's folder, else from here, or a path.
 * Throws `ERR_BAKE_PROVIDER_LOAD` where it is not installed, does not load, or is no provider.
 */
export async function loadPlugin(use: string, root: string): Promise<ProviderPlugin> {
  const file = locate(use, root);
  let module: unknown;
  try {
    module = await import(pathToFileURL(file).href);
  } catch (error) {
    throw new BakeError('ERR_BAKE_PROVIDER_LOAD', `the provider ${use} does not load: ${messageOf(error)}`, {
      cause: error,
      data: { use },
    });
  }
  return checkPlugin(module, use);
}

function locate(use: string, root: string): string {
  if (use.startsWith('.') || use.startsWith('/')) return resolve(root, use);
  for (const from of [join(root, 'bake.config.js'), import.meta.url]) {
    try {
      return createRequire(from).resolve(use);
    } catch {
      // Not to be seen from there; the next place may have it.
    }
  }
  throw new BakeError('ERR_BAKE_PROVIDER_LOAD', `the provider ${use} is not installed`, {
    hint: `Install it with: npm install --save-dev ${use}`,
    data: { use },
  });
}

/** Holds what a module exports against the contract. */
export function checkPlugin(module: unknown, use: string): ProviderPlugin {
  const plugin = typeof module === 'object' && module !== null && 'provider' in module ? module.provider : undefined;
  const refuse = (why: string): never => {
    throw new BakeError('ERR_BAKE_PROVIDER_LOAD', `${use} is not a provider: ${why}`, { data: { use } });
  };
  if (typeof plugin !== 'object' || plugin === null) return refuse('it does not export `provider`');
  const candidate = plugin as Partial<ProviderPlugin>;
  if (candidate.apiVersion !== 1) return refuse(`its apiVersion is ${String(candidate.apiVersion)}, this needs 1`);
  if (typeof candidate.kind !== 'string') return refuse('it has no `kind`');
  if (!Array.isArray(candidate.engines)) return refuse('it has no `engines`');
  for (const method of ['parseOptions', 'parseSelector', 'identity', 'create'] as const) {
    if (typeof candidate[method] !== 'function') return refuse(`it has no method ${method}()`);
  }
  return plugin as ProviderPlugin;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
