// Writes the JSON Schema of a definition, made from the valibot schema that validates it, so that editors complete it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The schema as an object. */
export async function definitionJsonSchema() {
  // Inside the repository, so that the bundle finds valibot.
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'schema-'));
  try {
    const outfile = join(folder, 'schema.mjs');
    await build({
      entryPoints: [join(root, 'packages/core/src/definition/schema.ts')],
      outfile,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      logLevel: 'warning',
    });
    const { definitionSchema } = await import(pathToFileURL(outfile).href);
    return {
      title: 'Bakehouse definition',
      // What only a run can tell, such as whether a name is one of an image, has no place in a JSON Schema.
      ...toJsonSchema(definitionSchema, { ignoreActions: ['check'] }),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes it to a file. */
export async function writeSchema(file) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(await definitionJsonSchema(), null, 2)}\n`);
}
