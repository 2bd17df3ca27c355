import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listTree } from './support/files.js';
import { aRequest } from './support/plans.js';
import { aWorld } from './support/world.js';

const signal = new AbortController().signal;
const site = {
  steps: [{ copy: { 'index.html': 'hello', 'css/site.css': 'b {}' }, to: '/srv' }],
  config: { cmd: ['/srv/x'] },
};

test('a built version is found again, equal to what the build returned', async () => {
  const { provider } = aWorld();
  const request = aRequest(site);
  expect(await provider.find(request.plan, signal)).toBeUndefined();
  const artifact = await provider.build(request);
  expect(await provider.find(request.plan, signal)).toEqual(artifact);
  expect(artifact.digest).toBe(artifact.id);
});

test('equal plans give equal artifacts and equal archives in different folders', async () => {
  const [a, b] = [aWorld(), aWorld()];
  const [first, second] = [await a.build(site), await b.build(site)];
  expect(first.digest).toBe(second.digest);
  const files = [join(a.root, 'a.tar'), join(b.root, 'b.tar')] as const;
  const digests = [
    await a.provider.export?.(first, files[0], signal),
    await b.provider.export?.(second, files[1], signal),
  ];
  expect(digests[0]).toBe(digests[1]);
  expect(readFileSync(files[0]).equals(readFileSync(files[1]))).toBe(true);
  expect(first.digest).toBe('sha256:c4a3a9eb68fc7b3555784662a8e07195b685e5596d096b4cec1e43ddc68a1f41');
});

test('a failed build leaves no temporary files and no layout', async () => {
  const { build, stateDir } = aWorld();
  await expect(
    build({
      steps: [{ copy: { a: { size: 9, digest: '0'.repeat(64), read: () => Buffer.from('short') } }, to: '/a' }],
    }),
  ).rejects.toMatchObject({ code: 'ERR_BAKE_INPUT_CHANGED' });
  expect(existsSync(join(stateDir, 'tmp')) ? listTree(join(stateDir, 'tmp')) : []).toEqual([]);
  expect(existsSync(join(stateDir, 'layouts'))).toBe(false);
});
