import type { CatalogEvent } from '../../src/catalog/events.js';
import type { VersionRecord } from '../../src/catalog/state.js';
import type { ShowResult } from '../../src/library.js';
import { sha256 } from '../../src/plan/digest.js';
import { aPlan } from '../../src/testing/index.js';
import { aHistoryVersion, minutesAgo, version } from './support.js';

/** A version of which everything is known. */
export function aShowResult(overrides: Partial<ShowResult> = {}): ShowResult {
  const history = aHistoryVersion({ channels: ['staging'], ...overrides });
  const artifact = { id: `sha256:${version('71d0c2')}`, digest: `sha256:${version('71d0c2')}` };
  const event: CatalogEvent = {
    schema: 1,
    id: 'e-1',
    project: 'shop',
    image: 'web',
    sequence: 7,
    time: minutesAgo(12),
    actor: 'ada@laptop',
    run: 'run-1',
    source: history.source,
    previous: null,
    digest: sha256('event'),
    type: 'baked',
    payload: { branch: 'main', versions: { docker: history.version } },
  };
  const record: VersionRecord = {
    version: history.version,
    target: 'docker',
    platform: 'linux/amd64',
    createdAt: history.createdAt,
    branch: 'main',
    source: history.source,
    actor: 'ada@laptop',
    base: history.base,
    parents: [{ project: 'shop', image: 'base', version: version('4be07c19d2aa') }],
    plan: sha256('plan'),
    definition: sha256('definition'),
    vars: { mirror: 'deb.example.org' },
    inputs: [],
    builds: [
      { sequence: 5, time: minutesAgo(12), artifact, run: 'run-1', log: null, milliseconds: 1800, retired: false },
    ],
    checks: [
      {
        sequence: 6,
        time: minutesAgo(12),
        artifact: artifact.digest,
        checks: sha256('checks'),
        outcome: 'passed',
        passed: 1,
        failed: 0,
        notRun: 0,
        report: sha256('report'),
      },
    ],
    locations: [
      { artifact: artifact.digest, destination: 'registry', id: 'registry.example.com/shop/web@sha256:71d0c2' },
    ],
    revoked: history.state === 'revoked' ? { reason: 'leaked key', time: minutesAgo(60) } : null,
    deprecated: null,
    failure:
      history.state === 'revoked'
        ? {
            stage: 'check',
            code: 'ERR_BAKE_CHECK_FAILED',
            message: 'http / failed\nmore',
            log: null,
            time: minutesAgo(60),
          }
        : null,
  };
  return { ...history, project: 'shop', plan: aPlan(), record, events: [event] };
}
