// A base image made here, which Docker, buildah and Bakehouse all read: one large layer and one small one.
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Writes an image archive as `docker save` does. `release` is the content of the small layer. */
export function writeBase(file, release) {
  const work = mkdtempSync(join(dirname(file), 'base-'));
  try {
    const layers = [
      layer(work, 'large', { 'usr/share/data': Buffer.alloc(20 << 20, 'Bakehouse') }),
      layer(work, 'small', { 'etc/release': release }),
    ];
    const config = JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      created: '1970-01-01T00:00:00Z',
      config: { Env: ['PATH=/bin'] },
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
      history: layers.map(({ name }) => ({ created: '1970-01-01T00:00:00Z', created_by: name })),
    });
    const name = `${sha256(config)}.json`;
    writeFileSync(join(work, name), config);
    const manifest = [{ Config: name, RepoTags: ['bench-base:latest'], Layers: layers.map(({ path }) => path) }];
    writeFileSync(join(work, 'manifest.json'), JSON.stringify(manifest));
    tar(file, work, ['manifest.json', name, ...layers.map(({ path }) => path)]);
  } finally {
    rmSync(work, { recursive: true });
  }
}

function layer(work, name, files) {
  const root = join(work, `${name}.root`);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  mkdirSync(join(work, name));
  const path = `${name}/layer.tar`;
  tar(
    join(work, path),
    root,
    Object.keys(files).map((file) => file.split('/')[0]),
  );
  return { name, path, diffId: `sha256:${sha256(readFileSync(join(work, path)))}` };
}

function tar(file, dir, names) {
  const fixed = ['--format=ustar', '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  execFileSync('tar', [...fixed, '-C', dir, '-cf', file, ...names]);
}
