import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Check, CheckResult } from '@bakehouse/core/provider';
import { makeTar } from './support/tars.js';
import { aWorld } from './support/world.js';

const signal = new AbortController().signal;
const large = 'x'.repeat(1024 * 1024 - 3) + 'needle' + 'x'.repeat(100);

async function check(one: Check): Promise<CheckResult | undefined> {
  const world = aWorld();
  writeFileSync(
    join(world.root, 'base.tar'),
    makeTar([
      { name: 'bin', link: 'usr/bin' },
      { name: 'etc/' },
      { name: 'etc/passwd', text: 'web:x:5:6::/:\n' },
      { name: 'etc/group', text: 'crew:x:6:\n' },
      { name: 'gone', link: '/nowhere' },
      { name: 'usr/bin/' },
      { name: 'usr/bin/sh', text: 'base shell', mode: 0o755 },
    ]),
  );
  const steps = [{ copy: { large, small: 'hello world' }, to: '/srv', owner: 'web', mode: '0640' }];
  const artifact = await world.buildOn('rootfs:base.tar', { steps });
  const output = await world.provider.check?.(
    artifact,
    { checks: [{ name: 'it', check: one }] },
    { run: 'r', signal, log: () => undefined },
  );
  return output?.checks[0];
}

const sha = createHash('sha256').update('hello world').digest('hex');

test.each<Check>([
  { file: '/srv/small' },
  { file: '/srv/small', mode: '0640', owner: 'web', sha256: sha, contains: 'lo wo' },
  { file: '/srv/small', mode: '640', owner: 'web:crew' },
  { file: '/srv/small', owner: '5' },
  { file: '/srv/small', owner: '5:6' },
  { file: '/srv/large', contains: 'needle' },
  { file: '/srv', mode: '0755' },
  { file: '/bin/sh', contains: 'base shell' },
  { file: '/srv/none', exists: false },
  { file: '/gone', exists: false },
])('%j passes', async (one) => {
  expect(await check(one)).toMatchObject({ name: 'it', outcome: 'passed', detail: null });
});

test.each<[Check, string]>([
  [{ file: '/srv/none' }, '/srv/none does not exist'],
  [{ file: '/gone' }, '/gone leads to /nowhere, which does not exist'],
  [{ file: '/srv/small/x' }, '/srv/small is a file'],
  [{ file: '/srv/small', exists: false }, '/srv/small exists: it is a file'],
  [{ file: '/srv/small', mode: '0600' }, 'mode is 0640, not 0600'],
  [{ file: '/srv/small', owner: 'root' }, 'the image has no user "root"'],
  [{ file: '/srv/small', owner: '0' }, 'owner is 5, not 0'],
  [{ file: '/bin/sh', owner: 'web' }, 'owner is 0, not web (5)'],
  [{ file: '/srv/small', sha256: '0'.repeat(64) }, `sha256 is ${sha}, not 000`],
  [{ file: '/srv/small', contains: 'Hello' }, '/srv/small (11 bytes) does not contain "Hello"'],
  [{ file: '/srv', contains: 'x' }, '/srv is a folder, not a file'],
])('%j fails and says what was found', async (one, detail) => {
  const result = await check(one);
  expect(result?.outcome).toBe('failed');
  expect(result?.detail).toContain(detail);
});

test.each<Check>([{ run: 'true' }, { http: 'http://localhost/' }, { port: 80 }, { package: 'nginx' }])(
  '%j is not run, which is not passed',
  async (one) => {
    expect(await check(one)).toMatchObject({ outcome: 'notRun', detail: 'needs a container engine' });
  },
);
