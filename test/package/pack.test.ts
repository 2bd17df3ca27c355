import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bake-package-'));
const project = join(folder, 'project');
const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], npm_config_update_notifier: 'false' };

const names = ['core', 'provider-docker', 'templates'] as const;

function npm(cwd: string, ...args: readonly string[]): string {
  return execFileSync('npm', ['--loglevel=error', ...args], { cwd, env, encoding: 'utf8' });
}

/** Every file below a folder, by its path from there with `/`. */
function filesOf(top: string): readonly string[] {
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(top, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
}

const installed = (name: string): string => join(project, 'node_modules', '@bakehouse', name);

beforeAll(() => {
  mkdirSync(project);
  const workspaces = ['packages/core', 'packages/provider-docker', 'templates'];
  npm(root, 'pack', '--silent', '--pack-destination', folder, ...workspaces.map((path) => `./${path}`));
  const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  writeFileSync(join(project, 'package.json'), '{ "name": "outside", "private": true, "type": "module" }');
  npm(project, 'install', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs.map((name) => `../${name}`));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(names)('the package of %s', (name) => {
  it('holds what its package.json says, and no test, source or left-over', () => {
    const stray = filesOf(installed(name)).filter(
      (path) =>
        !/^(?:package\.json|LICENSE|README\.md|bin\/bake\.cjs|dist\/[\w-]+\.(?:c?js|json)(?:\.map)?)$/.test(path) &&
        !/^dist\/(?:chunks\/[\w-]+\.js(?:\.map)?|types\/[\w/-]+\.d\.ts(?:\.map)?)$/.test(path) &&
        !(name === 'templates' && /^(?:docker|packer|init)\//.test(path)),
    );
    expect(stray).toEqual([]);
    expect(filesOf(installed(name)).filter((path) => /\.test\.|tsbuildinfo|\.bake\//.test(path))).toEqual([]);
  });

  it('names no folder of this machine, in source maps neither', () => {
    const top = installed(name);
    const local = filesOf(top).filter((path) => readFileSync(join(top, path), 'utf8').includes(root));
    expect(local).toEqual([]);
    for (const path of filesOf(top).filter((path) => path.endsWith('.map'))) {
      const { sources } = JSON.parse(readFileSync(join(top, path), 'utf8')) as { sources: readonly string[] };
      expect(sources.filter((source) => /^(?:\/|file:|[A-Z]:)/.test(source))).toEqual([]);
    }
  });

  it('has every file that its exports name', () => {
    const top = installed(name);
    const { exports = {}, bin = {} } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as {
      exports?: Record<string, string | Record<string, string>>;
      bin?: Record<string, string>;
    };
    const targets = [...Object.values(exports), bin].flatMap((entry) =>
      typeof entry === 'string' ? [entry] : Object.values(entry),
    );
    const files = filesOf(top);
    const missing = targets.filter((path) => !path.includes('*') && !files.includes(path.replace(/^\.\//, '')));
    expect(missing).toEqual([]);
  });
});

describe('a project that installs the packages', () => {
  it('does not get a test runner with them', () => {
    const all = readdirSync(join(project, 'node_modules'));
    expect(all.filter((name) => ['vitest', 'jest', 'mocha', 'typescript', 'esbuild'].includes(name))).toEqual([]);
  });

  it('type-checks against them', () => {
    writeFileSync(join(project, 'provider.test.ts'), contractTest);
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2023',
      lib: ['es2024', 'esnext.disposable'],
      strict: true,
      exactOptionalPropertyTypes: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules', '@types')],
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['provider.test.ts'] }));
    const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
    const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', project], { cwd: project, encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  it('runs the contract suite on the in-memory provider with the runner of Node', () => {
    const args = ['--test', '--test-reporter=tap', 'provider.test.js'];
    const output = execFileSync(process.execPath, args, { cwd: project, env, encoding: 'utf8' });
    expect(output).toMatch(/^# pass [1-9]\d*$/m);
    expect(output).toMatch(/^# fail 0$/m);
  });

  it('has the command', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'packages/core/package.json'), 'utf8')) as {
      version: string;
    };
    expect(npm(project, 'exec', '--no', '--', 'bake', '--version').trim()).toBe(version);
  });

  it('starts with init, plans and builds', () => {
    const bake = (...args: readonly string[]): { readonly images?: readonly { readonly outcome?: string }[] } =>
      JSON.parse(npm(project, 'exec', '--no', '--', 'bake', ...args, '--json')) as ReturnType<typeof bake>;
    const files = (bake('init', 'starter') as { files?: readonly string[] }).files;
    expect(files?.length).toBeGreaterThan(0);
    expect(bake('plan', '-C', 'starter').images?.length).toBeGreaterThan(0);
    const outcomes = bake('build', '-C', 'starter').images?.map(({ outcome }) => outcome);
    expect(new Set(outcomes)).toEqual(new Set(['built']));
  });
});

const contractTest = `import { describe, it } from 'node:test';
import { openProject, type PlanResult } from '@bakehouse/core';
import { capabilityNames, type ProviderPlugin } from '@bakehouse/core/provider';
import { anImage, aPlan, aTree, inputsOf, memoryProvider, providerContract } from '@bakehouse/core/testing';
import { provider as docker } from '@bakehouse/provider-docker';

const plugin: ProviderPlugin<object> = memoryProvider();
providerContract(
  { describe, it },
  {
    plugin,
    options: {},
    capabilities: capabilityNames,
    makeContext: () => ({
      project: 'shop', target: 'memory', platform: 'linux/amd64', root: '/', stateDir: '/nowhere', env: {}, warn() {},
    }),
    goodSelector: 'memory/base:1',
    unknownSelector: 'memory/base:2',
    images: [{ definition: anImage(), plan: aPlan(), inputs: inputsOf(aTree()) }],
    destination: { name: 'memory' },
  },
);

it('opens a project', async () => {
  const definition = { name: 'shop', providers: { docker: { use: 'docker' } }, images: { web: { from: 'scratch' } } };
  const bake = await openProject({ cwd: import.meta.dirname, definition, plugins: { docker } });
  const plan: PlanResult = await bake.plan();
  if (plan.images.length !== 1) throw new Error('expected one image');
  await bake.close();
});
`;
