import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/plan/json.js';
import { versionOf } from '../../src/plan/identity.js';
import type { Plan, PlanIdentity } from '../../src/plan/types.js';
import { digestOf, planOf } from './support.js';

/**
 * Versions are for ever: a recorded version must be computed again from the same inputs by every later release.
 * A failure here means that history would be lost; raise an engine's revision instead of editing the golden file.
 */
const plans: Record<string, Plan> = {
  'one copied folder': planOf(),
  'scratch with a file': planOf(
    {
      base: { kind: 'scratch' },
      origin: { selector: 'scratch' },
      materials: [{ kind: 'copy', source: { file: digestOf('server'), name: 'server', mode: '0755', size: 42 } }],
    },
    {
      steps: [{ copy: './server', to: '/bin/', owner: '1000:1000', mode: '755' }],
      config: {
        cmd: ['/bin/server', '--port', '80'],
        env: { TZ: 'UTC', LANG: 'C.UTF-8', ä: 'ö' },
        expose: [80, '53/udp'],
        user: 'app',
        workdir: '/srv',
        labels: { 'org.example.team': 'shop' },
        volumes: ['/data'],
        stopSignal: 'SIGQUIT',
        healthcheck: { test: 'true', interval: '30s', retries: 3 },
      },
    },
  ),
  'an engine with every kind of step': planOf(
    {
      engine: { name: 'engine', revision: 1 },
      template: { name: 'docker/Dockerfile.hbs', revision: 1 },
      base: { kind: 'image', version: digestOf('parent') },
      refreshed: '2026-03-14T09:26:53.589Z',
      materials: [
        { kind: 'none' },
        { kind: 'script', digest: digestOf('setup') },
        { kind: 'none' },
        { kind: 'copy', source: { tree: digestOf('site') } },
      ],
    },
    {
      steps: [
        {
          run: ['apt-get update', 'apt-get install -y nginx'],
          env: { DEBIAN_FRONTEND: 'noninteractive' },
          secrets: ['b', 'a'],
        },
        { run: { script: './setup.sh' }, user: 'root', workdir: '/tmp', shell: 'bash -e' },
        { fetch: 'https://example.com/tool.tgz', sha256: digestOf('tool'), to: '/opt', unpack: true },
        { copy: './site', to: '/var/www/html', owner: 'www-data', mode: '0640' },
      ],
    },
  ),
};

interface Golden {
  readonly version: string;
  readonly identity: PlanIdentity;
}

const golden = JSON.parse(readFileSync(new URL('../golden/plans.json', import.meta.url), 'utf8')) as Record<
  string,
  Golden
>;

describe('golden plans', () => {
  for (const [name, plan] of Object.entries(plans)) {
    it(`${name} has the version that was recorded`, () => {
      expect(golden[name]?.identity).toEqual(plan.identity);
      expect(plan.version).toBe(golden[name]?.version);
    });
    it(`${name} can be computed from its recorded identity alone`, () => {
      const recorded = golden[name]?.identity as PlanIdentity;
      expect(versionOf(recorded)).toBe(golden[name]?.version);
      expect(canonicalJson(recorded)).toBe(canonicalJson(plan.identity));
    });
  }

  it('names every plan that was recorded', () => expect(Object.keys(plans)).toEqual(Object.keys(golden)));
});
