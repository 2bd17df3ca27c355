import { BakeError } from '../errors/index.js';
import { corrupt, parseEvent, type LogEvent } from './event-codec.js';
import { advance, decodeHead, emptyHead, encodeHead, wholeSegments, type Head } from './head.js';
import type { Hints } from './hints.js';
import { eventKey, headKey, segmentKey, segmentSize } from './keys.js';
import type { Remembered, Seen } from './remembered.js';
import { decodeSegment, encodeSegment, segmentBounds, segmentOf } from './segments.js';
import type { Store } from './store.js';
import { valueBytes } from './streams.js';

/** What a log is opened with. */
export interface LogContext {
  readonly store: Store;
  readonly hints: Hints;
  readonly remembered: Remembered;
}

/** After so many events the head is written again: so many are probed for, at most, when a log is opened. */
const headEvery = 8;
const probesAtOnce = 32;
const eventsKept = 4096;
const segmentsKept = 2;

/** One image's log. It reads, and finds its end by probing; {@link append} in `append.ts` writes. */
export class Log {
  readonly path: string;
  readonly #context: LogContext;
  readonly #events = new Map<number, LogEvent>();
  readonly #segments = new Map<number, readonly LogEvent[]>();
  #head: Head | undefined;
  /** Sequence of the head that the store has. */
  #written = 0;
  #checked: Head | undefined;

  constructor(context: LogContext, path: string) {
    this.#context = context;
    this.path = path;
  }

  /** The log as it is now. Throws `ERR_BAKE_CATALOG_CUT` where it ends before what was seen from here. */
  async head(): Promise<Head> {
    let head = await this.#toTheEnd(this.#head ?? (await this.#stored()));
    if (this.#checked !== head) {
      const seen = this.#context.remembered.get(this.path);
      // Another process may have appended, and remembered that, since the end was probed for.
      if (seen !== undefined && seen.sequence > head.sequence) head = await this.#toTheEnd(head);
      await this.#compareWith(seen, head);
    }
    this.#head = head;
    this.#checked = head;
    if (head.sequence - this.#written >= headEvery || (this.#written === 0 && head.sequence > 0)) this.#write(head);
    return head;
  }

  /** The event under a sequence that the log has reached. */
  async event(sequence: number): Promise<LogEvent> {
    const event = this.#events.get(sequence) ?? (await this.probe(sequence));
    if (event === undefined) throw corrupt(eventKey(this.path, sequence), 'it is not there, but later events are');
    return event;
  }

  /** The event under a sequence, if there is one. */
  async probe(sequence: number): Promise<LogEvent | undefined> {
    const bytes = await valueBytes(await this.#context.store.get(eventKey(this.path, sequence)));
    if (bytes === undefined) return undefined;
    const event = parseEvent(bytes, this.path, sequence);
    this.#keep(event);
    return event;
  }

  /** These events, in the order asked for: from a segment where many of them are in it. */
  async many(sequences: readonly number[]): Promise<readonly LogEvent[]> {
    const counts = new Map<number, number>();
    for (const sequence of sequences) counts.set(segmentOf(sequence), (counts.get(segmentOf(sequence)) ?? 0) + 1);
    const whole = new Map<number, readonly LogEvent[]>();
    for (const [segment, count] of counts)
      if (count > 32 && segmentBounds(segment).last <= (this.#head?.sequence ?? 0))
        whole.set(segment, await this.segment(segment));
    const found: LogEvent[] = [];
    for (const sequence of sequences) {
      const segment = segmentOf(sequence);
      found.push(whole.get(segment)?.[sequence - segmentBounds(segment).first] ?? (await this.event(sequence)));
    }
    return found;
  }

  /** Events from one sequence to another, both included, segment by segment. */
  async *range(from: number, to: number): AsyncGenerator<LogEvent, void, undefined> {
    for (let sequence = from; sequence <= to;) {
      const { first, last } = segmentBounds(segmentOf(sequence));
      if (last <= to) {
        for (const event of (await this.segment(segmentOf(sequence))).slice(sequence - first)) yield event;
        sequence = last + 1;
      } else {
        yield await this.event(sequence);
        sequence += 1;
      }
    }
  }

  /** Events of a whole segment: from its file, or one by one where that cannot be believed, and then it is written anew. */
  async segment(segment: number): Promise<readonly LogEvent[]> {
    const kept = this.#segments.get(segment);
    if (kept !== undefined) return kept;
    const { first, last } = segmentBounds(segment);
    const { store, hints } = this.#context;
    const end = await this.event(last);
    const bytes = await valueBytes(await store.get(segmentKey(this.path, segment)));
    let events = bytes && decodeSegment(bytes, this.path, segment, end.digest);
    if (events === undefined) {
      const read: LogEvent[] = [];
      for (let sequence = first; sequence <= last; sequence += 1) {
        const event = await this.event(sequence);
        const before = read.at(-1);
        if (before !== undefined && event.previous !== before.digest)
          throw corrupt(eventKey(this.path, sequence), 'it does not follow the event before it');
        read.push(event);
      }
      events = read;
      hints.write(segmentKey(this.path, segment), encodeSegment(this.path, segment, read));
    }
    this.#segments.set(segment, events);
    for (const oldest of this.#segments.keys()) if (this.#segments.size > segmentsKept) this.#segments.delete(oldest);
    return events;
  }

  /** The head that the store has, if it is one of this log. */
  async #stored(): Promise<Head> {
    const bytes = await valueBytes(await this.#context.store.get(headKey(this.path)));
    const head = bytes && decodeHead(bytes, this.path);
    if (head === undefined || head.sequence === 0) return emptyHead;
    const last = await this.probe(head.sequence);
    if (last?.digest !== head.chain) return emptyHead;
    this.#written = head.sequence;
    return head;
  }

  /** The head after all events that there are now. */
  async #toTheEnd(from: Head): Promise<Head> {
    let head = from;
    for (;;) {
      const next = await this.#next(head);
      if (next === head) return head;
      head = next;
    }
  }

  /** The head some events further on; the same where there are none. */
  async #next(head: Head): Promise<Head> {
    const { sequence } = head;
    const first = await this.probe(sequence + 1);
    if (first === undefined) return head;
    // Far behind: the head was lost. Where the segment ahead is whole, it is read at once.
    if (sequence % segmentSize === 0) {
      const last = await this.#context.store.get(eventKey(this.path, sequence + segmentSize), { start: 0, end: 0 });
      if (last !== undefined) return advance(head, this.path, await this.segment(segmentOf(sequence + 1)));
    }
    const events = [first];
    const end = (wholeSegments(sequence) + 1) * segmentSize;
    // More at once each time: few reads for nothing where little is new, few turns where the store is far away.
    for (let count = 2; ; count = Math.min(2 * count, probesAtOnce)) {
      const from = sequence + events.length + 1;
      const ahead = Array.from({ length: Math.min(count, end - from + 1) }, (_, i) => from + i);
      const more = await Promise.all(ahead.map((one) => this.probe(one)));
      const missing = more.indexOf(undefined);
      for (const event of missing === -1 ? more : more.slice(0, missing)) if (event !== undefined) events.push(event);
      if (missing !== -1 || sequence + events.length >= end) return advance(head, this.path, events);
    }
  }

  /** A log that was cut back, or whose end is another one than was seen, is not the log it was. */
  async #compareWith(seen: Seen | undefined, head: Head): Promise<void> {
    if (seen !== undefined) {
      const there = seen.sequence <= head.sequence ? await this.event(seen.sequence) : undefined;
      if (there?.digest !== seen.digest) {
        const now = there === undefined ? `ends at event ${head.sequence}` : 'has another event there';
        throw new BakeError(
          'ERR_BAKE_CATALOG_CUT',
          `Event ${seen.sequence} of ${this.path} was seen before, but the log now ${now}`,
          { data: { path: this.path, seen: seen.sequence, sequence: head.sequence } },
        );
      }
    }
    if (head.chain !== null) {
      this.#context.remembered.set(this.path, { sequence: head.sequence, digest: head.chain });
    }
  }

  #write(head: Head): void {
    this.#written = head.sequence;
    this.#context.hints.write(headKey(this.path), encodeHead(this.path, head));
  }

  #keep(event: LogEvent): void {
    if (this.#events.size >= eventsKept) this.#events.clear();
    this.#events.set(event.sequence, event);
  }
}
