import { setTimeout as sleep } from 'node:timers/promises';
import type { Provider, ProviderPlugin } from '../../src/provider/types.js';
import { memoryProvider } from '../../src/testing/index.js';

const memory = memoryProvider({ kind: 'slow' });

/** The in-memory provider, which takes `SLOW` milliseconds to build, and with `STUBBORN` does not end when aborted. */
export const provider: ProviderPlugin = {
  ...(memory as unknown as ProviderPlugin),
  create(options, context) {
    const made = (memory as unknown as ProviderPlugin).create(options, context);
    const build: Provider['build'] = async (request) => {
      request.progress('baking slowly', 0.5);
      request.log('baking slowly', 'the oven is warming up');
      if (context.env['STUBBORN'] !== undefined) await sleep(60_000);
      await sleep(Number(context.env['SLOW'] ?? 0), undefined, { signal: request.signal }).catch((error: unknown) => {
        request.progress('cleaned up by the provider');
        throw error;
      });
      return made.build(request);
    };
    return { ...made, build };
  },
};
