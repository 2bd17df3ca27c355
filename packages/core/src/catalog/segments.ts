import type { Digest } from '../plan/digest.js';
import { asEvent, type LogEvent } from './event-codec.js';
import { segmentSize } from './keys.js';
import { seal, unseal, type Sealed } from './sealed.js';

/** Sequences of the first and the last event of a segment. */
export function segmentBounds(segment: number): { readonly first: number; readonly last: number } {
  return { first: (segment - 1) * segmentSize + 1, last: segment * segmentSize };
}

/** Which segment an event is in. */
export function segmentOf(sequence: number): number {
  return Math.ceil(sequence / segmentSize);
}

/** Bytes of a segment: its events as they are in the log. */
export function encodeSegment(path: string, segment: number, events: readonly LogEvent[]): Buffer {
  return seal({ schema: 1, path, segment, events }).bytes;
}

/**
 * Events of a segment; `undefined` where it is damaged, or not of the log whose event at its end has the digest `chain`:
 * the events are then read one by one.
 */
export function decodeSegment(
  bytes: Uint8Array,
  path: string,
  segment: number,
  chain: Digest,
): readonly LogEvent[] | undefined {
  const sealed = unseal(bytes) as (Sealed & { path: string; segment: number; events: readonly Sealed[] }) | undefined;
  if (sealed === undefined || sealed.schema !== 1 || sealed.path !== path || sealed.segment !== segment)
    return undefined;
  const { first } = segmentBounds(segment);
  if (sealed.events.length !== segmentSize) return undefined;
  const events = sealed.events.map((event, i) => asEvent(event, path, first + i));
  const follow = events.every((event, i) => i === 0 || event.previous === events[i - 1]?.digest);
  return follow && events.at(-1)?.digest === chain ? events : undefined;
}
