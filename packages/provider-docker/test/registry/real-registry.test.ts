// The client against a real registry, filled by a program that is not ours.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { run as runProcess } from '@bakehouse/core/provider';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRegistryClient } from '../../src/registry/index.js';
import { e2eSuite, run, startRegistry, temporary, type Registry } from '../../../../test/e2e/engines.js';
import { digestOf, ociConfig, ociIndex, ociLayer, ociManifest } from './fake-registry.js';
import { collect, failure, signal } from './harness.js';

const login = { user: 'me', password: 'correct-horse' };
const platforms = ['amd64', 'arm64'];
/** Not a tar; registries and skopeo never look inside a layer. */
const contentFor = (architecture: string): string => `layer for ${architecture}\n`.repeat(50_000);

/** Writes an OCI layout with an index of one image for each platform, tagged `multi`. */
async function writeLayout(dir: string): Promise<void> {
  await mkdir(join(dir, 'blobs/sha256'), { recursive: true });
  const blob = async (content: Uint8Array | string, mediaType: string) => {
    const digest = digestOf(content);
    await writeFile(join(dir, 'blobs/sha256', digest.slice('sha256:'.length)), content);
    return { mediaType, digest, size: Buffer.byteLength(content) };
  };
  const manifests: object[] = [];
  for (const architecture of platforms) {
    const content = contentFor(architecture);
    const rootfs = { type: 'layers', diff_ids: [digestOf(content)] };
    const config = await blob(JSON.stringify({ os: 'linux', architecture, config: {}, rootfs }), ociConfig);
    const layers = [await blob(gzipSync(content), ociLayer)];
    const text = JSON.stringify({ schemaVersion: 2, mediaType: ociManifest, config, layers });
    manifests.push({ ...(await blob(text, ociManifest)), platform: { os: 'linux', architecture } });
  }
  const index = await blob(JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests }), ociIndex);
  const named = { ...index, annotations: { 'org.opencontainers.image.ref.name': 'multi' } };
  await writeFile(join(dir, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
  await writeFile(join(dir, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}

e2eSuite('a real registry', ['docker-registry', 'skopeo'], () => {
  let dir: string;
  let remove: () => Promise<void>;
  let open: Registry;
  let closed: Registry;
  const skopeo = async (args: readonly string[]) => (await run('skopeo', ['--insecure-policy', ...args])).stdout;
  const copy = (to: string, ...options: string[]) =>
    skopeo(['copy', '--quiet', '--dest-tls-verify=false', ...options, `oci:${dir}/layout:multi`, `docker://${to}`]);
  const client = (env: Readonly<Record<string, string>> = {}) => createRegistryClient({ env, run: runProcess });
  const inspect = (reference: string) => skopeo(['inspect', '--raw', '--tls-verify=false', `docker://${reference}`]);

  beforeAll(async () => {
    ({ dir, remove } = await temporary('bake-registry-client'));
    await writeLayout(join(dir, 'layout'));
    open = await startRegistry();
    closed = await startRegistry({ htpasswd: login });
    await copy(`${open.address}/team/app:multi`, '--all');
    await copy(`${open.address}/team/app:docker`, '--format=v2s2', '--override-arch=arm64');
    await copy(`${closed.address}/team/app:multi`, '--all', `--dest-creds=${login.user}:${login.password}`);
  });
  afterAll(async () => {
    await open?.stop();
    await closed?.stop();
    await remove?.();
  });

  test('gives an image of each platform, whole', async () => {
    for (const architecture of platforms) {
      const reader = client();
      const found = await reader.resolve(`${open.address}/team/app:multi`, `linux/${architecture}`, signal);
      const manifest = await reader.manifest(found.reference, signal);
      expect(await inspect(found.reference)).toBe(Buffer.from(manifest.bytes).toString());
      const [layer] = manifest.layers;
      if (layer === undefined) throw new Error('no layer');
      const stored = await collect(reader.blob(found.reference, layer, signal));
      const content = layer.mediaType.endsWith('gzip') ? gunzipSync(stored) : stored;
      expect(content.toString()).toBe(contentFor(architecture));
      const config = (await collect(reader.blob(found.reference, manifest.config, signal))).toString();
      expect(digestOf(config)).toBe(found.configDigest);
      expect(JSON.parse(config)).toMatchObject({ architecture });
    }
  });

  test("gives an image in Docker's own format, and knows its platform from its configuration", async () => {
    const reference = `${open.address}/team/app:docker`;
    const found = await client().resolve(reference, 'linux/arm64', signal);
    expect(found.manifestDigest).toBe(digestOf(await inspect(reference)));
    expect((await failure(client().resolve(reference, 'linux/amd64', signal))).code).toBe('ERR_BAKE_BASE_PLATFORM');
  });

  test('does not have what is not there', async () => {
    for (const name of ['team/app:gone', 'team/gone:1', `team/app@${digestOf('gone')}`]) {
      const error = await failure(client().resolve(`${open.address}/${name}`, 'linux/amd64', signal));
      expect(error.code).toBe('ERR_BAKE_BASE_UNKNOWN');
      expect(error.message).toContain(name);
    }
  });

  test('wants a password, which docker login left in config.json', async () => {
    const reference = `${closed.address}/team/app:multi`;
    const config = join(dir, 'docker');
    await mkdir(config);
    const file = `${config}/config.json`;
    const credentials = ['--username', login.user, '--password', login.password];
    expect((await failure(client().resolve(reference, 'linux/amd64', signal))).code).toBe('ERR_BAKE_REGISTRY_AUTH');
    await run('skopeo', ['login', `--authfile=${file}`, '--tls-verify=false', ...credentials, closed.address]);
    const found = await client({ DOCKER_CONFIG: config }).resolve(reference, 'linux/amd64', signal);
    expect(found.reference).toMatch(new RegExp(`^${closed.address}/team/app@sha256:`));
    const text = await readFile(file, 'utf8');
    const wrong = Buffer.from(`${login.user}:wrong`).toString('base64');
    await writeFile(file, text.replace(/"auth": "[^"]+"/, `"auth": "${wrong}"`));
    const error = await failure(client({ DOCKER_CONFIG: config }).resolve(reference, 'linux/amd64', signal));
    expect(error.code).toBe('ERR_BAKE_REGISTRY_AUTH');
    await rm(config, { recursive: true });
  });

  test('serves a flipped byte as if nothing were wrong, which is noticed', async () => {
    const reader = client();
    const found = await reader.resolve(`${open.address}/team/app:multi`, 'linux/amd64', signal);
    const { layers } = await reader.manifest(found.reference, signal);
    const [layer] = layers;
    if (layer === undefined) throw new Error('no layer');
    const hex = layer.digest.slice('sha256:'.length);
    const file = join(open.storage, 'docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data');
    const bytes = await readFile(file);
    bytes.writeUInt8(bytes.readUInt8(30) ^ 1, 30);
    await writeFile(file, bytes);
    const error = await failure(collect(reader.blob(found.reference, layer, signal)));
    expect(error.code).toBe('ERR_BAKE_REGISTRY_DIGEST');
    expect(error.data['expected']).toBe(layer.digest);
    await writeFile(file, bytes.subarray(0, 20));
    expect((await failure(collect(reader.blob(found.reference, layer, signal)))).code).toBe('ERR_BAKE_REGISTRY_DIGEST');
  });
});
