import { getEventListeners } from 'node:events';
import { isBakeError, run, type BakeError } from '@bakehouse/core/provider';
import { afterEach, beforeEach, expect } from 'vitest';
import { createRegistryClient, type RegistryClient, type RegistryClientOptions } from '../../src/registry/index.js';
import { startFakeRegistry, type FakeRegistry } from './fake-registry.js';

/** What a test of the client has at hand; new for each test. */
export interface Harness {
  registry: FakeRegistry;
  /** `127.0.0.1:port/team/app`. */
  readonly app: string;
  /** How long the client waited, each time. */
  readonly sleeps: number[];
  readonly warnings: string[];
  client(options?: Partial<RegistryClientOptions>): RegistryClient;
}

/** Never aborted. After each test nothing may be left waiting for it. */
export const signal: AbortSignal = new AbortController().signal;

/** Starts a fake registry for each test of the file. */
export function useFakeRegistry(): Harness {
  const harness = {
    sleeps: [] as number[],
    warnings: [] as string[],
    get app() {
      return `${this.registry.address}/team/app`;
    },
    client: (options: Partial<RegistryClientOptions> = {}) =>
      createRegistryClient({
        env: {},
        run,
        random: () => 0.5,
        warn: (message) => harness.warnings.push(message),
        sleep: (milliseconds) => {
          harness.sleeps.push(milliseconds);
          return Promise.resolve();
        },
        ...options,
      }),
  } as Harness;
  beforeEach(async () => {
    harness.registry = await startFakeRegistry();
    harness.sleeps.length = 0;
    harness.warnings.length = 0;
  });
  afterEach(async () => {
    await harness.registry.stop();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
  return harness;
}

export async function failure(promise: Promise<unknown>): Promise<BakeError> {
  const error: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!isBakeError(error)) throw new Error('expected a BakeError', { cause: error });
  return error;
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** What an injected `fetch` was called with. */
export function urlOf(input: string | URL | Request): URL {
  return new URL(input instanceof Request ? input.url : input);
}
