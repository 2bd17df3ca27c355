// The same definition gives the same version, whatever surrounds it; each way as whole processes.
import { cp, mkdir, readdir, rename, rm, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appDefinition, bakeFile, openProjectIn, type Project } from './bake.js';
import { run } from './engines.js';

const files = {
  'files/b.txt': 'two\n',
  'files/a.txt': 'one\n',
  'files/I/ı.txt': 'dotless\n',
  'files/x/İ.txt': 'dotted\n',
  'files/run.sh': '#!/bin/sh\n',
  'files/empty/.keep': '',
};
const definition = appDefinition({ config: { cmd: ['/srv/run.sh'], env: { TZ: 'UTC' } } });

async function versionOf(project: Project, options: Parameters<Project['json']>[1] = {}): Promise<string> {
  const planned = await project.json(['plan'], options);
  expect(planned.code, planned.stdout + planned.stderr).toBe(0);
  return planned.data.images[0]?.version ?? '';
}

describe('a version', () => {
  let here: Project;
  let expected: string;
  const opened: Project[] = [];
  const open = async (...args: Parameters<typeof openProjectIn>): Promise<Project> => {
    const project = await openProjectIn(...args);
    opened.push(project);
    return project;
  };

  beforeAll(async () => {
    here = await open(files, definition);
    expected = await versionOf(here);
    expect(expected).toMatch(/^[0-9a-f]{64}$/);
  });
  afterAll(() => Promise.all(opened.map((project) => project.remove())));

  test('is the same in another directory, with files made in another order', async () => {
    const backwards = Object.fromEntries(Object.entries(files).toReversed());
    expect(await versionOf(await open(backwards, definition))).toBe(expected);
  });

  test.each(['002', '022', '077'])('is the same for files made under umask %s', async (mask) => {
    const other = await open({}, definition);
    await run('sh', ['-c', `umask ${mask}; cp -R "$1" "$2"`, 'sh', join(here.dir, 'files'), other.dir]);
    const planned = await run(
      'sh',
      ['-c', `umask ${mask}; exec "$@"`, 'sh', process.execPath, bakeFile, 'plan', '--json'],
      {
        cwd: other.dir,
        env: other.env,
      },
    );
    expect(planned.stdout).toContain(expected);
  });

  test.each([
    ['TZ', { TZ: 'Pacific/Kiritimati' }],
    ['LANG', { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' }],
    ['LC_ALL=C', { LANG: 'C', LC_ALL: 'C' }],
    ['HOME', { HOME: '/nonexistent', USER: 'somebody' }],
  ])('is the same with another %s', async (_name, env) => {
    const { dir } = here;
    const other = await open(files, definition);
    expect(await versionOf(other, { env })).toBe(expected);
    expect(dir).not.toBe(other.dir);
  });

  test('is the same with other times of files and folders', async () => {
    const other = await open(files, definition);
    for (const path of await readdir(other.dir, { recursive: true })) await utimes(join(other.dir, path), 1, 86_400);
    expect(await versionOf(other)).toBe(expected);
  });

  test('is the same through a symlinked project folder and a symlinked source', async () => {
    const other = await open(files, definition);
    const link = `${other.dir}-link`;
    await symlink(other.dir, link);
    expect((await other.json(['plan', '-C', link])).data.images[0]?.version).toBe(expected);
    await rename(join(other.dir, 'files'), join(other.dir, 'elsewhere'));
    await symlink('elsewhere', join(other.dir, 'files'));
    expect(await versionOf(other)).toBe(expected);
  });

  const asModule = `export default ${JSON.stringify(definition)};\n`;
  const yaml = `images:
  app:
    config: { env: { TZ: UTC }, cmd: [/srv/run.sh] }
    steps:
      - { to: /srv, copy: ./files }
    from: scratch
providers: { docker: { use: '@bakehouse/provider-docker' } }
name: shop
`;
  test.each([
    ['bake.config.js', asModule],
    ['bake.config.mjs', asModule],
    ['bake.config.ts', asModule],
    ['bake.config.yaml', yaml],
    ['bake.config.yml', yaml],
    ['package.json', JSON.stringify({ type: 'module', bake: definition })],
  ])('is the same when it is written in %s', async (name, text) => {
    const other = await open({ ...files, 'package.json': '{"type":"module"}', [name]: text });
    expect(await versionOf(other)).toBe(expected);
  });

  test('is the same for a definition found from a folder below', async () => {
    expect((await here.json(['plan'], { cwd: join(here.dir, 'files', 'x') })).data.images[0]?.version).toBe(expected);
  });

  test('is the same after a build, without its caches, and with another name of project, image and target', async () => {
    const other = await open(files, definition);
    expect((await other.json(['build'])).data.images[0]?.version).toBe(expected);
    await rm(join(other.dir, '.bake', 'cache'), { recursive: true, force: true });
    expect(await versionOf(other)).toBe(expected);
    const renamed = {
      ...definition,
      name: 'other',
      providers: { boxes: { use: '@bakehouse/provider-docker' } },
      images: { site: (definition['images'] as Record<string, unknown>)['app'] },
    };
    expect(await versionOf(await open(files, renamed))).toBe(expected);
  });

  test('differs when a byte, a name, an execute bit or a setting differs', async () => {
    const versions = [expected];
    const other = await open(files, definition);
    await other.write({ 'files/a.txt': 'One\n' });
    versions.push(await versionOf(other));
    await rename(join(other.dir, 'files/a.txt'), join(other.dir, 'files/A.txt'));
    versions.push(await versionOf(other));
    await run('chmod', ['755', join(other.dir, 'files/A.txt')]);
    versions.push(await versionOf(other));
    await mkdir(join(other.dir, 'files/new-empty'));
    versions.push(await versionOf(other));
    await other.write({ 'bake.config.json': JSON.stringify(appDefinition({ config: { cmd: ['/srv/run.sh'] } })) });
    versions.push(await versionOf(other));
    expect(new Set(versions).size).toBe(versions.length);
  });

  test('of a copy that a tool made is the same', async () => {
    const other = await open({}, definition);
    await cp(join(here.dir, 'files'), join(other.dir, 'files'), { recursive: true });
    expect(await versionOf(other)).toBe(expected);
  });
});
