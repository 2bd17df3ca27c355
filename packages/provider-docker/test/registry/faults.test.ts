import { getEventListeners } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '@bakehouse/core/provider';
import { describe, expect, test } from 'vitest';
import { createRegistryClient } from '../../src/registry/index.js';
import { cutAfter, startFakeRegistry, status, type Fault } from './fake-registry.js';
import { collect, failure, signal, urlOf, useFakeRegistry } from './harness.js';

const harness = useFakeRegistry();
const resolve = (options?: Parameters<typeof harness.client>[0], abort = signal) =>
  harness.client(options).resolve(`${harness.app}:1`, 'linux/amd64', abort);
const anImage = () => harness.registry.image('team/app', { tag: '1' });
const explained = JSON.stringify({ errors: [{ code: 'DENIED', message: 'not\u001b[31m for\nyou' }] });

describe('a status that is not success', () => {
  test('is tried again where it may pass: longer each time, with a spread', async () => {
    const image = anImage();
    harness.registry.faults.push(status(500), status(503), status(429), status(502));
    expect((await resolve()).manifestDigest).toBe(image.digest);
    expect(harness.sleeps).toEqual([250, 500, 1000, 2000]);
    harness.sleeps.length = 0;
    harness.registry.faults.push(status(500), status(504));
    let random = 0;
    await resolve({ random: () => (random = random === 0 ? 0.9 : 0) });
    expect(harness.sleeps[0]).toBeCloseTo(350);
    expect(harness.sleeps[1]).toBeCloseTo(250);
  });

  test('is tried again no sooner than the registry wants, in seconds or by a date', async () => {
    anImage();
    const now = Date.parse('2026-01-01T00:00:00Z');
    const date = 'Thu, 01 Jan 2026 00:00:30 GMT';
    harness.registry.faults.push(status(429, { 'retry-after': '7' }), status(503, { 'retry-after': date }));
    await resolve({ now: () => now });
    expect(harness.sleeps).toEqual([7000, 30_000]);
  });

  test('is not waited out where the registry wants very long', async () => {
    harness.registry.always = status(429, { 'retry-after': '3600' });
    const error = await failure(resolve());
    expect(error.code).toBe('ERR_BAKE_REGISTRY_RESPONSE');
    expect(error.hint).toContain('wait');
    expect(harness.sleeps).toEqual([]);
  });

  test('is an error when it does not pass, with what the registry said, fit for a terminal', async () => {
    harness.registry.always = status(500, {}, explained);
    const error = await failure(resolve());
    expect(error.code).toBe('ERR_BAKE_REGISTRY_RESPONSE');
    expect(error.message).toContain('HTTP 500: DENIED not [31m for you');
    expect(error.data).toEqual({ registry: harness.registry.address, repository: 'team/app', status: 500 });
    expect(harness.registry.requests).toHaveLength(5);
  });

  test('is an error at once where it will not pass', async () => {
    for (const [code, expected] of [
      [401, 'ERR_BAKE_REGISTRY_AUTH'],
      [403, 'ERR_BAKE_REGISTRY_AUTH'],
      [404, 'ERR_BAKE_BASE_UNKNOWN'],
      [400, 'ERR_BAKE_REGISTRY_RESPONSE'],
      [418, 'ERR_BAKE_REGISTRY_RESPONSE'],
      [501, 'ERR_BAKE_REGISTRY_RESPONSE'],
      [304, 'ERR_BAKE_REGISTRY_RESPONSE'],
    ] as const) {
      harness.registry.faults.push(status(code, {}, 'garbage'));
      expect((await failure(resolve())).code).toBe(expected);
    }
    expect(harness.sleeps).toEqual([]);
  });

  test('says how to log in', async () => {
    harness.registry.always = status(403, {}, explained);
    expect((await failure(resolve())).hint).toContain(`docker login ${harness.registry.address}`);
  });
});

describe('a registry that cannot be reached', () => {
  test('is tried a few times, then named', async () => {
    await harness.registry.stop();
    const error = await failure(resolve());
    expect(error.code).toBe('ERR_BAKE_REGISTRY_UNREACHABLE');
    expect(error.message).toContain(harness.registry.address);
    expect(error.message).toContain('ECONNREFUSED');
    expect(harness.sleeps).toHaveLength(4);
    harness.registry = await startFakeRegistry();
  });

  test('is one that does not speak HTTP', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('SSH-2.0-nothing\r\n');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const error = await failure(harness.client().resolve(`${address}/a/b`, 'linux/amd64', signal));
    expect(error.code).toBe('ERR_BAKE_REGISTRY_UNREACHABLE');
    server.close();
  });

  test('is spoken to with TLS only, unless it is on this machine', async () => {
    anImage();
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = (input) => {
      asked.push(urlOf(input).href);
      return Promise.reject(
        new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'EPROTO' }) }),
      );
    };
    for (const registry of ['registry.example.com', '10.0.0.1:5000', 'localhost.example.com:5000', 'debian'])
      await failure(harness.client({ fetch }).resolve(`${registry}/a`, 'linux/amd64', signal));
    expect(asked.every((url) => url.startsWith('https://'))).toBe(true);
    asked.length = 0;
    for (const registry of ['localhost:5000', '127.9.9.9', '[::1]:5000'])
      await failure(harness.client({ fetch }).resolve(`${registry}/a`, 'linux/amd64', signal));
    expect(new Set(asked.map((url) => new URL(url).protocol))).toEqual(new Set(['https:', 'http:']));
  });

  test('is not asked without TLS, nor again, where its certificate is not to be trusted', async () => {
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = (input) => {
      asked.push(urlOf(input).href);
      const cause = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
      return Promise.reject(new TypeError('fetch failed', { cause }));
    };
    const error = await failure(harness.client({ fetch }).resolve('localhost:5000/a', 'linux/amd64', signal));
    expect(error.code).toBe('ERR_BAKE_REGISTRY_UNREACHABLE');
    expect(error.hint).toContain('NODE_EXTRA_CA_CERTS');
    expect(asked).toHaveLength(1);
  });
});

describe('a connection on which nothing comes', () => {
  const stallTimeout = 200;
  const silent: Fault = () => undefined;

  test('counts as dead, before the answer and within it', async () => {
    const image = anImage();
    harness.registry.faults.push(silent);
    expect((await resolve({ stallTimeout })).manifestDigest).toBe(image.digest);
    harness.registry.always = (_request, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('{');
    };
    const error = await failure(resolve({ stallTimeout }));
    expect(error.code).toBe('ERR_BAKE_REGISTRY_UNREACHABLE');
    expect(error.message).toContain('sent nothing for 0.2 s');
  });

  test('lives as long as something comes, however slowly', async () => {
    const descriptor = harness.registry.blob('slowly and surely');
    harness.registry.faults.push((_request, response) => {
      void (async () => {
        for (const character of 'slowly and surely') {
          response.write(character);
          await sleep(40);
        }
        response.end();
      })();
    });
    const chunks = harness.client({ stallTimeout }).blob(harness.app, descriptor, signal);
    expect((await collect(chunks)).toString()).toBe('slowly and surely');
    expect(harness.registry.requests).toHaveLength(1);
  });

  test('is not blamed for a slow reader', async () => {
    const content = Buffer.alloc(3_000_000, 'x');
    const descriptor = harness.registry.blob(content);
    let size = 0;
    for await (const chunk of harness.client({ stallTimeout }).blob(harness.app, descriptor, signal)) {
      if (size === 0) await sleep(600);
      size += chunk.length;
    }
    expect(size).toBe(content.length);
    expect(harness.registry.requests).toHaveLength(1);
  });
});

describe('a redirect', () => {
  const password = Buffer.from('me:hunter22').toString('base64');

  test('to another host is followed without the credentials', async () => {
    const other = await startFakeRegistry();
    try {
      const descriptor = other.blob('far away');
      harness.registry.always = (request, response) => {
        if (request.headers['authorization'] === undefined)
          return void status(401, { 'www-authenticate': 'Basic realm="x"' })(request, response, undefined as never);
        response.writeHead(307, { location: `http://${other.address}/v2/x/blobs/${descriptor.digest}?signature=s` });
        response.end();
      };
      const dir = await mkdtemp(join(tmpdir(), 'bake-login-'));
      await writeFile(
        `${dir}/config.json`,
        JSON.stringify({ auths: { [harness.registry.address]: { auth: password } } }),
      );
      other.always = (_request, response) => void response.end('far away');
      const chunks = harness.client({ env: { DOCKER_CONFIG: dir } }).blob(harness.app, descriptor, signal);
      expect((await collect(chunks)).toString()).toBe('far away');
      expect(other.requests[0]?.headers['authorization']).toBeUndefined();
      expect(harness.registry.requests[1]?.headers['authorization']).toBe(`Basic ${password}`);
      await rm(dir, { recursive: true });
    } finally {
      await other.stop();
    }
  });

  test('on the same host is followed', async () => {
    const image = anImage();
    harness.registry.faults.push(status(302, { location: `/v2/team/app/manifests/${image.digest}` }));
    expect((await resolve()).manifestDigest).toBe(image.digest);
  });

  test('is not followed for ever', async () => {
    harness.registry.always = status(302, { location: '/v2/again' });
    expect((await failure(resolve())).message).toContain('redirects more than');
  });

  test('never leads from TLS to without, into files, or along with a password, and names no more than hosts', async () => {
    for (const location of [
      'http://example.com/?sig=hunter22',
      'file:///etc/passwd',
      'https://me:hunter22@example.com/',
      'https://[',
    ]) {
      const asked: string[] = [];
      const fetch: typeof globalThis.fetch = (input) => {
        asked.push(urlOf(input).origin);
        return Promise.resolve(new Response(null, { status: 307, headers: { location } }));
      };
      const error = await failure(harness.client({ fetch }).resolve('registry.example.com/a', 'linux/amd64', signal));
      expect(asked).toEqual(['https://registry.example.com']);
      expect(error.code).toBe('ERR_BAKE_REGISTRY_RESPONSE');
      expect(JSON.stringify([error.message, error.hint, error.data])).not.toContain('hunter22');
    }
  });

  test('to a host that refuses is asked for anew, and is no question of logging in', async () => {
    const other = await startFakeRegistry();
    try {
      other.always = status(403);
      harness.registry.always = status(307, { location: `http://${other.address}/expired` });
      const error = await failure(resolve());
      expect(error.code).toBe('ERR_BAKE_REGISTRY_RESPONSE');
      expect(harness.registry.requests).toHaveLength(5);
    } finally {
      await other.stop();
    }
  });
});

describe('an abort', () => {
  const aborting = (): AbortController => new AbortController();

  test('before anything asks nobody', async () => {
    expect((await failure(resolve({}, AbortSignal.abort()))).code).toBe('ERR_BAKE_ABORTED');
    expect(harness.registry.requests).toHaveLength(0);
  });

  test('ends the wait for an answer', async () => {
    const controller = aborting();
    harness.registry.always = () => void setTimeout(() => controller.abort(), 20);
    expect((await failure(resolve({}, controller.signal))).code).toBe('ERR_BAKE_ABORTED');
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  test('ends a download, and the connection with it', async () => {
    const controller = aborting();
    const descriptor = harness.registry.blob(Buffer.alloc(1_000_000));
    let closed: Promise<unknown> | undefined;
    harness.registry.always = (_request, response) => {
      closed = new Promise((done) => response.once('close', done));
      response.writeHead(200, { 'content-length': 1_000_000 });
      response.write(Buffer.alloc(1000));
    };
    const read = async () => {
      for await (const chunk of harness.client().blob(harness.app, descriptor, controller.signal))
        if (chunk.length > 0) controller.abort();
    };
    expect((await failure(read())).code).toBe('ERR_BAKE_ABORTED');
    await closed;
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  test('ends the wait before another try, with the real clock too', async () => {
    const controller = aborting();
    harness.registry.always = status(503, { 'retry-after': '30' });
    setTimeout(() => controller.abort(), 100);
    const client = createRegistryClient({ env: {}, run });
    const from = performance.now();
    expect((await failure(client.resolve(`${harness.app}:1`, 'linux/amd64', controller.signal))).code).toBe(
      'ERR_BAKE_ABORTED',
    );
    expect(performance.now() - from).toBeLessThan(5000);
  });

  test('is what leaving a download early does to its connection', async () => {
    const content = Buffer.alloc(50_000_000);
    const descriptor = harness.registry.blob(content);
    let closed: Promise<unknown> | undefined;
    harness.registry.faults.push((_request, response) => {
      closed = new Promise((done) => response.once('close', done));
      return false;
    });
    for await (const _chunk of harness.client().blob(harness.app, descriptor, signal)) break;
    await closed;
  });

  test('leaves nothing on the signal when all went well', async () => {
    const controller = aborting();
    const image = anImage();
    harness.registry.faults.push(cutAfter(3, Buffer.from('short')), status(500));
    await resolve({}, controller.signal);
    await collect(harness.client().blob(harness.app, image.layer, controller.signal));
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });
});
