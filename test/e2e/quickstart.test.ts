// The quickstart's image, built twice in different folders, as independent readers and a real engine see it.
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openProjectIn, root, type Project } from './bake.js';
import { e2e, run, startDocker, temporary } from './engines.js';

/** The example with its web server in place, as `npm run quickstart` leaves it. */
async function openQuickstart(): Promise<Project> {
  const project = await openProjectIn({});
  const example = join(root, 'examples/quickstart');
  for (const name of ['bake.config.js', 'site'])
    await cp(join(example, name), join(project.dir, name), { recursive: true });
  const esbuild = dirname(createRequire(import.meta.url).resolve('@esbuild/linux-x64/package.json'));
  await mkdir(join(project.dir, 'base/bin'), { recursive: true });
  await cp(join(esbuild, 'bin/esbuild'), join(project.dir, 'base/bin/serve'));
  // The definition imports the library.
  await symlink(join(root, 'node_modules'), join(project.dir, 'node_modules'));
  return project;
}

interface Resolved {
  readonly version: string;
  readonly digest: string;
  readonly location: string;
}

const resolved = async (project: Project): Promise<Resolved> =>
  JSON.parse((await project.bake(['resolve', 'web', '--json'])).stdout) as Resolved;

describe.skipIf(process.platform !== 'linux' || process.arch !== 'x64')('the quickstart', () => {
  let one: Project;
  let two: Project;
  let archive: string;

  beforeAll(async () => {
    one = await openQuickstart();
    two = await openQuickstart();
    archive = join(one.dir, '..', 'web.tar');
    for (const project of [one, two]) {
      const built = await project.json(['build']);
      expect(built.code, built.stdout + built.stderr).toBe(0);
      expect(built.data.images.map(({ image, outcome }) => `${image} ${outcome}`)).toEqual(['base built', 'web built']);
    }
    expect((await one.bake(['export', 'web', archive])).code).toBe(0);
  });
  afterAll(() => Promise.all([one.remove(), two.remove()]));

  test('is built once: a second build reuses both images', async () => {
    const again = await one.json(['build']);
    expect(again.data.images.map(({ outcome }) => outcome)).toEqual(['reused', 'reused']);
  });

  test('gives byte-identical archives in two folders', async () => {
    const other = join(two.dir, '..', 'web.tar');
    expect((await two.bake(['export', 'web', other])).code).toBe(0);
    expect((await readFile(other)).equals(await readFile(archive))).toBe(true);
    const [a, b] = [await resolved(one), await resolved(two)];
    expect([b.version, b.digest]).toEqual([a.version, a.digest]);
  });

  e2e(
    'is read by skopeo, as an archive and as a layout, with the same configuration and layers',
    ['skopeo'],
    async () => {
      const { digest, location } = await resolved(one);
      const read = async (source: string): Promise<{ config: string; diffIds: string[] }> => {
        const config = (await run('skopeo', ['inspect', '--config', '--raw', source])).stdout;
        const { rootfs } = JSON.parse(config) as { rootfs: { diff_ids: string[] } };
        const { stdout } = await run('sha256sum', ['-'], { input: config });
        return { config: `sha256:${stdout.slice(0, 64)}`, diffIds: rootfs.diff_ids };
      };
      const fromLayout = await read(location);
      expect(await read(`docker-archive:${archive}`)).toEqual(fromLayout);
      expect(await read(`oci-archive:${archive}`)).toEqual(fromLayout);
      expect(fromLayout.config).toBe(digest);
      expect(fromLayout.diffIds).toHaveLength(2);
    },
  );

  e2e('is unpacked by umoci', ['umoci', 'skopeo', 'root'], async () => {
    const { dir, remove } = await temporary();
    try {
      const { location } = await resolved(one);
      await run('skopeo', ['copy', '--insecure-policy', location, `oci:${dir}/layout:web`]);
      await run('umoci', ['unpack', '--image', `${dir}/layout:web`, `${dir}/bundle`]);
      const page = await readFile(`${dir}/bundle/rootfs/www/index.html`);
      expect(page.equals(await readFile(join(one.dir, 'site/index.html')))).toBe(true);
      await run('umoci', ['stat', '--image', `${dir}/layout:web`, '--json']);
    } finally {
      await remove();
    }
  });

  e2e('is loaded by a Docker Engine, and its own command serves the page', ['docker', 'nsenter'], async () => {
    const engine = await startDocker();
    try {
      const loaded = (await engine.docker(['load', '-i', archive])).stdout;
      const name = /Loaded image: (\S+)/.exec(loaded)?.[1] ?? '';
      const { version, digest } = await resolved(one);
      expect(name).toBe(`quickstart/web:${version.slice(0, 12)}`);
      expect((await engine.docker(['image', 'inspect', '--format', '{{.Id}}', name])).stdout.trim()).toBe(digest);
      // A network of its own with nothing but loopback: the page is fetched from inside it.
      const id = (await engine.docker(['run', '-d', '--network', 'none', name])).stdout.trim();
      const pid = (await engine.docker(['inspect', '--format', '{{.State.Pid}}', id])).stdout.trim();
      const get = 'fetch("http://127.0.0.1:8080/").then(r => r.text()).then(t => process.stdout.write(t))';
      const page = await eventually(() => run('nsenter', ['-t', pid, '-n', process.execPath, '-e', get]));
      expect(page.stdout).toBe(await readFile(join(one.dir, 'site/index.html'), 'utf8'));
    } finally {
      await engine.stop();
    }
  });
});

/** Tries for ten seconds. */
async function eventually<T>(work: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + 10_000; ; await sleep(100)) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
