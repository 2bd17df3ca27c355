import { readFileSync } from 'node:fs';
import { BakeError } from '../errors/index.js';
import { runCli } from './run.js';

/** Package managers pass an interrupt on that the terminal has sent us already: within this time, in milliseconds, it is one. */
const sameInterrupt = 250;

const soft = new AbortController();
const hard = new AbortController();
let first = 0;

function interrupt(signal: NodeJS.Signals): void {
  if (!soft.signal.aborted) {
    first = Date.now();
    const how = signal === 'SIGINT' ? 'interrupted' : `interrupted by ${signal}`;
    soft.abort(new BakeError('ERR_BAKE_ABORTED', how));
  } else if (Date.now() - first > sameInterrupt) hard.abort();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);

void runCli({
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  signal: soft.signal,
  hardSignal: hard.signal,
  openProject: async (options) => (await import('../open.js')).openProject(options),
  loadDefinition: async ({ cwd = process.cwd(), config }) => {
    const { loadDefinition } = await import('../definition/index.js');
    return (await loadDefinition({ cwd, ...(config !== undefined && { config }) })).definition;
  },
  init: async (options) => (await import('../definition/index.js')).init(options),
  version: () => {
    const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    return (manifest as { readonly version: string }).version;
  },
  atExit(restore) {
    process.on('exit', restore);
    return () => process.off('exit', restore);
  },
}).then((exit) => {
  process.exitCode = exit;
  // What was left as it is would keep the process alive.
  if (hard.signal.aborted) process.exit();
});
