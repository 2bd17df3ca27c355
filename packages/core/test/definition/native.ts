import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));

/** What one load came to. */
export interface Outcome {
  readonly definition?: unknown;
  readonly file?: string;
  readonly root?: string;
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
  readonly line?: number | null;
}

export interface Loader {
  /** An empty folder, removed with the loader. */
  folder(files?: Readonly<Record<string, string>>): string;
  /** Loads each in turn in one process of its own, after writing `write` into the folder. */
  load(...calls: readonly Call[]): readonly Outcome[];
  [Symbol.dispose](): void;
}

export interface Call {
  readonly cwd: string;
  readonly config?: string;
  readonly write?: Readonly<Record<string, string>>;
}

const script = `
import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
const [module, text] = process.argv.slice(2);
const { loadDefinition } = await import(module);
const outcomes = [];
for (const { write = {}, ...options } of JSON.parse(text)) {
  for (const [name, content] of Object.entries(write)) writeFileSync(path.join(options.cwd, name), content);
  try {
    outcomes.push(await loadDefinition(options));
  } catch ({ code, message, hint, data }) {
    outcomes.push({ code, message, hint, line: data?.line });
  }
}
console.log(JSON.stringify(outcomes));
`;

/**
 * Loads definitions with Node itself: the test runner replaces \`import()\` by its own, which knows other rules for
 * CommonJS, caches and errors than the one that users have.
 */
export async function nativeLoader(): Promise<Loader> {
  const cache = path.join(repository, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const built = mkdtempSync(path.join(cache, 'load-'));
  const outside = mkdtempSync(path.join(tmpdir(), 'bake-load-'));
  await build({
    entryPoints: [path.join(repository, 'packages/core/src/definition/load.ts')],
    outfile: path.join(built, 'load.mjs'),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
  });
  writeFileSync(path.join(built, 'run.mjs'), script);
  return {
    folder(files = {}) {
      const folder = mkdtempSync(path.join(outside, 'f-'));
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
        writeFileSync(path.join(folder, name), content);
      }
      return folder;
    },
    load(...calls) {
      const args = [pathToFileURL(path.join(built, 'load.mjs')).href, JSON.stringify(calls)];
      const text = execFileSync(process.execPath, [path.join(built, 'run.mjs'), ...args], { encoding: 'utf8' });
      return JSON.parse(text) as Outcome[];
    },
    [Symbol.dispose]() {
      rmSync(built, { recursive: true, force: true });
      rmSync(outside, { recursive: true, force: true });
    },
  };
}
