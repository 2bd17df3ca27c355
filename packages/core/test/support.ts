import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from 'vitest';
import type { Definition } from '../src/definition/types.js';
import type { TimedEvent } from '../src/events/types.js';
import type { Bake, OpenOptions } from '../src/library.js';
import { openProject } from '../src/open.js';
import { aDefinition, memoryProvider, type MemoryPlugin } from '../src/testing/index.js';

/** A folder with a site, an in-memory provider, and projects opened on them. */
export interface Workshop {
  readonly dir: string;
  readonly plugin: MemoryPlugin;
  readonly events: TimedEvent[];
  /** Opens the definition, closes it after the test. */
  open(definition?: Partial<Definition>, options?: OpenOptions): Promise<Bake>;
  write(path: string, text: string): void;
}

const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** Makes a workshop in a folder of its own; it is gone after the test. */
export function aWorkshop(plugin: MemoryPlugin = memoryProvider()): Workshop {
  const dir = mkdtempSync(join(tmpdir(), 'bakehouse-'));
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }));
  const events: TimedEvent[] = [];
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  write('site/index.html', '<h1>Fresh bread</h1>');
  return {
    dir,
    plugin,
    events,
    write,
    open: async (definition = {}, options = {}) => {
      const bake = await openProject({
        cwd: dir,
        definition: aDefinition(definition),
        plugins: { memory: plugin },
        env: { HOME: dir },
        onEvent: (event) => events.push(event),
        ...options,
      });
      cleanups.push(() => bake.close());
      return bake;
    },
  };
}
