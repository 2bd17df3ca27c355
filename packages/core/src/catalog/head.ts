import type { Digest, Version } from '../plan/digest.js';
import { corrupt, isKnown, isKnownType, type LogEvent } from './event-codec.js';
import { eventKey, segmentSize } from './keys.js';
import { bakedSet } from './fold.js';
import { addMentions, copyMentions, emptyMentions, type Mentions } from './mention-index.js';
import { seal, unseal } from './sealed.js';
import type { BakedSet, ChannelState } from './state.js';

/** A log folded to what is asked for all the time. Not changed once made. */
export interface Head {
  readonly sequence: number;
  readonly chain: Digest | null;
  readonly channels: ReadonlyMap<string, ChannelState>;
  /** Sequence of the newest event that was built or baked on a branch. */
  readonly branches: ReadonlyMap<string, number>;
  readonly latest: ReadonlyMap<string, BakedSet>;
  /** Types of events that must be known to read this. */
  readonly types: ReadonlySet<string>;
  /** Where things are in the events after the last whole segment. */
  readonly tail: Mentions;
}

/** Before the first event. */
export const emptyHead: Head = {
  sequence: 0,
  chain: null,
  channels: new Map(),
  branches: new Map(),
  latest: new Map(),
  types: new Set(),
  tail: emptyMentions(),
};

/** How many whole segments the events up to `sequence` make. */
export function wholeSegments(sequence: number): number {
  return Math.floor(sequence / segmentSize);
}

/** The head after these events too. Throws `ERR_BAKE_CATALOG_CORRUPT` where they do not follow. */
export function advance(head: Head, path: string, events: readonly LogEvent[]): Head {
  if (events.length === 0) return head;
  const channels = new Map(head.channels);
  const branches = new Map(head.branches);
  const latest = new Map(head.latest);
  const types = new Set(head.types);
  let tail = copyMentions(head.tail);
  let { sequence, chain } = head;
  for (const event of events) {
    if (event.sequence !== sequence + 1 || event.previous !== chain)
      throw corrupt(eventKey(path, event.sequence), 'it does not follow the event before it');
    addMentions(tail, event);
    ({ sequence, digest: chain } = event);
    if (sequence % segmentSize === 0) tail = emptyMentions();
    if (event.optional !== true) types.add(event.type);
    foldPointers(channels, branches, event);
    const set = bakedSet(event);
    if (set !== undefined) latest.set(set.branch, set);
  }
  return { sequence, chain, channels, branches, latest, types, tail };
}

function foldPointers(channels: Map<string, ChannelState>, branches: Map<string, number>, event: LogEvent): void {
  if (!isKnown(event)) return;
  if (event.type === 'built' || event.type === 'baked') branches.set(event.payload.branch, event.sequence);
  if (event.type === 'promoted') {
    const { channel, moves, hold } = event.payload;
    const before = channels.get(channel);
    const moved: [string, Version][] = Object.entries(moves).map(([target, move]) => [target, move.to]);
    const versions = Object.fromEntries([...Object.entries(before?.versions ?? {}), ...moved]);
    channels.set(channel, {
      channel,
      versions,
      since: event.time,
      by: event.actor,
      held: hold || before?.held === true,
    });
  }
  if (event.type === 'resumed') {
    const before = channels.get(event.payload.channel);
    if (before !== undefined) channels.set(before.channel, { ...before, held: false });
  }
}

/** Bytes of a head: a function of the events alone, so that `verify` can compare. */
export function encodeHead(path: string, head: Head): Buffer {
  const { sequence, chain, tail } = head;
  return seal({
    schema: 1,
    path,
    sequence,
    chain,
    channels: byName(head.channels),
    branches: byName(head.branches),
    latest: byName(head.latest),
    types: [...head.types].sort(),
    tail: { versions: byName(tail.versions), baked: tail.baked, promoted: tail.promoted },
  }).bytes;
}

/**
 * A head as it was written; `undefined` where it is damaged, of another schema, or made by a version that knew more
 * types of events: the events are then read instead, and say what is the matter.
 */
export function decodeHead(bytes: Uint8Array, path: string): Head | undefined {
  const sealed = unseal(bytes);
  if (sealed === undefined || sealed.schema !== 1) return undefined;
  const document = sealed as unknown as HeadDocument;
  if (document.path !== path || !document.types.every((type) => isKnownType(type))) return undefined;
  const { sequence, chain, types, tail } = document;
  return {
    sequence,
    chain,
    channels: new Map(document.channels),
    branches: new Map(document.branches),
    latest: new Map(document.latest),
    types: new Set(types),
    tail: { versions: new Map(tail.versions), baked: tail.baked, promoted: tail.promoted },
  };
}

interface HeadDocument {
  readonly path: string;
  readonly sequence: number;
  readonly chain: Digest | null;
  readonly channels: readonly [string, ChannelState][];
  readonly branches: readonly [string, number][];
  readonly latest: readonly [string, BakedSet][];
  readonly types: readonly string[];
  readonly tail: {
    readonly versions: readonly [Version, number[]][];
    readonly baked: number[];
    readonly promoted: number[];
  };
}

/** Members of a map as pairs: names of people's choosing are no members of objects, where `__proto__` is special. */
function byName<T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
