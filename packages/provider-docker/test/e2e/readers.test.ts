import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Artifact } from '@bakehouse/core/provider';
import { debianRootfs, e2e, run, startDocker, which } from '../../../../test/e2e/engines.js';
import { configOf, layersOf } from '../support/layers.js';
import type { RequestInput } from '../support/plans.js';
import { aWorld, type World } from '../support/world.js';

const signal = new AbortController().signal;

/** A shell on nothing: a static program, files with awkward names, and every setting. */
function busyboxImage(): RequestInput {
  const busybox = { text: readFileSync(which('busybox') ?? ''), mode: '0755' as const };
  return {
    steps: [
      {
        copy: { 'bin/busybox': busybox, 'bin/sh': { link: 'busybox' }, 'etc/passwd': 'app:x:1000:1000::/:/bin/sh\n' },
        to: '/',
      },
      { copy: { [`${'long'.repeat(40)}/naïve ☕`]: 'found', empty: null }, to: '/srv', owner: 'app' },
    ],
    config: {
      entrypoint: ['/bin/sh', '-c'],
      cmd: ['cat "/srv/long"*/*; id -u; echo $GREETING'],
      env: { GREETING: 'hello' },
      user: 'app',
      workdir: '/srv',
      expose: [80],
      volumes: ['/data'],
      labels: { note: 'a "quoted"\nlabel' },
      stopSignal: 'SIGINT',
      healthcheck: { test: 'true', interval: '30s' },
    },
  };
}

async function exported(world: World, artifact: Artifact): Promise<string> {
  const file = join(world.root, 'image.tar');
  await world.provider.export?.(artifact, file, signal);
  return file;
}

e2e(
  'docker loads and runs an exported archive, and its image id is the configuration digest',
  ['docker', 'busybox'],
  async () => {
    const world = aWorld();
    const artifact = await world.build(busyboxImage());
    const engine = await startDocker();
    try {
      const loaded = await engine.docker(['load', '-i', await exported(world, artifact)]);
      const name = `shop/web:${artifact.version.slice(0, 12)}`;
      expect(loaded.stdout).toContain(`Loaded image: ${name}`);
      const inspected = JSON.parse((await engine.docker(['inspect', name])).stdout) as readonly Record<
        string,
        unknown
      >[];
      expect(inspected[0]).toMatchObject({
        Id: artifact.digest,
        Config: {
          Env: ['GREETING=hello'],
          User: 'app',
          WorkingDir: '/srv',
          StopSignal: 'SIGINT',
          ExposedPorts: { '80/tcp': {} },
          Volumes: { '/data': {} },
          Labels: { note: 'a "quoted"\nlabel' },
          Healthcheck: { Test: ['CMD-SHELL', 'true'], Interval: 30_000_000_000 },
        },
        RootFS: { Layers: layersOf(world, artifact) },
      });
      const ran = await engine.docker(['run', '--rm', '--network=none', name]);
      expect(ran.stdout).toBe('found1000\nhello\n');
    } finally {
      await engine.stop();
    }
  },
);

e2e('skopeo reads the layout and the archive, in both of its formats', ['skopeo', 'busybox'], async () => {
  const world = aWorld();
  const artifact = await world.build(busyboxImage());
  const archive = await exported(world, artifact);
  for (const source of [artifact.locations[0] ?? '', `oci-archive:${archive}`, `docker-archive:${archive}`]) {
    const raw = await run('skopeo', ['inspect', '--config', '--raw', source]);
    expect(JSON.parse(raw.stdout)).toEqual(configOf(world, artifact));
    const copy = join(world.root, `copy-${source.split(':')[0]}`);
    await run('skopeo', ['copy', '--insecure-policy', '--dest-decompress', source, `dir:${copy}`]);
    for (const layer of layersOf(world, artifact)) readFileSync(join(copy, layer.slice('sha256:'.length)));
  }
});

e2e(
  'umoci unpacks a layout over a Debian base, with the owners and modes of both',
  ['umoci', 'root', 'debian-rootfs'],
  async () => {
    const world = aWorld();
    const artifact = await world.buildOn(`rootfs:${await debianRootfs()}`, {
      steps: [
        { copy: { 'bin/tool': { text: '#!/bin/sh\necho tool', mode: '0755' }, 'tmp/x': 'x' }, to: '/' },
        { copy: { 'index.html': 'hi' }, to: '/var/www/html', owner: 'www-data' },
      ],
    });
    const bundle = join(world.root, 'bundle');
    mkdirSync(bundle);
    const layout = (artifact.locations[0] ?? '').slice('oci:'.length);
    await run('umoci', ['unpack', '--image', `${layout}:${artifact.version.slice(0, 12)}`, bundle]);
    const { stdout } = await run(
      'stat',
      ['-c', '%n %F %a %u:%g', 'bin', 'usr/bin/tool', 'tmp', 'var/www/html/index.html', 'var/www', 'usr/bin/sh'],
      {
        cwd: join(bundle, 'rootfs'),
      },
    );
    expect(stdout.trim().split('\n')).toEqual([
      'bin symbolic link 777 0:0',
      'usr/bin/tool regular file 755 0:0',
      'tmp directory 1777 0:0',
      'var/www/html/index.html regular file 644 33:33',
      'var/www directory 755 33:33',
      'usr/bin/sh symbolic link 777 0:0',
    ]);
  },
);

e2e('what docker saved is a base, and what is built on it is loaded again', ['docker', 'debian-rootfs'], async () => {
  const world = aWorld();
  const engine = await startDocker();
  try {
    await engine.docker(['import', '--change', 'ENV LANG=C.UTF-8', await debianRootfs(), 'debian:test']);
    await engine.docker(['save', '-o', join(world.root, 'debian.tar'), 'debian:test']);
    const artifact = await world.buildOn('archive:debian.tar:debian:test', {
      steps: [{ copy: { 'bin/tool': { text: '#!/bin/sh\necho $LANG', mode: '0755' } }, to: '/' }],
      config: { cmd: ['/bin/tool'] },
    });
    await engine.docker(['load', '-i', await exported(world, artifact)]);
    const ran = await engine.docker(['run', '--rm', '--network=none', `shop/web:${artifact.version.slice(0, 12)}`]);
    expect(ran.stdout).toBe('C.UTF-8\n');
  } finally {
    await engine.stop();
  }
});
