import { setTimeout as timer } from 'node:timers/promises';
import { throwIfAborted } from '../store/abort.js';
import { PassingFailure } from './failure.js';
import type { RegistryClientOptions } from './types.js';

const mostTries = 5;
const firstDelay = 250;
const longestDelay = 10_000;
/** Servers that want to be left alone for longer than that are not waited for. */
const longestRetryAfter = 60_000;

/** Decides whether to try again, and waits. */
export interface Retry {
  /** Calls `attempt` until it succeeds, fails for good, or has failed too often. */
  <Value>(attempt: () => Promise<Value>, signal: AbortSignal): Promise<Value>;
  /** Waits before try number `tries + 1`, after `error` in the one before. Throws where there should be none. */
  readonly wait: (error: unknown, tries: number, signal: AbortSignal) => Promise<void>;
}

/** Waits twice as long each time, give or take a half, but not less than the server asks for. */
export function createRetry({
  sleep = (milliseconds, signal) => timer(milliseconds, undefined, { signal }),
  random = Math.random,
}: Pick<RegistryClientOptions, 'sleep' | 'random'>): Retry {
  const wait: Retry['wait'] = async (error, tries, signal) => {
    if (!(error instanceof PassingFailure)) throw error;
    if (tries >= mostTries || error.retryAfter > longestRetryAfter) throw error.error;
    const delay = Math.min(longestDelay, firstDelay * 2 ** (tries - 1)) * (0.5 + random());
    try {
      await sleep(Math.max(delay, error.retryAfter), signal);
    } finally {
      throwIfAborted(signal);
    }
  };
  const retry = async <Value>(attempt: () => Promise<Value>, signal: AbortSignal): Promise<Value> => {
    for (let tries = 1; ; tries++) {
      try {
        return await attempt();
      } catch (error) {
        await wait(error, tries, signal);
      }
    }
  };
  return Object.assign(retry, { wait });
}

/** Milliseconds that `Retry-After` asks for, which is seconds or a date: RFC 9110, section 10.2.3. */
export function parseRetryAfter(header: string | null, now: number): number {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
