import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Descriptor } from '../../src/registry/index.js';
import { cutAfter, digestOf, startFakeRegistry, status, type Fault } from './fake-registry.js';
import { collect, failure, signal, useFakeRegistry } from './harness.js';

const harness = useFakeRegistry();
const content = randomBytes(200_000);
const add = (): Descriptor => harness.registry.blob(content);
const read = (descriptor: Descriptor, abort = signal): Promise<Buffer> =>
  collect(harness.client().blob(harness.app, descriptor, abort));

describe('blob', () => {
  test('gives the very bytes, and asks that nothing recodes them', async () => {
    expect(content.equals(await read(add()))).toBe(true);
    expect(harness.registry.requests[0]?.headers['accept-encoding']).toBe('identity');
    expect((await read(harness.registry.blob(''))).length).toBe(0);
  });

  test('refuses a flipped byte', async () => {
    const descriptor = add();
    const flipped = Buffer.from(content);
    flipped.writeUInt8(flipped.readUInt8(1000) ^ 1, 1000);
    harness.registry.always = (_request, response) => void response.end(flipped);
    const error = await failure(read(descriptor));
    expect(error.code).toBe('ERR_BAKE_REGISTRY_DIGEST');
    expect(error.data).toEqual({ expected: descriptor.digest, found: digestOf(flipped) });
  });

  test('refuses fewer and more bytes than it has', async () => {
    const descriptor = add();
    for (const body of [content.subarray(1), Buffer.concat([content, Buffer.of(0)])]) {
      harness.registry.faults.push(status(200, { 'content-length': String(body.length) }, ''));
      harness.registry.faults[0] = (_request, response) => void response.end(body);
      expect((await failure(read(descriptor))).code).toBe('ERR_BAKE_REGISTRY_DIGEST');
      // Without a length, only the end tells.
      harness.registry.faults.push((_request, response) => {
        response.write(body.subarray(0, 10));
        response.end(body.subarray(10));
      });
      expect((await failure(read(descriptor))).code).toBe('ERR_BAKE_REGISTRY_DIGEST');
    }
  });

  test('refuses a wrong length before it reads on', async () => {
    harness.registry.faults.push((_request, response) => {
      response.writeHead(200, { 'content-length': content.length + 7 });
      response.write(content);
    });
    const error = await failure(read(add()));
    expect(error.code).toBe('ERR_BAKE_REGISTRY_DIGEST');
    expect(error.message).toContain(`${content.length + 7} bytes`);
  });

  test('goes on where a broken connection was', async () => {
    harness.registry.faults.push(cutAfter(50_000, content), undefined);
    expect(content.equals(await read(add()))).toBe(true);
    const [, again] = harness.registry.requests;
    expect(String(again?.headers['range'])).toMatch(/^bytes=[1-9]\d*-$/);
    expect(harness.sleeps).toHaveLength(1);
  });

  test('goes on too where the registry knows no ranges', async () => {
    harness.registry.faults.push(cutAfter(50_000, content), (_request, response) => void response.end(content));
    expect(content.equals(await read(add()))).toBe(true);
  });

  test('refuses another range than it asked for', async () => {
    harness.registry.faults.push(cutAfter(50_000, content), (_request, response) => {
      response.writeHead(206, { 'content-range': `bytes 7-${content.length - 1}/${content.length}` });
      response.end(content.subarray(7));
    });
    expect((await failure(read(add()))).code).toBe('ERR_BAKE_REGISTRY_RESPONSE');
  });

  test('gives up on a connection that breaks every time', async () => {
    harness.registry.always = (request, response, raw) => cutAfter(100, content)(request, response, raw);
    const error = await failure(read(add()));
    expect(error.code).toBe('ERR_BAKE_REGISTRY_UNREACHABLE');
    expect(harness.registry.requests).toHaveLength(5);
  });

  test('is gone', async () => {
    const error = await failure(read({ ...add(), digest: digestOf('other') }));
    expect(error.code).toBe('ERR_BAKE_BASE_UNKNOWN');
    expect(error.data).toEqual({ reference: `${harness.app}:latest` });
  });
});

describe('blob of a layer that may not be distributed', () => {
  const foreign = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';
  const elsewhere = async (body: Uint8Array, use: (url: string, answer: (fault: Fault) => void) => Promise<void>) => {
    const other = await startFakeRegistry();
    other.always = (_request, response) => void response.end(body);
    try {
      await use(`http://${other.address}/layer`, (fault) => (other.always = fault));
      expect(other.requests.every(({ headers }) => headers['authorization'] === undefined)).toBe(true);
    } finally {
      await other.stop();
    }
  };
  const missing = (mediaType: string, urls: readonly string[]): Descriptor => ({
    mediaType,
    digest: digestOf(content),
    size: content.length,
    urls,
  });

  test('comes from its urls, the first that has it', async () => {
    await elsewhere(content, async (url) => {
      const descriptor = missing(foreign, ['ftp://example.invalid/layer', url]);
      expect(content.equals(await read(descriptor))).toBe(true);
    });
  });

  test('comes from the registry where that has it', async () => {
    await elsewhere(Buffer.from('unused'), async (url) => {
      expect(content.equals(await read({ ...add(), mediaType: foreign, urls: [url] }))).toBe(true);
    });
  });

  test('is checked as any other', async () => {
    await elsewhere(Buffer.alloc(content.length), async (url) => {
      expect((await failure(read(missing(foreign, [url])))).code).toBe('ERR_BAKE_REGISTRY_DIGEST');
    });
  });

  test('leads to no urls where it is an ordinary layer', async () => {
    await elsewhere(content, async (url) => {
      const layer = 'application/vnd.oci.image.layer.v1.tar+gzip';
      expect((await failure(read(missing(layer, [url])))).code).toBe('ERR_BAKE_BASE_UNKNOWN');
    });
  });
});
