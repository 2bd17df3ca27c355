import type { Definition } from './types.js';

/** Returns what it is given: only there so that editors complete and check a definition written in JavaScript. */
export function defineConfig(definition: Definition): Definition {
  return definition;
}
