import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { sha256 } from '../plan/digest.js';
import { LoadFailure } from './load-data.js';

interface Exports {
  readonly [name: string]: unknown;
}

const HINT = 'A definition is plain data: export default { name: …, providers: …, images: … }';

/** Runs a definition in JavaScript, ES module or CommonJS, and returns what it exports as default. */
export async function loadScript(file: string, text: string): Promise<unknown> {
  // Node keeps CommonJS modules by file name whatever the query says.
  const cache = createRequire(import.meta.url).cache;
  delete cache[file];
  return defaultOf(await attempt(file, text, async () => importFresh(file, sha256(text))));
}

/** The same for TypeScript: types are stripped by Node where it can, else by jiti. */
export async function loadTypeScript(file: string, text: string): Promise<unknown> {
  if ((process.features as { readonly typescript?: unknown }).typescript) {
    return defaultOf(await attempt(file, text, async () => importFresh(file, sha256(text))));
  }
  const { createJiti } = await import('jiti');
  // Nothing is cached: not in memory, so that edits are seen, nor on disk, where it would be a file nobody asked for.
  const jiti = createJiti(import.meta.url, { moduleCache: false, fsCache: false, interopDefault: false });
  return defaultOf(await attempt(file, text, async () => jiti.import<Exports>(file)));
}

/** The query makes Node run a file again that it ran before, when its text is another. */
async function importFresh(file: string, edition: string): Promise<Exports> {
  return (await import(/* @vite-ignore */ `${pathToFileURL(file).href}?${edition}`)) as Exports;
}

function defaultOf(exports: Exports): unknown {
  let value = Object.hasOwn(exports, 'default') ? exports['default'] : undefined;
  // A module that a compiler turned into CommonJS has its default export one level down.
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, '__esModule') && 'default' in value)
    value = value.default;
  if (value === undefined) {
    const names = Object.keys(exports).filter((name) => name !== 'default' && name !== 'module.exports');
    const instead = names.length === 0 ? '' : `; it exports ${names.join(', ')}`;
    throw new LoadFailure(`it has no default export${instead}`, { hint: HINT });
  }
  if (typeof value === 'function')
    throw new LoadFailure('it exports a function; export what the function returns', { hint: HINT });
  if (value instanceof Promise)
    throw new LoadFailure('it exports a promise; await it in the file: export default await …', { hint: HINT });
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0)
    throw new LoadFailure('it exports an empty object', { hint: HINT });
  return value;
}

async function attempt(file: string, text: string, run: () => Promise<Exports>): Promise<Exports> {
  try {
    return await run();
  } catch (error) {
    const reason = reasonOf(error);
    const missing = /Cannot find (?:package|module) '(@bakehouse\/[^']+)'/.exec(reason)?.[1];
    throw new LoadFailure(reason, {
      line: lineOf(file, error) ?? (error instanceof SyntaxError ? await syntaxLine(file, text) : null),
      ...(missing === undefined
        ? {}
        : { hint: `Install it beside the definition (npm install ${missing}), or do without it: it only adds types.` }),
      cause: error,
    });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return `it threw ${typeof error === 'string' ? error : typeof error}`;
  const [first] = error.message.split('\n');
  const name = error.name === 'Error' ? '' : `${error.name}: `;
  return `${name}${first!.trim() === '' ? 'it threw an error without a message' : first!.trim()}`;
}

/** The line of `file` that an error's stack names first. */
function lineOf(file: string, error: unknown): number | null {
  const stack = error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : '';
  for (const name of [pathToFileURL(file).href, file]) {
    const at = stack.indexOf(name);
    if (at < 0) continue;
    const line = /^(?:\?[^:\s]*)?:(\d+)/.exec(stack.slice(at + name.length))?.[1];
    if (line !== undefined) return Number(line);
  }
  return null;
}

/** Node does not tell where an ES module fails to parse; jiti's parser does. */
async function syntaxLine(file: string, text: string): Promise<number | null> {
  const { createJiti } = await import('jiti');
  const compiled = createJiti(import.meta.url, { fsCache: false }).transform({
    source: text,
    filename: file,
    ts: file.endsWith('.ts'),
    async: true,
  });
  const line = /^exports\.__JITI_ERROR__ = \{.*?"line":(\d+)/.exec(compiled)?.[1];
  return line === undefined ? null : Number(line);
}
