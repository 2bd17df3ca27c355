import { BakeError } from '../errors/index.js';
import { eventKey } from './keys.js';
import type { CatalogEvent, EventCommon, EventType, UnknownEvent } from './events.js';
import { seal, unseal, type Sealed } from './sealed.js';

/** Anything that a log may hold. */
export type LogEvent = CatalogEvent | UnknownEvent;

const known: Readonly<Record<EventType, true>> = {
  built: true,
  checked: true,
  published: true,
  baked: true,
  promoted: true,
  resumed: true,
  revoked: true,
  restored: true,
  deprecated: true,
  retired: true,
  rebuilt: true,
  branched: true,
  forgotten: true,
  failed: true,
};

export function isKnownType(type: string): type is EventType {
  return Object.hasOwn(known, type);
}

/** Whether this version knows what the event means. */
export function isKnown(event: LogEvent): event is CatalogEvent {
  return isKnownType(event.type);
}

/** An event with its digest, and its bytes. */
export function sealEvent<T extends Omit<EventCommon, 'digest'>>(
  event: T,
): { readonly event: T & Pick<EventCommon, 'digest'>; readonly bytes: Buffer } {
  const { bytes, digest } = seal(event);
  return { event: { ...event, digest }, bytes };
}

/**
 * The event that was written under this sequence.
 * Throws `ERR_BAKE_CATALOG_CORRUPT`, `ERR_BAKE_CATALOG_NEWER` or `ERR_BAKE_CATALOG_EVENT_UNKNOWN`.
 */
export function parseEvent(bytes: Uint8Array, path: string, sequence: number): LogEvent {
  const sealed = unseal(bytes);
  if (sealed === undefined) throw corrupt(eventKey(path, sequence), 'its bytes are not those that were written');
  return asEvent(sealed, path, sequence);
}

/** As {@link parseEvent}, of a document whose seal was seen to hold. */
export function asEvent(sealed: Sealed, path: string, sequence: number): LogEvent {
  const key = eventKey(path, sequence);
  const event = sealed as unknown as LogEvent;
  const { optional }: { readonly optional?: unknown } = event;
  if (sealed.schema > 1)
    throw new BakeError('ERR_BAKE_CATALOG_NEWER', `${key} was written by a newer version of Bakehouse`, {
      data: { key },
    });
  if (`${event.project}/${event.image}` !== path || event.sequence !== sequence)
    throw corrupt(key, `it says to be event ${event.sequence} of ${event.project}/${event.image}`);
  if (!isKnown(event) && optional !== true)
    throw new BakeError(
      'ERR_BAKE_CATALOG_EVENT_UNKNOWN',
      `${key} is an event of a type that is not known here: ${(event as EventCommon & { type: string }).type}`,
      {
        data: { key },
      },
    );
  return event;
}

/** What is thrown for damage; `key` says where. */
export function corrupt(key: string, detail: string): BakeError {
  return new BakeError('ERR_BAKE_CATALOG_CORRUPT', `${key} in the catalog is damaged: ${detail}`, { data: { key } });
}
