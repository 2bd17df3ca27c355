import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { BakeError } from '../errors/bake-error.js';
import { sha256, type Digest } from '../plan/digest.js';

/** A template's text, and where it is from: identity names a built-in one by revision, a project's own by digest. */
export interface TemplateSource {
  readonly text: string;
  readonly source: 'built-in' | Digest;
}

/**
 * Reads a template by its name in the templates package, such as `docker/Dockerfile.hbs`.
 * A file of that name under `templatesDir`, the project's own folder, goes before the built-in one.
 * Rejects with `ERR_BAKE_TEMPLATE` (`data: { name }`) where there is none or it cannot be read.
 */
export async function templateSource(name: string, templatesDir?: string): Promise<TemplateSource> {
  if (path.posix.isAbsolute(name) || name.split(/[/\\]/).includes('..'))
    throw new BakeError('ERR_BAKE_TEMPLATE', `${JSON.stringify(name)} is not a name of a template`, { data: { name } });
  if (templatesDir !== undefined) {
    const own = await readIfThere(path.join(templatesDir, name), name);
    if (own !== undefined) return { text: own.toString('utf8'), source: sha256(own) };
  }
  const builtIn = await readIfThere(path.join(builtInTemplates(), name), name);
  if (builtIn !== undefined) return { text: builtIn.toString('utf8'), source: 'built-in' };
  throw new BakeError('ERR_BAKE_TEMPLATE', `There is no template ${name}`, { data: { name } });
}

/** The folder of the templates package. */
export function builtInTemplates(): string {
  return path.dirname(createRequire(import.meta.url).resolve('@bakehouse/templates/package.json'));
}

async function readIfThere(file: string, name: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new BakeError('ERR_BAKE_TEMPLATE', `The template ${file} cannot be read`, { data: { name }, cause: error });
  }
}
