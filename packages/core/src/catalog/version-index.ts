import type { Version } from '../plan/digest.js';
import { wholeSegments, type Head } from './head.js';
import type { Hints } from './hints.js';
import { indexKey } from './keys.js';
import type { Log } from './log.js';
import {
  addMentions,
  decodeShard,
  emptyMentions,
  encodeShard,
  shardOf,
  shards,
  type Mentions,
  type Shard,
} from './mention-index.js';
import { segmentBounds } from './segments.js';
import type { Store } from './store.js';
import { valueBytes } from './streams.js';

const noShard: Shard = { through: 0, chain: null, ...emptyMentions() };

/** Tells in which events of a log something is: from shards for whole segments, from the head for the rest. */
export class VersionIndex {
  readonly #log: Log;
  readonly #store: Store;
  readonly #hints: Hints;
  readonly #shards = new Map<string, Shard>();
  /** What whole segments hold that a shard does not know of yet. */
  readonly #gaps = new Map<number, Mentions>();
  #building = 0;

  constructor(log: Log, store: Store, hints: Hints) {
    this.#log = log;
    this.#store = store;
    this.#hints = hints;
  }

  /** Sequences of the events of one version, ascending. */
  async ofVersion(version: Version, head: Head): Promise<readonly number[]> {
    return this.#gather(shardOf(version), head, (part) => part.versions.get(version) ?? []);
  }

  /** Sequences of baked sets, or of moves of channels, ascending. */
  async ofSets(kind: 'baked' | 'promoted', head: Head): Promise<readonly number[]> {
    return this.#gather('sets', head, (part) => part[kind]);
  }

  /** Versions that begin with these digits, at least one. */
  async withPrefix(prefix: string, head: Head): Promise<readonly Version[]> {
    const found = new Set<Version>();
    for (const part of await this.#parts(shardOf(prefix), head))
      for (const version of part.versions.keys()) if (version.startsWith(prefix)) found.add(version);
    return [...found];
  }

  /** Writes segments and shards for all whole segments, beside the work. Two who do it write the same. */
  extend(head: Head): void {
    const whole = wholeSegments(head.sequence);
    if (whole <= this.#building) return;
    this.#building = whole;
    this.#hints.derive(async () => {
      const stored = await Promise.all(shards.map(async (name) => ({ name, shard: await this.#shard(name) })));
      const end = await this.#log.event(segmentBounds(whole).last);
      for (const { name, shard } of stored) {
        if (shard.through >= whole) continue;
        const versions = new Map([...shard.versions].map(([version, sequences]) => [version, [...sequences]]));
        const next = { versions, baked: [...shard.baked], promoted: [...shard.promoted] };
        for (let segment = shard.through + 1; segment <= whole; segment += 1) {
          const gap = await this.#gap(segment);
          for (const [version, sequences] of gap.versions)
            if (shardOf(version) === name)
              next.versions.set(version, [...(next.versions.get(version) ?? []), ...sequences]);
          next.baked.push(...gap.baked);
          next.promoted.push(...gap.promoted);
        }
        const made: Shard = { through: whole, chain: end.digest, ...next };
        this.#shards.set(name, made);
        await this.#store.put(indexKey(this.#log.path, name), encodeShard(this.#log.path, name, made));
      }
      this.#gaps.clear();
    });
  }

  async #gather(name: string, head: Head, pick: (part: Mentions) => readonly number[]): Promise<readonly number[]> {
    const sequences = (await this.#parts(name, head)).flatMap((part) => pick(part));
    // A shard may know more than the history that is asked.
    return sequences.filter((sequence) => sequence <= head.sequence);
  }

  /** What makes up the index of a history, in order. */
  async #parts(name: string, head: Head): Promise<readonly Mentions[]> {
    const whole = wholeSegments(head.sequence);
    if (whole === 0) return [head.tail];
    const shard = await this.#shard(name);
    const parts: Mentions[] = [shard];
    for (let segment = shard.through + 1; segment <= whole; segment += 1) parts.push(await this.#gap(segment));
    if (shard.through < whole) this.extend(head);
    // Where the shard is ahead of the history, it holds the tail too.
    return shard.through > whole ? parts : [...parts, head.tail];
  }

  async #shard(name: string): Promise<Shard> {
    const kept = this.#shards.get(name);
    if (kept !== undefined) return kept;
    const bytes = await valueBytes(await this.#store.get(indexKey(this.#log.path, name)));
    const shard = (bytes && decodeShard(bytes, this.#log.path, name)) ?? noShard;
    const end = shard.through === 0 ? undefined : await this.#log.probe(segmentBounds(shard.through).last);
    const believed = shard.through > 0 && end?.digest === shard.chain ? shard : noShard;
    this.#shards.set(name, believed);
    return believed;
  }

  async #gap(segment: number): Promise<Mentions> {
    const kept = this.#gaps.get(segment);
    if (kept !== undefined) return kept;
    const mentions = emptyMentions();
    for (const event of await this.#log.segment(segment)) addMentions(mentions, event);
    this.#gaps.set(segment, mentions);
    return mentions;
  }
}
