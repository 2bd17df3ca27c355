export { defineConfig } from './define.js';
export { init, type InitOptions, type InitResult } from './init.js';
export { loadDefinition, type LoadedDefinition, type LoadOptions } from './load.js';
export type { Problem } from './problems.js';
export { suggest } from './suggest.js';
export { validateDefinition } from './validate.js';
export { substitute } from './vars.js';
