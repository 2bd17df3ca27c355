export { run } from './run.js';
export type { ProcessOptions, ProcessResult, RunProcess } from './types.js';
