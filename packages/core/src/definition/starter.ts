import { readdir } from 'node:fs/promises';
import * as path from 'node:path';
import { BakeError } from '../errors/bake-error.js';
import { builtInTemplates, renderTemplate } from '../render/index.js';
import { templateSource } from '../render/source.js';
import { suggest } from './suggest.js';

/** Text of files by their path, relative and `/` separated. */
export type Files = Readonly<Record<string, string>>;

/** The starters there are. */
export async function starterNames(): Promise<string[]> {
  const entries = await readdir(path.join(builtInTemplates(), 'init'), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/**
 * The files of a starter. Those whose name ends in `.hbs` are templates and lose the ending.
 * Rejects with `ERR_BAKE_USAGE` where there is no such starter (`data: { template, suggestion }`).
 */
export async function starterFiles(template: string, options: { readonly name: string }): Promise<Files> {
  const known = await starterNames();
  if (!known.includes(template)) {
    const suggestion = suggest(template, known);
    const meant = suggestion === null ? '' : `; did you mean ${JSON.stringify(suggestion)}?`;
    throw new BakeError('ERR_BAKE_USAGE', `There is no starter ${JSON.stringify(template)}${meant}`, {
      hint: `There are: ${known.join(', ')}`,
      data: { template, suggestion },
    });
  }
  const folder = path.join(builtInTemplates(), 'init', template);
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files: [string, string][] = [];
  for (const entry of entries.filter((found) => found.isFile())) {
    const relative = path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/');
    const name = `init/${template}/${relative}`;
    if (relative.endsWith('.hbs'))
      files.push([relative.slice(0, -'.hbs'.length), (await renderTemplate(name, { name: options.name })).text]);
    else files.push([relative, (await templateSource(name)).text]);
  }
  return Object.fromEntries(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A project's name made from a folder's. */
export function projectName(folder: string): string {
  const name = path
    .basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '');
  return name === '' || ['constructor', 'prototype', 'scratch'].includes(name) ? 'project' : name;
}
