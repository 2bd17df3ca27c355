import { createHash } from 'node:crypto';
import { sha256, type Digest } from '../plan/digest.js';
import { chunkSize } from '../tree/types.js';
import { decodePackList, readPackIndex } from './blob-index.js';
import { packTable, rowLength, rowTable, type BlobTable } from './blob-table.js';
import { chunkKey, packIndexKey, packKey, tombstoneKey } from './keys.js';
import { packEntries, storedLength, type PackEntry } from './pack-format.js';
import { throwIfAborted } from './lease.js';
import type { Store } from './store.js';
import { valueBytes } from './streams.js';
import { decodeTombstone } from './tombstone.js';
import type { Faults } from './verify-faults.js';

export interface BlobsContext {
  readonly store: Store;
  readonly faults: Faults;
  readonly signal: AbortSignal | undefined;
}

type PlacedEntry = PackEntry & { readonly offset: number };

/** Rehashes packs, and the chunks that their entries name; then what chunks are left. */
export class BlobCheck {
  readonly #context: BlobsContext;
  /** Whether a chunk is what its name says. */
  readonly #chunks = new Map<Digest, boolean>();
  readonly #consolidated: { readonly packs: readonly Digest[]; readonly table: BlobTable } | undefined;
  #confirmed = 0;

  private constructor(context: BlobsContext, consolidated: { packs: readonly Digest[]; table: BlobTable } | undefined) {
    this.#context = context;
    this.#consolidated = consolidated;
  }

  static async open(context: BlobsContext): Promise<BlobCheck> {
    const bytes = await context.faults.guard('index', packIndexKey, async () =>
      valueBytes(await context.store.get(packIndexKey)),
    );
    const list = bytes && decodePackList(bytes);
    if (bytes !== undefined && list === undefined)
      context.faults.add('index', packIndexKey, 'its bytes are not those that were written');
    return new BlobCheck(context, list && { packs: list.packs, table: rowTable(list.rows) });
  }

  async pack(pack: Digest): Promise<void> {
    const { store, faults, signal } = this.#context;
    const key = packKey(pack);
    const index = await faults.guard('pack', key, () => readPackIndex(store, pack));
    if (index === undefined) {
      faults.add('pack', key, 'its beginning is not what was written: what it holds is not known');
      return;
    }
    this.#compareIndex(pack, index);
    const entries = [...packEntries(index)];
    let end = index.length;
    for (const window of windows(entries)) {
      throwIfAborted(signal);
      const from = window[0]?.offset ?? end;
      const last = window.at(-1);
      end = last === undefined ? end : last.offset + storedLength(last.size);
      const bytes = await faults.guard('pack', key, async () => valueBytes(await store.get(key, { start: from, end })));
      if (bytes === undefined) continue;
      for (const entry of window) await this.#entry(key, entry, bytes.subarray(entry.offset - from));
    }
    const rest = await faults.guard('pack', key, async () =>
      valueBytes(await store.get(key, { start: end, end: end + 1 })),
    );
    if (rest !== undefined && rest.length > 0) faults.add('pack', key, 'there is more in it than was written');
  }

  /** A chunk that no pack needs: left by a run that ended before its pack, and of use when it is run again. */
  async chunk(chunk: Digest): Promise<void> {
    if (!this.#chunks.has(chunk)) await this.#readChunk(chunk);
  }

  async tombstone(blob: Digest, stored: boolean): Promise<void> {
    const { store, faults } = this.#context;
    const key = tombstoneKey(blob);
    await faults.guard('tombstone', key, async () => {
      const bytes = await valueBytes(await store.get(key));
      if (bytes !== undefined) decodeTombstone(bytes, blob);
    });
    if (stored) faults.add('tombstone', key, 'the blob is still stored');
  }

  /** After the last pack. */
  end(): void {
    const { faults } = this.#context;
    if (this.#consolidated !== undefined && this.#confirmed !== this.#consolidated.table.count)
      faults.add('index', packIndexKey, 'it lists blobs that are not in the packs');
  }

  async #entry(key: string, { digest, size }: PlacedEntry, rest: Buffer): Promise<void> {
    const { faults } = this.#context;
    const bytes = rest.subarray(0, storedLength(size));
    if (size <= chunkSize) {
      if (sha256(bytes) !== digest) faults.add('blob', digest, `it is not what was written, in ${key}`);
      return;
    }
    const whole = createHash('sha256');
    let total = 0;
    for (let at = 0; at < bytes.length; at += 32) {
      throwIfAborted(this.#context.signal);
      const chunk = await this.#readChunk(bytes.toString('hex', at, Math.min(at + 32, bytes.length)));
      whole.update(chunk ?? '');
      total += chunk?.length ?? 0;
    }
    if (total !== size || whole.digest('hex') !== digest)
      faults.add('blob', digest, `its chunks, as listed in ${key}, are not what was written`);
  }

  /** Each is named once, however many blobs need it. */
  async #readChunk(chunk: Digest): Promise<Buffer | undefined> {
    const { store, faults } = this.#context;
    const named = this.#chunks.get(chunk) === false;
    const bytes = await store
      .get(chunkKey(chunk))
      .then(valueBytes)
      .catch(() => undefined);
    const right = bytes !== undefined && sha256(bytes) === chunk;
    this.#chunks.set(chunk, right);
    if (!right && !named)
      faults.add(
        'chunk',
        chunkKey(chunk),
        bytes === undefined ? 'it is needed, but is not there' : 'it is not what was written',
      );
    return right ? bytes : undefined;
  }

  #compareIndex(pack: Digest, index: Buffer): void {
    const number = this.#consolidated?.packs.indexOf(pack) ?? -1;
    if (this.#consolidated === undefined || number === -1) return;
    const rows = packTable(index, number).rows();
    const own = rowTable(rows);
    for (let at = 0; at < rows.length; at += rowLength) {
      const digest = rows.toString('hex', at, at + 32);
      const listed = this.#consolidated.table.find(digest);
      if (listed === undefined) {
        this.#context.faults.add('index', packIndexKey, `it lacks blob ${digest} of ${packKey(pack)}`);
        return;
      }
      if (listed.pack !== number) continue;
      if (listed.offset === own.find(digest)?.offset && listed.size === own.find(digest)?.size) this.#confirmed += 1;
    }
  }
}

/** Entries that stand together, in pieces of up to 8 MiB. */
function* windows(entries: readonly PlacedEntry[]): Generator<readonly PlacedEntry[], void, undefined> {
  let window: PlacedEntry[] = [];
  let length = 0;
  for (const entry of entries) {
    const size = storedLength(entry.size);
    if (length + size > chunkSize && window.length > 0) {
      yield window;
      window = [];
      length = 0;
    }
    window.push(entry);
    length += size;
  }
  if (window.length > 0) yield window;
}
