import type { Digest } from '../plan/digest.js';
import { canonicalJson } from '../plan/json.js';
import { parseEvent, type LogEvent } from './event-codec.js';
import { advance, decodeHead, emptyHead, encodeHead, type Head } from './head.js';
import { eventKey, headKey, indexKey, segmentKey, segmentSize } from './keys.js';
import { addMentions, decodeShard, emptyMentions, encodeShard, shards } from './mention-index.js';
import type { Remembered, Seen } from './remembered.js';
import { encodeSegment } from './segments.js';
import { unseal } from './sealed.js';
import type { Store } from './store.js';
import { valueBytes } from './streams.js';
import type { Closure } from './verify-closure.js';
import type { Faults } from './verify-faults.js';

export interface ReplayContext {
  readonly store: Store;
  readonly remembered: Remembered;
  readonly faults: Faults;
  readonly closure: Closure;
  readonly acceptHead: boolean;
}

/** What was derived from a log, to be compared once the replay has got there. */
interface Derived {
  readonly kind: 'head' | 'index';
  readonly key: string;
  readonly sequence: number;
  readonly bytes: Buffer;
  readonly expected: () => Buffer;
}

/** Reads one log from its beginning, event by event, and compares what was derived from it. */
export class LogReplay {
  readonly path: string;
  readonly #context: ReplayContext;
  readonly #mentions = emptyMentions();
  readonly #seen: Seen | undefined;
  #derived: Derived[] = [];
  #started = false;
  #sequence = 0;
  /** Digest of the event before; `undefined` after one that could not be read. */
  #chain: Digest | null | undefined = null;
  /** Whether all events so far are what was written: only then there is something to compare with. */
  #intact = true;
  #head: Head = emptyHead;
  #pending: LogEvent[] = [];
  #segment: LogEvent[] = [];
  #seenThere = false;
  #events = 0;

  constructor(context: ReplayContext, path: string) {
    this.#context = context;
    this.path = path;
    this.#seen = context.remembered.get(path);
  }

  /** How many events were read. */
  get events(): number {
    return this.#events;
  }

  /** How far the log goes. */
  get sequence(): number {
    return this.#sequence;
  }

  /** The event under this sequence, which must be higher than the last. */
  async add(sequence: number): Promise<void> {
    await this.#start();
    const { store, faults, closure } = this.#context;
    const key = eventKey(this.path, sequence);
    const missing = this.#sequence + 1;
    if (sequence !== missing) {
      const range = sequence - 1 === missing ? 'it is' : `it and all up to ${sequence - 1} are`;
      faults.add('event', eventKey(this.path, missing), `${range} not there, but later events are`);
      this.#broken();
    }
    this.#sequence = sequence;
    const event = await faults.guard('event', key, async () => {
      const bytes = await valueBytes(await store.get(key));
      if (bytes === undefined) throw new Error('it was listed, but is not there');
      const parsed = parseEvent(bytes, this.path, sequence);
      if (canonicalJson(parsed) !== bytes.toString('utf8')) throw new Error('it is not canonical JSON');
      return parsed;
    });
    if (event === undefined) return this.#broken();
    this.#events += 1;
    if (this.#chain !== undefined && event.previous !== this.#chain) {
      faults.add('chain', key, 'it does not follow the event before it');
      this.#intact = false;
    }
    this.#chain = event.digest;
    if (this.#seen?.sequence === sequence) this.#seenThere = this.#seen.digest === event.digest;
    await faults.guard('event', key, async () => {
      addMentions(this.#mentions, event);
      this.#pending.push(event);
      this.#segment.push(event);
      await closure.check(event);
    });
    if (sequence % segmentSize === 0) await this.#endSegment(sequence / segmentSize);
    this.#compare();
  }

  /** After the last event. */
  async end(): Promise<void> {
    await this.#start();
    const { faults } = this.#context;
    for (const { kind, key, sequence } of this.#derived)
      if (sequence > this.#sequence)
        faults.add(kind, key, `it is of ${sequence} events, but the log ends at ${this.#sequence}`);
    this.#compareWithSeen();
  }

  #broken(): void {
    this.#chain = undefined;
    this.#intact = false;
  }

  /** Head and index as they are stored. */
  async #start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    const { store, faults } = this.#context;
    const damaged = 'its bytes are not those that were written';
    const key = headKey(this.path);
    const headBytes = await faults.guard('head', key, async () => valueBytes(await store.get(key)));
    if (headBytes !== undefined) {
      const head = decodeHead(headBytes, this.path);
      if (head === undefined) faults.add('head', key, damaged);
      else {
        const expected = (): Buffer => encodeHead(this.path, this.#advanced());
        this.#derived.push({ kind: 'head', key, sequence: head.sequence, bytes: headBytes, expected });
      }
    }
    for (const name of shards) {
      const shardKey = indexKey(this.path, name);
      const bytes = await faults.guard('index', shardKey, async () => valueBytes(await store.get(shardKey)));
      if (bytes === undefined) continue;
      const shard = decodeShard(bytes, this.path, name);
      if (shard === undefined) {
        faults.add('index', shardKey, damaged);
        continue;
      }
      const { through } = shard;
      const expected = (): Buffer =>
        encodeShard(this.path, name, { through, chain: this.#chain ?? null, ...this.#mentions });
      this.#derived.push({ kind: 'index', key: shardKey, sequence: through * segmentSize, bytes, expected });
    }
  }

  #compare(): void {
    const due = this.#derived.filter(({ sequence }) => sequence === this.#sequence);
    if (due.length === 0) return;
    this.#derived = this.#derived.filter(({ sequence }) => sequence !== this.#sequence);
    if (!this.#intact) return;
    for (const { kind, key, bytes, expected } of due)
      if (!expected().equals(bytes)) this.#context.faults.add(kind, key, 'it does not say what the events say');
  }

  #advanced(): Head {
    this.#head = advance(this.#head, this.path, this.#pending);
    this.#pending = [];
    return this.#head;
  }

  /** A segment that is not there is made when it is needed. */
  async #endSegment(segment: number): Promise<void> {
    const { store, faults } = this.#context;
    const events = this.#segment;
    this.#segment = [];
    if (this.#intact) this.#advanced();
    this.#pending = [];
    const key = segmentKey(this.path, segment);
    await faults.guard('segment', key, async () => {
      const bytes = await valueBytes(await store.get(key));
      if (bytes === undefined) return;
      if (unseal(bytes) === undefined) throw new Error('its bytes are not those that were written');
      if (events.length === segmentSize && !encodeSegment(this.path, segment, events).equals(bytes))
        throw new Error('it does not hold the events of the log');
    });
  }

  #compareWithSeen(): void {
    const { faults, remembered, acceptHead } = this.#context;
    if (acceptHead) {
      if (this.#sequence === 0) remembered.forget(this.path);
      else if (this.#chain !== undefined && this.#chain !== null)
        remembered.set(this.path, { sequence: this.#sequence, digest: this.#chain });
      return;
    }
    if (this.#seen === undefined || this.#seenThere) return;
    const { sequence } = this.#seen;
    const now =
      sequence > this.#sequence ? `ends at event ${this.#sequence}` : 'has another event there, or a damaged one';
    faults.add('cut', `log/${this.path}`, `event ${sequence} was seen before, but the log now ${now}`);
  }
}
