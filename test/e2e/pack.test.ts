// What is published works outside of the workspace: packed, installed, type-checked, run, also by another user.
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appDefinition, root } from './bake.js';
import { e2e, run } from './engines.js';

const program = `import { openProject, type PlanResult } from '@bakehouse/core';
import { docker } from '@bakehouse/provider-docker';

const bake = await openProject({
  cwd: import.meta.dirname,
  definition: {
    name: 'packed',
    providers: { docker: docker({}) },
    images: { app: { from: 'scratch', steps: [{ copy: './files', to: '/srv' }] } },
  },
});
const plan: PlanResult = await bake.plan();
const built = await bake.build();
console.log(plan.images[0]?.version === built.images[0]?.version && built.images[0]?.outcome);
await bake.close();
`;

const tsconfig = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2024', 'esnext.disposable'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  },
  files: ['program.ts'],
};

describe('the packed packages', () => {
  let dir: string;
  const env = { CI: undefined, NODE_OPTIONS: undefined, npm_config_prefer_offline: 'true' };
  const npm = (args: readonly string[]) => run('npm', args, { cwd: dir, env, timeout: 240_000 });

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bake-pack-'));
    await chmod(dir, 0o755);
    const packages = ['packages/core', 'packages/provider-docker', 'templates'].map((path) => join(root, path));
    await npm(['pack', '--silent', '--pack-destination', dir, ...packages]);
    const tarballs = (await readdir(dir)).filter((name) => name.endsWith('.tgz')).map((name) => `./${name}`);
    expect(tarballs).toHaveLength(packages.length);
    await writeFile(join(dir, 'package.json'), '{ "name": "outside", "private": true, "type": "module" }');
    await npm(['install', '--no-audit', '--no-fund', '--loglevel=error', ...tarballs]);
    await mkdir(join(dir, 'files'));
    await writeFile(join(dir, 'files/page.html'), 'hello\n');
    await writeFile(join(dir, 'program.ts'), program);
    await writeFile(join(dir, 'tsconfig.json'), JSON.stringify(tsconfig));
    await writeFile(join(dir, 'bake.config.json'), JSON.stringify(appDefinition()));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  test('type-check and run in a program that imports the library', async () => {
    await run(join(root, 'node_modules/.bin/tsc'), ['-p', join(dir, 'tsconfig.json')], { cwd: dir, env });
    const ran = await run(process.execPath, ['program.js'], { cwd: dir, env });
    expect(ran.stdout).toBe('built\n');
  });

  test('bring the command', async () => {
    expect((await npm(['exec', '--no', '--', 'bake', '--version'])).stdout).toMatch(/^\d+\.\d+\.\d+/);
    const built = await npm(['exec', '--no', '--', 'bake', 'build', '--json', '--catalog', './other']);
    expect(JSON.parse(built.stdout)).toMatchObject({ schema: 1, images: [{ image: 'app', outcome: 'built' }] });
  });

  e2e('give another user the same version and the same bytes', ['root', 'setpriv', 'chown'], async () => {
    const bake = join(dir, 'node_modules/.bin/bake');
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath];
    const built: string[] = [];
    for (const [name, program, before] of [
      ['mine', process.execPath, []],
      ['theirs', 'setpriv', nobody],
    ] as const) {
      const cwd = join(dir, name);
      await mkdir(join(cwd, 'files'), { recursive: true });
      await writeFile(join(cwd, 'files/page.html'), 'hello\n');
      await writeFile(join(cwd, 'bake.config.json'), JSON.stringify(appDefinition()));
      if (name === 'theirs') await run('chown', ['-R', '65534:65534', cwd]);
      const options = { cwd, env: { ...env, HOME: cwd, USER: name } };
      const { images } = JSON.parse((await run(program, [...before, bake, 'build', '--json'], options)).stdout);
      const exported = await run(program, [...before, bake, 'export', 'app', 'app.tar', '--json'], options);
      built.push(images[0].version, JSON.parse(exported.stdout).digest);
    }
    expect(built.slice(2)).toEqual(built.slice(0, 2));
  });

  e2e('say what another user may not read or write', ['root', 'setpriv', 'chown'], async () => {
    const bake = join(dir, 'node_modules/.bin/bake');
    const cwd = join(dir, 'guarded');
    await mkdir(join(cwd, 'files'), { recursive: true });
    await writeFile(join(cwd, 'files/secret.txt'), 'mine\n', { mode: 0o600 });
    await writeFile(join(cwd, 'bake.config.json'), JSON.stringify(appDefinition()));
    const theirs = async (command: string): Promise<{ code: number; error: { code: string; message: string } }> => {
      const as = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, bake, command, '--json'];
      const options = { cwd, env: { ...env, HOME: '/nonexistent' }, allowFailure: true };
      const { code, stdout } = await run('setpriv', as, options);
      return { code, error: JSON.parse(stdout).error };
    };
    const unreadable = { code: 'ERR_BAKE_INPUT_UNREADABLE', message: expect.stringContaining('files/secret.txt') };
    expect(await theirs('plan')).toMatchObject({ code: 1, error: unreadable });
    await chmod(join(cwd, 'files/secret.txt'), 0o644);
    expect(await theirs('plan')).toMatchObject({ code: 0 });
    expect(await theirs('build')).toMatchObject({ code: 1, error: { code: 'ERR_BAKE_READ_ONLY' } });
    expect((await readdir(cwd)).sort()).toEqual(['bake.config.json', 'files']);
  });
});
