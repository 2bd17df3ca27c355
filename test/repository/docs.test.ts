import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { afterAll, describe, expect, it } from 'vitest';
import { openProject, type Definition, type ProviderPlugin } from '@bakehouse/core';
import { provider } from '@bakehouse/provider-docker';
import { repositoryFiles, root } from './source.js';

const pages = repositoryFiles(/^(?:README\.md|docs\/[^/]+\.md|examples\/.*\.md)$/);
const folder = mkdtempSync(join(tmpdir(), 'bake-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Code of one language on a page. */
function blocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, code]) => code ?? '');
}

/** The definition that a JavaScript example exports. Only its helpers are imported, and they return plain data. */
async function evaluate(code: string, name: string): Promise<Definition> {
  const file = join(folder, `${name}.mjs`);
  const helpers =
    "const defineConfig = (value) => value;\nconst docker = () => ({ use: '@bakehouse/provider-docker' });\n";
  writeFileSync(file, helpers + code.replaceAll(/^import .*$/gm, ''));
  return ((await import(pathToFileURL(file).href)) as { default: Definition }).default;
}

const definitions = pages.flatMap(({ path, text }) => [
  ...blocks(text, 'js').map((code, index) => ({
    name: `${path} js ${index}`,
    read: () => evaluate(code, `${path.replaceAll('/', '-')}-${index}`),
  })),
  ...blocks(text, 'yaml').map((code, index) => ({
    name: `${path} yaml ${index}`,
    read: async () => parse(code) as Definition,
  })),
]);

describe('the docs', () => {
  it.each(definitions)('show definitions that are valid: $name', async ({ read }) => {
    const definition = await read();
    // A page's own provider is tested with that page.
    const lenient: ProviderPlugin = {
      ...provider,
      parseOptions: () => ({}),
      parseSelector: (input) => ({ key: String(input), value: String(input) }),
      create: (_options, context) => provider.create({}, context),
    };
    const plugins = Object.fromEntries(
      Object.values(definition.providers).map(({ use }) => [use, use.startsWith('.') ? lenient : provider]),
    );
    const bake = await openProject({ cwd: folder, definition, plugins, env: {} });
    await bake.close();
  });

  it('show TypeScript that type-checks', () => {
    const page = pages.find(({ path }) => path === 'docs/library.md');
    const files = blocks(page?.text ?? '', 'ts').map((code, index) => {
      writeFileSync(join(folder, `library-${index}.ts`), code);
      return `library-${index}.ts`;
    });
    expect(files.length).toBeGreaterThan(1);
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2023',
      lib: ['es2024', 'esnext.disposable'],
      strict: true,
      noEmit: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules', '@types')],
      paths: {
        '@bakehouse/core': [join(root, 'packages/core/src/index.ts')],
        '@bakehouse/core/provider': [join(root, 'packages/core/src/provider/index.ts')],
        '@bakehouse/core/testing': [join(root, 'packages/core/src/testing/index.ts')],
        '@bakehouse/provider-docker': [join(root, 'packages/provider-docker/src/index.ts')],
      },
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
    // Faults of the sources are found where those are type-checked.
    expect(stdout.split('\n').filter((line) => line.includes('library-'))).toEqual([]);
  });

  it('name only commands and options that there are', () => {
    const bake = join(root, 'packages', 'core', 'bin', 'bake.cjs');
    const help = (...args: readonly string[]): string =>
      execFileSync(process.execPath, [bake, ...args], { encoding: 'utf8', env: { PATH: process.env['PATH'] } });
    const commands = new Set([...help('--help').matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name]) => name ?? ''));
    const known = new Map([...commands].map((name) => [name, name === 'help' ? '' : help('help', name)]));
    const used = pages.flatMap(({ path, text }) =>
      [...text.replaceAll(/^```ts\n.*?^```$/gms, '').matchAll(/(?:^|[`\s])bake ([a-z]+)((?: [^\n`#;|]*)?)/gm)]
        .filter(([whole]) => /`|^\s*\$?\s*(?:npx )?bake/.test(whole) || /\$ |npx /.test(whole))
        .map(([, command = '', rest = '']) => ({ path, command, options: rest.match(/--[a-z-]+/g) ?? [] })),
    );
    expect(used.length).toBeGreaterThan(20);
    const wrong = used.flatMap(({ path, command, options }) => {
      const text = known.get(command);
      if (text === undefined) return [`${path}: bake ${command}`];
      return options.filter((option) => !text.includes(option.replace(/^--no-/, '--[no-]')) && !text.includes(option));
    });
    expect(wrong).toEqual([]);
  });
});

describe('the README', () => {
  const readme = pages.find(({ path }) => path === 'README.md')?.text ?? '';
  const binary = join(root, 'node_modules', '@esbuild', 'linux-x64', 'bin', 'esbuild');

  it('shows the definition of the quickstart as it is', () => {
    const [config] = repositoryFiles(/^examples\/quickstart\/bake\.config\.js$/);
    expect(blocks(readme, 'js')[0]).toBe(config?.text);
  });

  // The server is the Linux binary that npm installs on Linux; elsewhere the quickstart fetches it.
  it.skipIf(!existsSync(binary))('shows versions that the quickstart really has', async () => {
    const example = join(folder, 'quickstart');
    mkdirSync(join(example, 'base', 'bin'), { recursive: true });
    cpSync(join(root, 'examples', 'quickstart', 'site'), join(example, 'site'), { recursive: true });
    cpSync(join(root, 'examples', 'quickstart', 'bake.config.js'), join(example, 'bake.config.js'));
    cpSync(binary, join(example, 'base', 'bin', 'serve'));
    symlinkSync(join(root, 'node_modules'), join(example, 'node_modules'));
    const plugins = { '@bakehouse/provider-docker': provider };
    const bake = await openProject({ cwd: example, plugins, env: {} });
    try {
      const { images } = await bake.plan();
      for (const { image, version } of images)
        expect(readme, `the version of ${image} is another one now`).toContain(version.slice(0, 12));
    } finally {
      await bake.close();
    }
  });
});
