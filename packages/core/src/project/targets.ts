import { join } from 'node:path';
import type { Definition } from '../definition/types.js';
import type { RunEvent } from '../events/types.js';
import { located } from '../errors/located.js';
import { loadPlugin } from '../provider/load.js';
import type { Provider, ProviderPlugin } from '../provider/types.js';
import type { Target } from './types.js';

const defaultPlatform = 'linux/amd64';

export interface TargetsOptions {
  readonly definition: Definition;
  readonly root: string;
  readonly stateDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Providers that a program brings itself, by what `use` says. */
  readonly plugins: Readonly<Record<string, ProviderPlugin>> | undefined;
  emit(event: RunEvent): void;
}

/** Every target of a definition; their providers are made when first used, and closed together. */
export interface Targets {
  readonly byName: ReadonlyMap<string, Target>;
  close(): Promise<void>;
}

function parseOptions(plugin: ProviderPlugin, options: unknown, where: string): unknown {
  try {
    return plugin.parseOptions(options);
  } catch (error) {
    throw located(error, where);
  }
}

/** Loads the provider packages and checks their options. */
export async function openTargets(options: TargetsOptions): Promise<Targets> {
  const made: Provider[] = [];
  const targets = Object.entries(options.definition.providers).map(async ([name, { use, platform, ...rest }]) => {
    const given = options.plugins && Object.hasOwn(options.plugins, use) ? options.plugins[use] : undefined;
    const plugin = given ?? (await loadPlugin(use, options.root));
    const parsed = parseOptions(plugin, rest, `providers.${name}`);
    const context = {
      project: options.definition.name,
      target: name,
      platform: platform ?? defaultPlatform,
      root: options.root,
      stateDir: join(options.stateDir, 'providers', plugin.kind),
      env: options.env,
      warn: (message: string) => options.emit({ type: 'warning', message: `${name}: ${message}` }),
    };
    let provider: Provider | undefined;
    const target: Target = {
      name,
      plugin,
      options: parsed,
      platform: context.platform,
      provider: () => {
        if (provider === undefined) {
          provider = plugin.create(parsed, context);
          made.push(provider);
        }
        return provider;
      },
    };
    return [name, target] as const;
  });
  return {
    byName: new Map(await Promise.all(targets)),
    close: async () => {
      await Promise.all(made.map((provider) => provider[Symbol.asyncDispose]()));
    },
  };
}
