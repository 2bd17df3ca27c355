import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decompress } from '../../src/registry/index.js';
import { collect, failure } from './harness.js';

const oci = 'application/vnd.oci.image.layer';
const docker = 'application/vnd.docker.image.rootfs';
const tar = Buffer.from('as good as a tar '.repeat(10_000));

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield await Promise.resolve(bytes.subarray(at, at + 1000));
}

test('gzip is unpacked, also in several members', async () => {
  const gzip = Buffer.concat([gzipSync(tar.subarray(0, 5000)), gzipSync(tar.subarray(5000))]);
  for (const type of [`${oci}.v1.tar+gzip`, `${oci}.nondistributable.v1.tar+gzip`, `${docker}.diff.tar.gzip`])
    expect(tar.equals(await collect(decompress(type, pieces(gzip))))).toBe(true);
});

test('a plain tar is passed on', async () => {
  for (const type of [`${oci}.v1.tar`, `${docker}.diff.tar`, `${docker}.foreign.diff.tar`])
    expect(tar.equals(await collect(decompress(type, pieces(tar))))).toBe(true);
});

test('zstd, and what is no layer, is refused before a byte is read', async () => {
  for (const type of [`${oci}.v1.tar+zstd`, `${docker}.diff.tar.zstd`, 'application/json', `${oci}.v1.tar+encrypted`]) {
    const error = await failure(collect(decompress(type, pieces(tar))));
    expect(error.code).toBe('ERR_BAKE_BASE_INVALID');
    expect(error.message).toContain(type);
  }
});

test('damaged and cut gzip is refused', async () => {
  for (const bytes of [tar, gzipSync(tar).subarray(0, 100)])
    expect((await failure(collect(decompress(`${oci}.v1.tar+gzip`, pieces(bytes))))).code).toBe(
      'ERR_BAKE_BASE_INVALID',
    );
});

test('an error of the source stays what it is', async () => {
  const broken = new Error('broken');
  async function* source(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(gzipSync(tar).subarray(0, 50));
    throw broken;
  }
  await expect(collect(decompress(`${oci}.v1.tar+gzip`, source()))).rejects.toBe(broken);
});

test('leaving early ends the source', async () => {
  let ended = false;
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield await Promise.resolve(gzipSync(tar));
    } finally {
      ended = true;
    }
  }
  for await (const _chunk of decompress(`${oci}.v1.tar+gzip`, source())) break;
  await new Promise((done) => setTimeout(done, 50));
  expect(ended).toBe(true);
});
