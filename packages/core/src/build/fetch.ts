import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Blobs } from '../catalog/types.js';
import { BakeError, isBakeError } from '../errors/bake-error.js';
import { writeError } from '../files/atomic.js';
import type { Digest } from '../plan/digest.js';
import type { Plan } from '../plan/types.js';
import type { SnapshotFile } from '../tree/types.js';

/** A download on this machine; bytes are checked again whenever it is read. */
export type FetchedFile = SnapshotFile;

export interface FetchOptions {
  /** Where downloads are put, named by digest. */
  readonly folder: string;
  readonly blobs: Blobs;
  readonly signal: AbortSignal;
  /** Waits between attempts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

const attempts = 3;

/** Downloads what the plan's `fetch` steps need and the catalog does not have. */
export async function fetchInputs(plan: Plan, options: FetchOptions): Promise<readonly FetchedFile[]> {
  const wanted = plan.identity.steps.flatMap((step, index) =>
    step.kind === 'fetch' ? [{ digest: step.sha256, url: plan.steps[index]?.url ?? '' }] : [],
  );
  if (wanted.length === 0) return [];
  const missing = await options.blobs.missing(wanted.map(({ digest }) => digest));
  const fetched: FetchedFile[] = [];
  for (const { digest, url } of wanted) {
    if (missing.has(digest)) fetched.push(await fetchOne(url, digest, options));
  }
  return fetched;
}

async function fetchOne(url: string, digest: Digest, options: FetchOptions): Promise<FetchedFile> {
  const file = join(options.folder, digest);
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) {
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    await withRetries(url, options, () => download(url, digest, file, options.signal));
  }
  const { size } = found ?? (await stat(file));
  return { path: digest, source: file, mode: '0644', size, digest };
}

/** Downloads beside the place, checks, and only then renames into place. */
async function download(url: string, digest: Digest, file: string, signal: AbortSignal): Promise<void> {
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const response = await fetch(url, { signal, redirect: 'follow' });
    if (!response.ok || response.body === null) {
      const transient = response.status >= 500 || response.status === 429;
      throw failed(url, `the server answered ${response.status}`, { status: response.status, transient });
    }
    const hash = createHash('sha256');
    const hashing = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(Readable.fromWeb(response.body), hashing, createWriteStream(temporary, { mode: 0o600 }), { signal });
    const actual = hash.digest('hex');
    if (actual !== digest) {
      throw new BakeError('ERR_BAKE_FETCH_DIGEST', `${url} has sha256 ${actual}, not ${digest}`, {
        data: { url, expected: digest, actual },
      });
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    if (isBakeError(error) || signal.aborted) throw error;
    const known = writeError(error, file);
    throw isBakeError(known) ? known : failed(url, reasonOf(error), { transient: true }, error);
  }
}

async function withRetries(url: string, { signal, sleep }: FetchOptions, work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      const transient = isBakeError(error, 'ERR_BAKE_FETCH_FAILED') && error.data['transient'] === true;
      if (!transient || attempt === attempts || !/^https?:/.test(url)) throw error;
      await sleep(2 ** attempt * 250, signal);
    }
  }
}

function failed(url: string, why: string, data: Record<string, number | boolean>, cause?: unknown): BakeError {
  return new BakeError('ERR_BAKE_FETCH_FAILED', `could not download ${url}: ${why}`, {
    hint: 'Check the address and the network.',
    data: { url, ...data },
    cause,
  });
}

/** What Node's fetch hides in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
