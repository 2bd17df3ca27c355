import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { anImage, aPlan, aTree, inputsOf, providerContract } from '@bakehouse/core/testing';
import type { ProviderPlugin } from '@bakehouse/core/provider';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const page = readFileSync(join(root, 'docs', 'writing-a-provider.md'), 'utf8');
const [providerSource = '', testSource = ''] = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code);

const folder = mkdtempSync(join(tmpdir(), 'bake-page-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
writeFileSync(join(folder, 'provider.ts'), providerSource);
writeFileSync(join(folder, 'provider.test.ts'), testSource);

const sources = {
  '@bakehouse/core/provider': join(root, 'packages/core/src/provider/index.ts'),
  '@bakehouse/core/testing': join(root, 'packages/core/src/testing/index.ts'),
};

/** Compiles a file of the page as its reader would, with this repository's core in place of the package. */
async function bundle(name: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [join(folder, `${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    alias: sources,
    nodePaths: [join(root, 'node_modules')],
    banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);` },
    logLevel: 'silent',
  });
  return outfile;
}

const { provider } = (await import(pathToFileURL(await bundle('provider')).href)) as {
  provider: ProviderPlugin<object>;
};

const site = aTree({
  'index.html': 'hello\n',
  'css/site.css': 'body {}\n',
  empty: { folder: true },
  'bin/run': { text: '#!/bin/sh\n', mode: '0755' },
  home: { link: 'index.html' },
});
const mine = { provider: { kind: 'folder', options: {} }, engine: { name: 'assembler', revision: 1 } };
const copyTo = (to: string) => [{ kind: 'copy', source: { tree: site.digest }, to }] as const;
const base = aPlan({ image: 'base', identity: { ...mine, steps: copyTo('/www') } });

let contexts = 0;

providerContract(
  { describe, it },
  {
    plugin: provider,
    options: {},
    capabilities: ['list', 'verify'],
    makeContext() {
      const home = join(folder, `context-${(contexts += 1)}`);
      mkdirSync(join(home, 'skeleton', 'etc'), { recursive: true });
      writeFileSync(join(home, 'skeleton', 'etc', 'motd'), 'welcome\n');
      return {
        project: 'shop',
        target: 'memory',
        platform: 'linux/amd64',
        root: home,
        stateDir: join(home, '.bake', 'folder'),
        env: {},
        warn() {},
      };
    },
    goodSelector: './skeleton',
    unknownSelector: './nowhere',
    invalidSelector: '../outside',
    invalidOptions: { input: { readOnly: 'yes', readonly: true }, mentions: ['readOnly:', 'readonly:'] },
    images: [
      { definition: anImage(), plan: base, inputs: inputsOf(site) },
      {
        definition: anImage({ from: 'base' }),
        plan: aPlan({ identity: { ...mine, base: { kind: 'image', version: base.version }, steps: copyTo('/srv') } }),
        inputs: inputsOf(site),
      },
      {
        definition: anImage({ from: { folder: './skeleton' } }),
        selector: 'skeleton',
        plan: ({ id }) =>
          aPlan({ image: 'app', identity: { ...mine, base: { kind: 'external', id }, steps: copyTo('/etc') } }),
        inputs: inputsOf(site),
      },
    ],
    moments: 12,
  },
);

describe('the page on writing a provider', () => {
  it('has a whole provider in less than 150 lines', () => {
    expect(providerSource.trimEnd().split('\n').length).toBeLessThan(150);
  });

  it('has code that type-checks as strictly as ours', () => {
    const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.base.json'), 'utf8')) as {
      compilerOptions: Record<string, unknown>;
    };
    const own = {
      ...compilerOptions,
      composite: false,
      declaration: false,
      declarationMap: false,
      emitDeclarationOnly: false,
      isolatedDeclarations: false,
      noEmit: true,
      typeRoots: [join(root, 'node_modules', '@types')],
      paths: Object.fromEntries(Object.entries(sources).map(([name, file]) => [name, [file]])),
    };
    const files = ['provider.ts', 'provider.test.ts'];
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: own, files }));
    const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
    // Faults of the sources are found where those are type-checked.
    expect(stdout.split('\n').filter((line) => line.includes(basename(folder)))).toEqual([]);
  });

  it('has a test that passes under node:test', async () => {
    const file = await bundle('provider.test');
    const output = execFileSync(process.execPath, ['--test', '--test-reporter=tap', file], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], TMPDIR: folder },
    });
    expect(output).toMatch(/^# pass [1-9]\d*$/m);
    expect(output).toMatch(/^# fail 0$/m);
  });

  it('never writes through a link of the image', async () => {
    const home = mkdtempSync(join(folder, 'links-'));
    const context = {
      project: 'shop',
      target: 'memory',
      platform: 'linux/amd64',
      root: home,
      stateDir: join(home, 'state'),
      env: {},
      warn() {},
    };
    const links = aTree({ out: { link: tmpdir() } });
    const steps = [
      { kind: 'copy', source: { tree: links.digest }, to: '/' },
      { kind: 'copy', source: { tree: site.digest }, to: '/out' },
    ] as const;
    const building = provider.create({}, context).build({
      plan: aPlan({ identity: { ...mine, steps } }),
      inputs: inputsOf([links, site]),
      parent: undefined,
      selector: undefined,
      base: undefined,
      secrets: {},
      run: 'test',
      signal: new AbortController().signal,
      progress() {},
      log() {},
    });
    await expect(building).rejects.toMatchObject({ code: 'ERR_BAKE_DESTINATION_CONFLICT' });
  });
});
