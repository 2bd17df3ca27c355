import type { Version } from '../plan/digest.js';
import { bakedSet, channelEvent, foldRecords, mentions, type FoldedRecord } from './fold.js';
import { wholeSegments, type Head } from './head.js';
import type { Log } from './log.js';
import type { LogEvent } from './event-codec.js';
import type { VersionRecord } from './state.js';
import type { ImageHistory } from './types.js';
import type { VersionIndex } from './version-index.js';

/** Above this, all is folded in one go instead of walking back version by version. */
const fewVersions = 1000;

/** What is read of a log, as it was at `head`. */
export function imageHistory(project: string, image: string, log: Log, index: VersionIndex, head: Head): ImageHistory {
  const recordsOf = async (version: Version): Promise<readonly FoldedRecord[]> =>
    foldRecords(await log.many(await index.ofVersion(version, head))).filter(
      ({ record }) => record.version === version,
    );
  return {
    project,
    image,
    sequence: head.sequence,
    chain: head.chain,
    channels: [...head.channels.values()].sort((a, b) => (a.channel < b.channel ? -1 : 1)),
    branches: [...head.branches].sort(([, a], [, b]) => b - a).map(([branch]) => branch),
    latest: (branch) => head.latest.get(branch),
    async version(target, version) {
      if (!/^[0-9a-f]{64}$/.test(version)) return undefined;
      return (await recordsOf(version)).find(({ record }) => record.target === target)?.record;
    },
    async find(prefix) {
      if (prefix === '') return this.versions();
      if (!/^[0-9a-f]{1,64}$/.test(prefix)) return [];
      const found: FoldedRecord[] = [];
      for (const version of await index.withPrefix(prefix, head)) found.push(...(await recordsOf(version)));
      return newestFirst(found);
    },
    async versions(limit = Infinity) {
      if (limit > fewVersions) {
        const events: LogEvent[] = [];
        for await (const event of log.range(1, head.sequence)) if (mentions(event).length > 0) events.push(event);
        return newestFirst(foldRecords(events)).slice(0, Math.max(limit, 0));
      }
      return newestVersions(log, head, limit, recordsOf);
    },
    async bakes() {
      const sets = (await log.many(await index.ofSets('baked', head))).map((event) => bakedSet(event));
      return sets.filter((set) => set !== undefined).reverse();
    },
    async moves() {
      const moves = (await log.many(await index.ofSets('promoted', head))).map((event) => channelEvent(event));
      return moves.filter((move) => move !== undefined).reverse();
    },
    events: (from = 1) => log.range(Math.max(from, 1), head.sequence),
  };
}

/** Walks back through the events; a record is met last at the event that created it. */
async function newestVersions(
  log: Log,
  head: Head,
  limit: number,
  recordsOf: (version: Version) => Promise<readonly FoldedRecord[]>,
): Promise<readonly VersionRecord[]> {
  const found: VersionRecord[] = [];
  const folded = new Map<Version, readonly FoldedRecord[]>();
  for await (const [sequence, version] of mentionsBackwards(log, head)) {
    if (found.length >= limit) break;
    const records = folded.get(version) ?? (await recordsOf(version));
    folded.set(version, records);
    for (const { created, record } of records) if (created === sequence) found.push(record);
  }
  return found;
}

async function* mentionsBackwards(log: Log, head: Head): AsyncGenerator<readonly [number, Version], void, undefined> {
  yield* [...head.tail.versions]
    .flatMap(([version, sequences]) => sequences.map((sequence) => [sequence, version] as const))
    .sort(([a], [b]) => b - a);
  for (let segment = wholeSegments(head.sequence); segment > 0; segment -= 1)
    for (const event of (await log.segment(segment)).toReversed())
      for (const version of mentions(event)) yield [event.sequence, version];
}

function newestFirst(records: readonly FoldedRecord[]): readonly VersionRecord[] {
  return records.toSorted((a, b) => b.created - a.created).map(({ record }) => record);
}
