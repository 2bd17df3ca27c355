import type { Artifact, Provider, ProviderContext } from '@bakehouse/core/provider';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { provider as plugin } from '@bakehouse/provider-docker';
import { tempFolder } from './files.js';
import { aRequest, type RequestInput } from './plans.js';

/** A provider with a state folder of its own. */
export interface World {
  readonly root: string;
  readonly stateDir: string;
  readonly provider: Provider;
  readonly warnings: string[];
  build(input: RequestInput): Promise<Artifact>;
  /** Builds on what a selector stands for. */
  buildOn(selector: string, input: RequestInput): Promise<Artifact>;
}

export function aWorld(change: Partial<ProviderContext> = {}): World {
  const root = tempFolder();
  const stateDir = join(root, 'state');
  mkdirSync(join(root, 'project'));
  const warnings: string[] = [];
  const context: ProviderContext = {
    project: 'shop',
    target: 'docker',
    platform: 'linux/amd64',
    root: join(root, 'project'),
    stateDir,
    env: {},
    warn: (message) => warnings.push(message),
    ...change,
  };
  const provider = plugin.create({}, context);
  return {
    root: context.root,
    stateDir: context.stateDir,
    provider,
    warnings,
    build: (input) => provider.build(aRequest(input)),
    async buildOn(text, input) {
      const selector = plugin.parseSelector(text);
      const resolved = await provider.resolveBase(selector, new AbortController().signal);
      return provider.build(aRequest({ ...input, selector, resolved }));
    },
  };
}
