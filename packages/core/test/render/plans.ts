import type { ContainerConfig } from '../../src/definition/types.js';
import type { Plan, PlanIdentity, PlanStep } from '../../src/plan/types.js';
import { aPlan } from '../../src/testing/builders.js';

/** The plan of a container image with these steps and settings. */
export function aContainerPlan(
  steps: readonly PlanStep[],
  config: ContainerConfig = {},
  identity: Partial<PlanIdentity> = {},
): Plan {
  return aPlan({
    target: 'docker',
    origin: { selector: 'debian:12-slim', reference: `debian@sha256:${'1'.repeat(64)}` },
    steps: steps.map((_step, index) => ({ name: `step ${index}` })),
    identity: {
      provider: { kind: 'docker', options: {} },
      engine: { name: 'engine', revision: 1 },
      base: { kind: 'external', id: `sha256:${'2'.repeat(64)}` },
      steps,
      config,
      ...identity,
    },
  });
}

/** A plan that uses everything that a Dockerfile can say. */
export function everything(): Plan {
  return aContainerPlan(
    [
      { kind: 'run', run: ['apt-get update', 'apt-get install -y nginx'] },
      {
        kind: 'run',
        run: ['npm ci\tx', 'echo "$TOKEN" \'it\' \\ <<EOF'],
        env: { NODE_ENV: "it's" },
        shell: '/bin/bash -o pipefail',
        workdir: '/srv/a b',
        user: 'app',
        secrets: ['npm-token', 'other'],
      },
      { kind: 'run', run: { script: '3'.repeat(64) }, user: 'app' },
      { kind: 'run', run: { script: '3'.repeat(64) }, shell: 'bash' },
      {
        kind: 'copy',
        source: { tree: '4'.repeat(64) },
        to: '/var/www/$html "x"',
        owner: 'www-data:www-data',
        mode: '0640',
      },
      {
        kind: 'copy',
        source: { file: '5'.repeat(64), name: "it's a file", mode: '0755', size: 1 },
        to: '/usr/bin/',
        mode: '0700',
      },
      { kind: 'fetch', sha256: '6'.repeat(64), to: '/opt/tool', mode: '0755' },
      { kind: 'fetch', sha256: '6'.repeat(64), to: '/opt/tool', unpack: true },
      { kind: 'run', run: ['true'], user: '1000:1000' },
    ],
    {
      env: { TZ: 'UTC', QUOTED: 'a "b" $C \\d' },
      labels: { 'org.opencontainers.image.title': "Shop's page" },
      expose: ['80/tcp', '53/udp'],
      volumes: ['/data', '/with "quote"'],
      workdir: '/srv/a b',
      stopSignal: 'SIGQUIT',
      healthcheck: {
        test: 'curl -f http://localhost/ || exit 1',
        interval: '30s',
        timeout: '5s',
        startPeriod: '1s',
        retries: 3,
      },
      entrypoint: ['/docker-entrypoint.sh'],
      cmd: ['nginx', '-g', 'daemon off; $x'],
    },
    { refreshed: '2026-03-14T00:00:00Z' },
  );
}
