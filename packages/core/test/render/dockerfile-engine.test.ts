import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { e2eSuite, startDocker, type DockerEngine } from '../../../../test/e2e/engines.js';
import type { Plan } from '../../src/plan/types.js';
import { contextFolder, DOCKERFILE_TEMPLATE, dockerfileValues } from '../../src/render/dockerfile.js';
import { renderTemplate } from '../../src/render/renderer.js';
import { hostileLine } from './hostile.js';
import { aContainerPlan } from './plans.js';

const busybox = '/bin/busybox';

e2eSuite('a real engine reads the Dockerfile', ['docker', 'busybox'], () => {
  let engine: DockerEngine;
  let folder: string;

  beforeAll(async () => {
    engine = await startDocker();
    folder = mkdtempSync(path.join(tmpdir(), 'bake-dockerfile-'));
    for (const name of ['bin', 'etc', 'tmp']) mkdirSync(path.join(folder, 'rootfs', name), { recursive: true });
    cpSync(busybox, path.join(folder, 'rootfs/bin/busybox'));
    writeFileSync(path.join(folder, 'rootfs/etc/passwd'), 'root:x:0:0::/:/bin/sh\napp:x:1000:1000::/:/bin/sh\n');
    writeFileSync(path.join(folder, 'rootfs/etc/group'), 'root:x:0:\napp:x:1000:\n');
    writeFileSync(
      path.join(folder, 'rootfs/Dockerfile'),
      'FROM scratch\nCOPY . /\nRUN ["/bin/busybox","--install","/bin"]\n',
    );
    await engine.docker(['build', '-q', '--network', 'none', '-t', 'base:1', path.join(folder, 'rootfs')]);
  });

  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await engine.stop();
  });

  /** Builds a plan with the files of its context, and returns the image's configuration and what a command prints in it. */
  async function build(
    plan: Plan,
    files: Readonly<Record<string, string>> = {},
    args: readonly string[] = [],
  ): Promise<{ readonly config: Record<string, unknown>; run(...words: readonly string[]): Promise<string> }> {
    const context = mkdtempSync(path.join(folder, 'context-'));
    const values = dockerfileValues(plan, { from: 'base:1' });
    writeFileSync(path.join(context, 'Dockerfile'), (await renderTemplate(DOCKERFILE_TEMPLATE, values)).text);
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(context, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, content);
      if (name.endsWith('/script')) chmodSync(file, 0o755);
    }
    const built = await engine.docker(['build', '-q', '--network', 'none', ...args, context]);
    const id = built.stdout.trim();
    const inspected = await engine.docker(['image', 'inspect', '--format', '{{json .Config}}', id]);
    return {
      config: JSON.parse(inspected.stdout) as Record<string, unknown>,
      run: async (...words) =>
        (await engine.docker(['run', '--rm', '--network', 'none', '--entrypoint', words[0]!, id, ...words.slice(1)]))
          .stdout,
    };
  }

  it('and gets every setting back as it was, however hostile', async () => {
    const env = Object.fromEntries(hostileLine.map((text, index) => [`V${index}`, text]));
    const labels = Object.fromEntries(hostileLine.map((text, index) => [`l${index}`, text]));
    const volumes = hostileLine.map((text, index) => `/v${index}/${text.trim().replaceAll('/', '_')}`).sort();
    const plan = aContainerPlan([], {
      env,
      labels,
      volumes,
      user: 'a "b" $C \\d',
      workdir: '/a "b" $C \\d\'e',
      entrypoint: hostileLine,
      cmd: hostileLine,
      expose: ['80/tcp', '53/udp'],
      stopSignal: 'SIGQUIT',
      healthcheck: { test: hostileLine.join(' '), interval: '30s', retries: 3 },
    });
    const { config } = await build(plan);
    const found = config['Env'] as string[];
    expect(found.filter((line) => line.startsWith('V'))).toEqual(
      Object.entries(env).map(([name, text]) => `${name}=${text}`),
    );
    expect(config['Labels']).toEqual(labels);
    expect(Object.keys(config['Volumes'] as object).sort()).toEqual(volumes);
    expect(config).toMatchObject({
      User: 'a "b" $C \\d',
      WorkingDir: '/a "b" $C \\d\'e',
      Entrypoint: hostileLine,
      Cmd: hostileLine,
      StopSignal: 'SIGQUIT',
      ExposedPorts: { '80/tcp': {}, '53/udp': {} },
      Healthcheck: { Test: ['CMD', '/bin/sh', '-c', hostileLine.join(' ')], Interval: 30_000_000_000, Retries: 3 },
    });
  }, 120_000);

  it('and runs every line as it was, with its variables, folder, user and secrets', async () => {
    const values = hostileLine.map((text, index) => [`V${index}`, text] as const);
    const lines = hostileLine.map(
      (text, index) =>
        `printf '%s\\n' '${text.replaceAll("'", "'\\''")}' >> /tmp/lines; test "$V${index}" = '${text.replaceAll("'", "'\\''")}'`,
    );
    const secret = path.join(folder, 'secret');
    writeFileSync(secret, 's3cret');
    const plan = aContainerPlan(
      [
        { kind: 'run', run: ['mkdir -p "/w d" && chmod 777 "/w d"', 'chmod 1777 /tmp'] },
        { kind: 'run', run: lines, env: Object.fromEntries(values), workdir: '/w d' },
        {
          kind: 'run',
          run: ['pwd > /tmp/pwd', 'id -u > /tmp/id', 'cat /run/secrets/token > /tmp/secret'],
          workdir: '/w d',
          user: 'app',
          secrets: ['token'],
        },
        { kind: 'run', run: ['id -u > /tmp/id2', 'echo $BAKE_REFRESHED > /tmp/refreshed'] },
        { kind: 'run', run: { script: '3'.repeat(64) }, env: { A: "it's" } },
        { kind: 'run', run: ['set -o pipefail', 'false | true || echo piped > /tmp/piped'], shell: 'ash -o pipefail' },
      ],
      {},
      { refreshed: '2026-03-14T00:00:00Z' },
    );
    const files = { [`${contextFolder(4)}script`]: 'echo "$A" > /tmp/script\n' };
    const image = await build(plan, files, ['--secret', `id=token,src=${secret}`]);
    expect(await image.run('/bin/cat', '/tmp/lines')).toBe(hostileLine.map((text) => `${text}\n`).join(''));
    const read = await image.run(
      '/bin/cat',
      '/tmp/pwd',
      '/tmp/id',
      '/tmp/secret',
      '/tmp/id2',
      '/tmp/refreshed',
      '/tmp/script',
      '/tmp/piped',
    );
    expect(read).toBe("/w d\n1000\ns3cret0\n2026-03-14T00:00:00Z\nit's\npiped\n");
    expect(await image.run('/bin/ls', '-A', '/run')).not.toContain('script');
    expect(JSON.stringify(image.config)).not.toContain('BAKE_REFRESHED');
  }, 120_000);

  it('and stops at the first line that fails', async () => {
    await expect(build(aContainerPlan([{ kind: 'run', run: ['false', 'true'] }]))).rejects.toThrow(
      /exit code: 1|did not complete/,
    );
  }, 60_000);

  it('and copies to where it is told', async () => {
    const odd = hostileLine.map((text, index) => `/d${index}/x${text.replaceAll('/', '_')}`);
    const plan = aContainerPlan([
      ...odd.map((to) => ({ kind: 'copy', source: { tree: '4'.repeat(64) }, to }) as const),
      {
        kind: 'copy',
        source: { file: '5'.repeat(64), name: 'it\'s $a "file"', mode: '0644', size: 1 },
        to: '/one/',
        owner: 'app',
        mode: '0600',
      },
      { kind: 'fetch', sha256: '6'.repeat(64), to: '/usr/local/bin/tool', mode: '0755' },
      { kind: 'fetch', sha256: '6'.repeat(64), to: '/opt/tool', unpack: true },
    ]);
    const files: Record<string, string> = {};
    odd.forEach((_to, index) => (files[`${contextFolder(index)}f`] = String(index)));
    files[`${contextFolder(odd.length)}it's $a "file"`] = 'x';
    files[`${contextFolder(odd.length + 1)}file`] = 'tool';
    files[`${contextFolder(odd.length + 2)}lib/x`] = 'x';
    const image = await build(plan, files);
    const read = await Promise.resolve(
      image.run('/bin/sh', '-c', 'for f; do cat "$f/f" || exit 1; echo; done', 'sh', ...odd),
    );
    expect(read).toBe(odd.map((_to, index) => `${index}\n`).join(''));
    const stat = ['/bin/stat', '-c', '%a %U %n', '/one/it\'s $a "file"', '/usr/local/bin/tool', '/opt/tool/lib/x'];
    expect(await image.run(...stat)).toBe(
      '600 app /one/it\'s $a "file"\n755 root /usr/local/bin/tool\n644 root /opt/tool/lib/x\n',
    );
  }, 120_000);
});
