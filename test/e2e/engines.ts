// What end-to-end tests import: engines, and tests that are skipped, or with `BAKE_E2E=required` fail, without them.
import { describe, test } from 'vitest';
import { dockerClient, have } from './start.js';

export * from './start.js';

/** What a test may need. `docker`: engine and client, and root to run them. */
export type Need = 'docker' | 'root' | 'debian-rootfs' | (string & {});

function satisfied(need: Need): boolean {
  switch (need) {
    case 'root':
      return process.getuid?.() === 0;
    case 'docker':
      return satisfied('root') && have('dockerd') && dockerClient() !== undefined;
    case 'debian-rootfs':
      return have('mmdebstrap');
    default:
      return have(need);
  }
}

const required = process.env['BAKE_E2E'] === 'required';
const announced = new Set<string>();

function missing(needs: readonly Need[]): string | undefined {
  const absent = needs.filter((need) => !satisfied(need));
  if (absent.length === 0) return undefined;
  const reason = `not available here: ${absent.join(', ')}`;
  if (!required && !announced.has(reason)) {
    announced.add(reason);
    process.stderr.write(`end-to-end tests skipped, ${reason}\n`);
  }
  return reason;
}

/**
 * A test on real engines. Where one is absent the test is skipped and says so; with `BAKE_E2E=required` it fails.
 * `timeout` in milliseconds, default vitest's.
 */
export function e2e(name: string, needs: readonly Need[], fn: () => Promise<void> | void, timeout?: number): void {
  const reason = missing(needs);
  if (reason === undefined) test(name, fn, timeout);
  else if (required) test(name, () => Promise.reject(new Error(`${name}: ${reason}`)));
  else test.skip(`${name} (${reason})`);
}

/** A group of tests with common engines: `body` is not run where one is absent. */
export function e2eSuite(name: string, needs: readonly Need[], body: () => void): void {
  const reason = missing(needs);
  if (reason === undefined) describe(name, body);
  else e2e(name, needs, () => undefined);
}
