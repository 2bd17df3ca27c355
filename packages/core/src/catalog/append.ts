import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isBakeError } from '../errors/index.js';
import { sealEvent } from './event-codec.js';
import type { CatalogEvent, EventCommon, NewEvent } from './events.js';
import { eventKey } from './keys.js';
import type { Log } from './log.js';
import type { Store } from './store.js';

/** The event as it will be written at one place in the log. */
export interface Draft {
  readonly event: CatalogEvent;
  readonly bytes: Uint8Array;
}

/** Places an event in a log, at the sequence after `common.sequence - 1`. */
export function draftEvent(common: Omit<EventCommon, 'schema' | 'id' | 'digest'>, { type, payload }: NewEvent): Draft {
  const { event, bytes } = sealEvent({ schema: 1, id: randomUUID(), ...common, type, payload });
  return { event: event as CatalogEvent, bytes };
}

const attempts = 4;

/**
 * Puts a drafted event at its place; answers whether it is there now, and not another one.
 * A put that failed may have been done all the same, or be done later: the event's own id tells, and trying again with
 * the same bytes cannot place it twice.
 */
export async function place(store: Store, log: Log, { event, bytes }: Draft): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { written } = await store.put(eventKey(log.path, event.sequence), bytes, { ifAbsent: true });
      if (written) return true;
    } catch (error) {
      const there = await log.probe(event.sequence).catch(() => undefined);
      if (there !== undefined) return there.id === event.id;
      if (attempt >= attempts || !isPassing(error)) throw error;
      await sleep(10 * 2 ** attempt);
      continue;
    }
    return (await log.event(event.sequence)).id === event.id;
  }
}

/** Whether trying again may help. */
function isPassing(error: unknown): boolean {
  return !isBakeError(error) || error.code === 'ERR_BAKE_STORE';
}
