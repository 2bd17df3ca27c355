// The harness itself: each engine starts, works and leaves nothing behind.
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'vitest';
import { debianRootfs, e2e, run, startDocker, startRegistry, temporary, which } from './engines.js';

e2e(
  'a Docker Engine builds with BuildKit, runs on the host network, and leaves nothing behind',
  ['docker', 'busybox'],
  async () => {
    const engine = await startDocker();
    const { dir, remove } = await temporary();
    try {
      await run('cp', [which('busybox') ?? '', `${dir}/busybox`]);
      await run('sh', [
        '-c',
        `printf 'FROM scratch\\nCOPY busybox /bin/busybox\\nRUN ["/bin/busybox", "true"]\\n' > ${dir}/Dockerfile`,
      ]);
      const built = await engine.docker(['build', '--network', 'none', '--progress=plain', '-t', 'probe', dir]);
      expect(built.stderr).toContain('[internal] load build definition');
      const ran = await engine.docker(['run', '--rm', '--network', 'host', 'probe', '/bin/busybox', 'echo', 'hello']);
      expect(ran.stdout).toBe('hello\n');
    } finally {
      await engine.stop();
      await remove();
    }
    expect(existsSync(dirname(engine.socket))).toBe(false);
  },
);

e2e('a registry listens on loopback and asks for the password', ['docker-registry'], async () => {
  const open = await startRegistry();
  const closed = await startRegistry({ htpasswd: { user: 'me', password: 'secret' } });
  try {
    expect((await fetch(`http://${open.address}/v2/`)).status).toBe(200);
    expect((await fetch(`http://${closed.address}/v2/`)).status).toBe(401);
    const authorization = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    expect((await fetch(`http://${closed.address}/v2/`, { headers: { authorization } })).status).toBe(200);
  } finally {
    await open.stop();
    await closed.stop();
  }
});

e2e('a Debian root file system is made once for all that ask at the same time', ['debian-rootfs'], async () => {
  const [one, two] = await Promise.all([debianRootfs(), debianRootfs()]);
  expect(one).toBe(two);
  expect(statSync(one).size).toBeGreaterThan(50_000_000);
});
