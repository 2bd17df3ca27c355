import { describe, expect, it } from 'vitest';
import { printCheck } from '../../../src/cli/print/check.js';
import { printDoctor } from '../../../src/cli/print/doctor.js';
import { printExplain } from '../../../src/cli/print/explain.js';
import { printExport } from '../../../src/cli/print/export.js';
import { printInit } from '../../../src/cli/print/init.js';
import { printLogs } from '../../../src/cli/print/logs.js';
import { printRender } from '../../../src/cli/print/render.js';
import { printShow } from '../../../src/cli/print/show.js';
import { printUpdate } from '../../../src/cli/print/update.js';
import { printVerify } from '../../../src/cli/print/verify.js';
import { aShowResult } from '../show.js';
import { aView, inColour, shown, version } from '../support.js';

describe('check', () => {
  const report = {
    version: version('9c41f7e03b6d'),
    artifact: { id: 'sha256:1', digest: 'sha256:1' },
    checks: [
      { name: 'http /', outcome: 'passed', detail: null, milliseconds: 600 },
      { name: 'run nginx -t', outcome: 'failed', detail: 'exit code 1\nmore', milliseconds: 40 },
      { name: 'port 80', outcome: 'notRun', detail: null, milliseconds: 0 },
    ],
  } as const;

  it('has a line a check, and what they came to', () => {
    expect(shown(printCheck(report, aView()))).toMatchInlineSnapshot(`
      "
      ✓ http /        0.6 s
      ✗ run nginx -t  40 ms  exit code 1
      ○ port 80       0 ms   not run
      9c41f7e03b6d  1/3 checks passed · 1 failed · 1 not run
      "
    `);
    expect(shown(printCheck(report, aView({ columns: 40, ...inColour })))).toMatchInlineSnapshot(`
      "
      <32>✓ http /<39>        <2>0.6 s<22>
      <31>✗ run nginx -t<39>  <2>40 ms<22>  exit code 1
      <33>○ port 80<39>       <2>0 ms<22>   not run
      <36>9c41f7e03b6d<39>  1/3 checks passed · 1 failed · 1 not run
      "
    `);
  });

  it('says that there are none', () => {
    expect(printCheck({ ...report, checks: [] }, aView())).toEqual(['9c41f7e03b6d  no checks are defined']);
  });
});

describe('doctor', () => {
  const findings = [
    { name: 'node', ok: true, detail: '20.20.2', hint: null },
    {
      name: 'docker: engine',
      ok: false,
      detail: 'no answer at /var/run/docker.sock',
      hint: 'Start it, or set DOCKER_HOST to where it is.',
    },
  ];
  it('aligns its findings and says what to do', () => {
    expect(shown(printDoctor({ findings }, aView()))).toMatchInlineSnapshot(`
      "
      ✓ node            20.20.2
      ✗ docker: engine  no answer at /var/run/docker.sock
          Start it, or set DOCKER_HOST to where it is.
      "
    `);
  });

  it('can be read in 40 columns', () => {
    expect(shown(printDoctor({ findings }, aView({ columns: 40 })))).toMatchInlineSnapshot(`
      "
      ✓ node            20.20.2
      ✗ docker: engine
          no answer at /var/run/docker.sock
          Start it, or set DOCKER_HOST to
          where it is.
      "
    `);
  });
});

describe('verify', () => {
  it('counts what it looked at', () => {
    expect(shown(printVerify({ blobs: 9, events: 1, faults: [] }, aView()))).toMatchInlineSnapshot(`
      "
      ✓ 9 blobs · 1 event · no faults
      "
    `);
  });
  it('lists faults', () => {
    const faults = [{ kind: 'blob', where: version('ab'), detail: 'its bytes have another digest' }];
    expect(shown(printVerify({ blobs: 9, events: 6, faults }, aView(inColour)))).toMatchInlineSnapshot(`
      "
      <31>blob<39>  ab0000000000  its bytes have another digest
      <31>✗<39> 9 blobs · 6 events · 1 fault
      "
    `);
  });
});

describe('update', () => {
  const result = {
    changes: [
      {
        image: 'base',
        target: 'docker',
        selector: 'debian:12-slim',
        from: `sha256:${version('aa')}`,
        to: `sha256:${version('bb')}`,
      },
      { image: 'new', target: 'docker', selector: 'alpine:3', from: null, to: `sha256:${version('cc')}` },
    ],
    rebuilds: ['base', 'web'],
  };
  it('shows what selectors stand for now, and what that rebuilds', () => {
    expect(shown(printUpdate(result, aView(), { dryRun: false, locked: true }))).toMatchInlineSnapshot(`
      "
      base  docker  debian:12-slim  sha256:aa0000000000 → sha256:bb0000000000
      new   docker  alpine:3        sha256:cc0000000000
      rebuilds base, web
      "
    `);
    expect(printUpdate(result, aView(), { dryRun: true, locked: true }).at(-1)).toBe(
      'bake.lock was left as it is: --dry-run',
    );
  });
  it('says that nothing moved', () => {
    const none = { changes: [], rebuilds: [] };
    expect(printUpdate(none, aView(), { dryRun: false, locked: true })).toEqual(['bake.lock is up to date']);
    expect(printUpdate(none, aView(), { dryRun: true, locked: false })).toEqual(['nothing to pin']);
  });
});

describe('explain', () => {
  it('lists every input that differs', () => {
    const changes = [
      { input: 'base', kind: 'changed', before: 'debian:11 (sha256:a)', after: 'debian:12 (sha256:b)' },
      { input: 'steps[0] new', kind: 'added', before: null, after: `0644 ${version('c')}` },
      { input: 'steps[1]', kind: 'removed', before: 'run ls', after: null },
    ] as const;
    expect(shown(printExplain({ changes }, aView()))).toMatchInlineSnapshot(`
      "
      ~ base          debian:11 (sha256:a) → debian:12 (sha256:b)
      + steps[0] new  0644 c00000000000
      - steps[1]      run ls
      "
    `);
    expect(printExplain({ changes: [] }, aView())).toEqual(['no input differs']);
  });
});

describe('logs and files', () => {
  it('have a heading a step, and lose what would drive a terminal', () => {
    const logs = [
      { step: 'run apt-get', text: '\u001b[32mok\u001b[0m\r\n10 %\r100 %\n' },
      { step: 'checks', text: 'a\u0007' },
    ];
    expect(shown(printLogs({ logs }, aView()))).toMatchInlineSnapshot(`
      "
      ── run apt-get
      ok
      100 %
      ── checks
      a\\x07
      "
    `);
    expect(printLogs({ logs: [] }, aView())).toEqual(['nothing was logged']);
  });

  it('a single rendered file is printed as it is', () => {
    expect(printRender({ files: [{ name: 'Dockerfile', text: 'FROM x\n\n\tRUN y\n' }] }, aView())).toEqual([
      'FROM x',
      '',
      '\tRUN y',
    ]);
  });

  it('several get headings', () => {
    const files = [
      { name: 'a', text: '1\n' },
      { name: 'b', text: '2' },
    ];
    expect(printRender({ files }, aView())).toEqual(['── a', '1', '── b', '2']);
  });
});

it('export and init say what they wrote', () => {
  expect(printExport({ file: '/tmp/web.tar', digest: 'sha256:ab' }, aView())).toEqual([
    'wrote /tmp/web.tar  sha256:ab',
  ]);
  expect(printInit({ files: ['bake.config.mjs'] }, aView(), 'shop')).toEqual([
    'wrote bake.config.mjs',
    'next  cd shop && bake build',
  ]);
  expect(printInit({ files: [] }, aView(), '.')).toEqual(['next  bake build']);
  expect(printInit({ files: [], needs: 'docker' }, aView(), '.').join()).toContain('needs a Docker Engine');
  expect(printInit({ files: [], needs: 'packer' }, aView(), '.').join()).toContain('needs Packer');
});

describe('show', () => {
  it('says all that is known about a version', () => {
    expect(shown(printShow(aShowResult(), aView({ columns: 120 })))).toMatchInlineSnapshot(`
      "
      shop/web  9c41f7e03b6d0000000000000000000000000000000000000000000000000000  checked
        target     docker (linux/amd64)
        created    2026-03-14 11:48:00 UTC (12 min ago) by ada@laptop
        branch     main 3f2a1c8d0000
        base       debian:12-slim
        parent     shop/base@4be07c19d2aa
        channels   staging
        artifact   sha256:71d0c20000000000000000000000000000000000000000000000000000000000
        built      2026-03-14 11:48:00 UTC in 1.8 s
        checked    2026-03-14 11:48:00 UTC passed: 1/1 checks
        published  registry registry.example.com/shop/web@sha256:71d0c2
        variable   mirror=deb.example.org
        step 0     copy site → /www
      "
    `);
  });

  it('can be read in 40 columns', () => {
    expect(shown(printShow(aShowResult(), aView({ columns: 40 })))).toMatchInlineSnapshot(`
      "
      shop/web  9c41f7e03b6d  checked
        target     docker (linux/amd64)
        created    2026-03-14 11:48:00 UTC (12
                   min ago) by ada@laptop
        branch     main 3f2a1c8d0000
        base       debian:12-slim
        parent     shop/base@4be07c19d2aa
        channels   staging
        artifact   sha256:71d0c20000000000000000000000000000000000000000000000000000000000
        built      2026-03-14 11:48:00 UTC in
                   1.8 s
        checked    2026-03-14 11:48:00 UTC
                   passed: 1/1 checks
        published  registry
                   registry.example.com/shop/web@sha256:71d0c2
        variable   mirror=deb.example.org
        step 0     copy site → /www
      "
    `);
  });

  it('says why it is forbidden or failed, and adds events with --verbose', () => {
    const text = shown(printShow(aShowResult({ state: 'revoked' }), aView({ columns: 120, verbose: true })));
    expect(text).toContain('revoked    2026-03-14 11:00:00 UTC (1 h ago): leaked key');
    expect(text).toContain('failed     check: http / failed (ERR_BAKE_CHECK_FAILED)');
    expect(text).toContain('event      7 2026-03-14 11:48:00 UTC baked by ada@laptop');
  });
});
