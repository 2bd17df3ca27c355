import type { Digest, Version } from '../plan/digest.js';
import { isKnown, type LogEvent } from './event-codec.js';
import { mentions } from './fold.js';
import { seal, unseal } from './sealed.js';

/** Where in a log things are: sequences of events, ascending. */
export interface Mentions {
  /** By version, of all events that may change its records. */
  readonly versions: Map<Version, number[]>;
  readonly baked: number[];
  readonly promoted: number[];
}

export function emptyMentions(): Mentions {
  return { versions: new Map(), baked: [], promoted: [] };
}

/** Adds an event, in place. */
export function addMentions(index: Mentions, event: LogEvent): void {
  for (const version of mentions(event)) {
    const sequences = index.versions.get(version);
    if (sequences === undefined) index.versions.set(version, [event.sequence]);
    else sequences.push(event.sequence);
  }
  if (!isKnown(event)) return;
  if (event.type === 'baked') index.baked.push(event.sequence);
  if (event.type === 'promoted') index.promoted.push(event.sequence);
}

export function copyMentions(index: Mentions): Mentions {
  const versions = new Map([...index.versions].map(([version, sequences]) => [version, [...sequences]]));
  return { versions, baked: [...index.baked], promoted: [...index.promoted] };
}

/** One file for each first digit of a version, and one for baked sets and moves of channels. */
export const shards: readonly string[] = [...Array.from({ length: 16 }, (_, digit) => digit.toString(16)), 'sets'];

/** What one shard of the index holds, of the events of the first `through` segments. */
export interface Shard extends Mentions {
  readonly through: number;
  /** Digest of the last of those events; `null` with `through` 0. An index of another log than this is not believed. */
  readonly chain: Digest | null;
}

/** Bytes of a shard: a function of the events alone, so that `verify` can compare. */
export function encodeShard(path: string, name: string, shard: Shard): Buffer {
  const { through, chain, baked, promoted } = shard;
  const versions = [...shard.versions]
    .filter(([version]) => shardOf(version) === name)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const sets = name === 'sets' ? { baked, promoted } : {};
  return seal({ schema: 1, path, shard: name, through, chain, versions, ...sets }).bytes;
}

/** A shard as it was written; `undefined` where it is damaged or of another schema: it is then made anew. */
export function decodeShard(bytes: Uint8Array, path: string, name: string): Shard | undefined {
  const sealed = unseal(bytes);
  if (sealed === undefined || sealed.schema !== 1) return undefined;
  const shard = sealed as unknown as ShardDocument;
  if (shard.path !== path || shard.shard !== name) return undefined;
  const { through, chain, baked = [], promoted = [] } = shard;
  return { through, chain, versions: new Map(shard.versions), baked, promoted };
}

/** The name of the shard that a version is in. */
export function shardOf(version: Version): string {
  return version.slice(0, 1);
}

interface ShardDocument {
  readonly path: string;
  readonly shard: string;
  readonly through: number;
  readonly chain: Digest | null;
  readonly versions: readonly [Version, number[]][];
  readonly baked?: number[];
  readonly promoted?: number[];
}
