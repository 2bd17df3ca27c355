// The peers: BuildKit's `docker build` on an engine started for the bench, and buildah. Absent ones are `undefined`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createJiti } from 'jiti';
import { timed } from './measure.mjs';

const engines = await createJiti(import.meta.url).import('../test/e2e/start.ts');

const dockerfile = 'FROM bench-base:latest\nCOPY . /srv/app\nCMD ["/srv/app"]\n';

/** Starts a Docker Engine, or says why there is none. */
export async function startDockerPeer(dir, say) {
  if (process.getuid?.() !== 0 || !engines.have('dockerd') || engines.dockerClient() === undefined) {
    say('docker build: skipped, it needs root, dockerd and a docker client with BuildKit');
    return undefined;
  }
  const work = join(dir, 'docker');
  mkdirSync(work);
  writeFileSync(join(work, 'Dockerfile'), dockerfile);
  const engine = await engines.startDocker(join(work, 'engine'));
  const docker = (...args) => timed(engine.client, args, { env: { ...process.env, ...engine.env } });
  return {
    load: async (archive) => void (await docker('load', '-q', '-i', archive)),
    build: async (context) =>
      (await docker('build', '-q', '-t', 'bench-app', '-f', join(work, 'Dockerfile'), context)).milliseconds,
    forget: async () => {
      await docker('image', 'rm', '-f', 'bench-app').catch(() => undefined);
      await docker('builder', 'prune', '-af');
    },
    stop: () => engine.stop(),
  };
}

/** buildah with a storage of its own, or says why there is none. */
export async function startBuildahPeer(dir, say) {
  if (process.getuid?.() !== 0 || !engines.have('buildah')) {
    say('buildah: skipped, it needs root and buildah');
    return undefined;
  }
  const work = join(dir, 'buildah');
  mkdirSync(work);
  writeFileSync(join(work, 'Dockerfile'), dockerfile.replace('bench-base', 'localhost/bench-base'));
  writeFileSync(join(work, 'policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}');
  const storage = ['--root', join(work, 'root'), '--runroot', join(work, 'run'), '--storage-driver', 'overlay'];
  const buildah = (command, ...args) => timed('buildah', [...storage, command, ...args]);
  const policy = ['--signature-policy', join(work, 'policy.json')];
  return {
    load: async (archive) => {
      await buildah('pull', '-q', ...policy, `docker-archive:${archive}`);
    },
    build: async (context) => {
      const options = ['--layers', '--isolation', 'chroot', '-q', '--pull-never', ...policy];
      return (await buildah('bud', ...options, '-t', 'bench-app', '-f', join(work, 'Dockerfile'), context))
        .milliseconds;
    },
    stop: () => buildah('rmi', '-a', '-f').catch(() => undefined),
  };
}
