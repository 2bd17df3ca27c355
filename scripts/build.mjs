// Builds every package: bundles by entry point (fewer files, faster start of `bake`), and type declarations.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleCommand } from './bundle-command.mjs';
import { writeSchema } from './schema.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const packages = {
  core: { index: 'index.ts', provider: 'provider/index.ts', testing: 'testing/index.ts' },
  'provider-docker': { index: 'index.ts' },
};

for (const [name, entries] of Object.entries(packages)) {
  const dir = join(root, 'packages', name);
  const present = Object.entries(entries).filter(([, file]) => existsSync(join(dir, 'src', file)));
  mkdirSync(join(dir, 'dist'), { recursive: true });
  rmSync(join(dir, 'dist', 'chunks'), { recursive: true, force: true });
  await build({
    entryPoints: Object.fromEntries(present.map(([out, file]) => [out, join(dir, 'src', file)])),
    outdir: join(dir, 'dist'),
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    sourcemap: 'linked',
    logLevel: 'warning',
  });
}

await writeSchema(join(root, 'packages', 'core', 'dist', 'schema.json'));

await bundleCommand(join(root, 'packages/core/dist/bake.cjs'));

if (!process.argv.includes('--no-types')) {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  for (const name of Object.keys(packages))
    execFileSync(process.execPath, [tsc, '-b', join(root, 'packages', name)], { stdio: 'inherit' });
}
