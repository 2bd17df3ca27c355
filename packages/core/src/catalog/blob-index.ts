import { sha256, type Digest } from '../plan/digest.js';
import { mergeTables, packTable, rowLength, rowTable, type BlobTable, type Location } from './blob-table.js';
import type { Hints } from './hints.js';
import { packIndexKey, packKey } from './keys.js';
import { isPackIndex, packIndexLength } from './pack-format.js';
import type { Store } from './store.js';
import { valueBytes } from './streams.js';

/** Where a blob is, by the name of its pack. */
export type PackLocation = Omit<Location, 'pack'> & { readonly pack: Digest };

/** What is in which pack. */
export interface BlobIndex {
  has(digest: Digest): boolean;
  find(digest: Digest): PackLocation | undefined;
  /** Reads what was written by others meanwhile; answers whether anything changed. */
  refresh(): Promise<boolean>;
  /** A pack that was just written from here. */
  add(pack: Digest, index: Buffer): void;
  /** Packs whose beginning is damaged: what they hold is not known. */
  readonly damaged: ReadonlySet<Digest>;
  /** How many different blobs there are. */
  readonly count: number;
}

/** So many packs that the consolidated index does not know are read one by one; then it is written anew. */
const packsApart = 16;
const header = 'bakehouse/packs/1\n';
const prefixLength = header.length + 4;

/**
 * The index over all packs: the consolidated one, and those of packs that are newer than it.
 * Nothing is read until `refresh`. Without `hints` the consolidated one is neither believed nor written.
 */
export function blobIndex(store: Store, hints?: Hints): BlobIndex {
  let packs: Digest[] = [];
  /** What is consolidated, and the packs apart. */
  let tables: BlobTable[] = [];
  let damaged = new Set<Digest>();
  let known = new Set<Digest>();
  let consolidated = 0;
  let loaded = hints === undefined;
  let rewrite = false;

  const reset = (): void => {
    packs = [];
    tables = [];
    damaged = new Set();
    known = new Set();
    consolidated = 0;
  };
  const add = (pack: Digest, index: Buffer): void => {
    if (known.has(pack)) return;
    known.add(pack);
    damaged.delete(pack);
    tables.push(packTable(index, packs.push(pack) - 1));
  };
  const load = async (names: ReadonlySet<Digest>): Promise<void> => {
    const bytes = await valueBytes(await store.get(packIndexKey));
    const stored = bytes && decodePackList(bytes);
    // It may name packs that are gone since: nothing of it is believed then.
    rewrite = bytes !== undefined;
    if (stored === undefined || !stored.packs.every((pack) => names.has(pack))) return;
    rewrite = false;
    packs = [...stored.packs];
    known = new Set(packs);
    tables = [rowTable(stored.rows)];
    consolidated = packs.length;
  };

  return {
    get damaged() {
      return damaged;
    },
    get count() {
      return mergeTables(tables).length / rowLength;
    },
    has: (digest) => tables.some((table) => table.has(digest)),
    find(digest) {
      for (const table of tables) {
        const found = table.find(digest);
        const pack = found === undefined ? undefined : packs[found.pack];
        if (found !== undefined && pack !== undefined) return { ...found, pack };
      }
      return undefined;
    },
    add,
    async refresh() {
      const before = packs.length;
      const names = await packNames(store);
      const gone = packs.some((pack) => !names.has(pack));
      if (gone) reset();
      if (hints !== undefined && (!loaded || gone)) await load(names);
      loaded = true;
      damaged = new Set();
      for (const pack of names) {
        if (known.has(pack)) continue;
        const index = await readPackIndex(store, pack);
        if (index === undefined) damaged.add(pack);
        else add(pack, index);
      }
      if (hints !== undefined && (rewrite || packs.length - consolidated >= packsApart)) {
        consolidated = packs.length;
        rewrite = false;
        const rows = mergeTables(tables);
        tables = [rowTable(rows)];
        hints.write(packIndexKey, encode(packs, rows));
      }
      return gone || packs.length !== before;
    },
  };
}

/** Names of all packs that the store has. */
export async function packNames(store: Store): Promise<ReadonlySet<Digest>> {
  const names = new Set<Digest>();
  const page = 10_000;
  for (let after: string | undefined; ;) {
    const keys = await store.list('packs/', after, page);
    for (const key of keys) {
      const [, name] = /^packs\/([0-9a-f]{64})\.pack$/.exec(key) ?? [];
      if (name !== undefined) names.add(name);
    }
    after = keys.at(-1);
    if (keys.length < page) return names;
  }
}

/** The checked beginning of a pack; `undefined` where it is damaged or not there. */
export async function readPackIndex(store: Store, pack: Digest): Promise<Buffer | undefined> {
  const guess = await valueBytes(await store.get(packKey(pack), { start: 0, end: 65_536 }));
  const length = guess && packIndexLength(guess);
  if (guess === undefined || length === undefined) return undefined;
  const bytes =
    length <= guess.length
      ? guess.subarray(0, length)
      : await valueBytes(await store.get(packKey(pack), { start: 0, end: length }));
  return bytes !== undefined && isPackIndex(bytes, pack) ? bytes : undefined;
}

/** Header, number of packs, their names, the rows, and the sha256 of all of it. */
function encode(packs: readonly Digest[], rows: Buffer): Buffer {
  const start = Buffer.alloc(prefixLength);
  start.write(header, 'latin1');
  start.writeUInt32BE(packs.length, header.length);
  const body = Buffer.concat([start, ...packs.map((pack) => Buffer.from(pack, 'hex')), rows]);
  return Buffer.concat([body, Buffer.from(sha256(body), 'hex')]);
}

/** The packs and rows of a consolidated index; `undefined` where it is damaged. */
export function decodePackList(
  bytes: Buffer,
): { readonly packs: readonly Digest[]; readonly rows: Buffer } | undefined {
  if (bytes.length < prefixLength + 32 || bytes.toString('latin1', 0, header.length) !== header) return undefined;
  const body = bytes.subarray(0, -32);
  if (sha256(body) !== bytes.toString('hex', bytes.length - 32)) return undefined;
  const count = body.readUInt32BE(header.length);
  const rows = body.subarray(prefixLength + 32 * count);
  if (rows.length % rowLength !== 0) return undefined;
  const packs = Array.from({ length: count }, (_, i) =>
    body.toString('hex', prefixLength + 32 * i, prefixLength + 32 * (i + 1)),
  );
  return { packs, rows };
}
