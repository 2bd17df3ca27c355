import { createServer, type RequestListener } from 'node:http';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { fetchInputs, type FetchedFile } from '../../src/build/fetch.js';
import { sha256 } from '../../src/plan/digest.js';
import { aPlan } from '../../src/testing/index.js';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const body = 'the tool';
const digest = sha256(body);

/** Downloads one file from a server that answers as told, and says what is left in the folder. */
async function download(
  listener: RequestListener,
  stored: readonly string[] = [],
): Promise<{ fetched: Promise<readonly FetchedFile[]>; left: () => string[] }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'bakehouse-'));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/tool`;
  const plan = aPlan({
    identity: { steps: [{ kind: 'fetch', sha256: digest, to: '/tool' }] },
    steps: [{ name: 'fetch', url }],
  });
  const blobs = {
    missing: async (digests: Iterable<string>) => new Set([...digests].filter((each) => !stored.includes(each))),
    write: async () => ({ blobs: 0, bytes: 0 }),
    read: () => Promise.reject(new Error('not asked for')),
  };
  const signal = new AbortController().signal;
  const fetched = fetchInputs(plan, { folder, blobs, signal, sleep: async () => {} });
  return { fetched, left: () => readdirSync(folder) };
}

it('keeps a download under its digest', async () => {
  const { fetched, left } = await download((_request, response) => void response.end(body));
  expect(await fetched).toMatchObject([{ digest, size: body.length }]);
  expect(left()).toEqual([digest]);
});

it('asks nobody for what the catalog has: the url may be dead', async () => {
  let asked = 0;
  const { fetched } = await download(() => void asked++, [digest]);
  expect(await fetched).toEqual([]);
  expect(asked).toBe(0);
});

it('refuses other bytes than were promised, and keeps none of them', async () => {
  const { fetched, left } = await download((_request, response) => void response.end('the t00l'));
  await expect(fetched).rejects.toMatchObject({ code: 'ERR_BAKE_FETCH_DIGEST', data: { expected: digest } });
  expect(left()).toEqual([]);
});

it('tries again when the server has a bad moment', async () => {
  let asked = 0;
  const { fetched } = await download((_request, response) => {
    response.statusCode = ++asked < 3 ? 503 : 200;
    response.end(body);
  });
  expect(await fetched).toHaveLength(1);
  expect(asked).toBe(3);
});

it('gives up at once where trying again cannot help', async () => {
  let asked = 0;
  const { fetched } = await download((_request, response) => {
    asked++;
    response.statusCode = 404;
    response.end();
  });
  await expect(fetched).rejects.toMatchObject({ code: 'ERR_BAKE_FETCH_FAILED', data: { status: 404 } });
  expect(asked).toBe(1);
});

it('fails when the connection breaks in the middle, and keeps nothing', async () => {
  const { fetched, left } = await download((_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half');
    setImmediate(() => response.destroy());
  });
  await expect(fetched).rejects.toMatchObject({ code: 'ERR_BAKE_FETCH_FAILED' });
  expect(left()).toEqual([]);
});
