import { describe, expect, test } from 'vitest';
import {
  digestOf,
  dockerList,
  dockerManifest,
  ociConfig,
  ociIndex,
  ociManifest,
  status,
  type ImageOptions,
} from './fake-registry.js';
import { failure, signal, useFakeRegistry } from './harness.js';

const harness = useFakeRegistry();
const platformOf = ({ os = 'linux', architecture = 'amd64', variant }: ImageOptions) => ({ os, architecture, variant });

/** An index of images for these platforms, each with other content. */
function indexOf(platforms: readonly ImageOptions[], mediaType?: string) {
  const images = platforms.map((platform) => {
    const image = harness.registry.image('team/app', { ...platform, content: JSON.stringify(platform) });
    return { ...image, platform: platformOf(platform) };
  });
  const entries = images.map(({ mediaType, digest, size, platform }) => ({ mediaType, digest, size, platform }));
  return { images, index: harness.registry.index('team/app', 'multi', entries, mediaType) };
}

describe('resolve', () => {
  test('gives config, manifest, and a reference that leads to the same without the tag', async () => {
    const image = harness.registry.image('team/app', { tag: '1.2' });
    const client = harness.client();
    const found = await client.resolve(`${harness.app}:1.2`, 'linux/amd64', signal);
    expect(found).toEqual({
      configDigest: image.config.digest,
      manifestDigest: image.digest,
      reference: `${harness.app}@${image.digest}`,
    });
    harness.registry.image('team/app', { tag: '1.2', content: 'moved' });
    expect(await client.resolve(found.reference, 'linux/amd64', signal)).toEqual(found);
  });

  test('asks for all kinds of manifests, as Docker itself and as OCI', async () => {
    harness.registry.image('team/app', { tag: 'latest', docker: true });
    await harness.client().resolve(harness.app, 'linux/amd64', signal);
    for (const type of [ociManifest, ociIndex, dockerManifest, dockerList])
      expect(harness.registry.requests[0]?.headers['accept']).toContain(type);
  });

  test('takes the platform asked for from an index, of OCI or of Docker', async () => {
    const platforms = [{ architecture: 'arm64' }, { architecture: 'amd64' }, { os: 'windows' }];
    for (const mediaType of [ociIndex, dockerList]) {
      const { images, index } = indexOf(platforms, mediaType);
      const found = await harness.client().resolve(`${harness.app}@${index.digest}`, 'linux/amd64', signal);
      expect(found.configDigest).toBe(images[1]?.config.digest);
      expect(found.manifestDigest).toBe(images[1]?.digest);
    }
  });

  test('takes the nearest older variant, never another architecture', async () => {
    const { images } = indexOf([
      { architecture: 'arm', variant: 'v5' },
      { architecture: 'arm', variant: 'v6' },
    ]);
    const client = harness.client();
    const found = await client.resolve(`${harness.app}:multi`, 'linux/arm/v7', signal);
    expect(found.manifestDigest).toBe(images[1]?.digest);
    expect((await failure(client.resolve(`${harness.app}:multi`, 'linux/arm64', signal))).code).toBe(
      'ERR_BAKE_BASE_PLATFORM',
    );
  });

  test('lists what there is where the platform is not among it, attestations left out', async () => {
    const { images } = indexOf([{ architecture: 'arm64', variant: 'v8' }, { architecture: 's390x' }]);
    const [first] = images;
    const attestation = {
      mediaType: ociManifest,
      digest: first?.digest,
      size: first?.size,
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    };
    const entries = images.map(({ mediaType, digest, size, platform }) => ({ mediaType, digest, size, platform }));
    harness.registry.index('team/app', 'attested', [...entries, attestation]);
    const error = await failure(harness.client().resolve(`${harness.app}:attested`, 'linux/amd64', signal));
    expect(error.code).toBe('ERR_BAKE_BASE_PLATFORM');
    expect(error.message).toContain('linux/arm64/v8, linux/s390x');
    expect(error.data).toEqual({ platform: 'linux/amd64', available: ['linux/arm64/v8', 'linux/s390x'] });
  });

  test('looks into the configuration where nothing else says the platform', async () => {
    const other = harness.registry.image('team/app', { architecture: 'arm64', content: 'arm' });
    const wanted = harness.registry.image('team/app', { content: 'amd' });
    const entries = [other, wanted].map(({ mediaType, digest, size }) => ({ mediaType, digest, size }));
    harness.registry.index('team/app', 'unnamed', entries);
    const client = harness.client();
    expect((await client.resolve(`${harness.app}:unnamed`, 'linux/amd64', signal)).manifestDigest).toBe(wanted.digest);
    const error = await failure(client.resolve(`${harness.app}@${other.digest}`, 'linux/amd64', signal));
    expect(error.code).toBe('ERR_BAKE_BASE_PLATFORM');
    expect(error.data['available']).toEqual(['linux/arm64']);
  });

  test('goes into an index within an index, but not for ever', async () => {
    const { images, index } = indexOf([{ architecture: 'amd64' }]);
    harness.registry.index('team/app', 'nested', [{ mediaType: ociIndex, digest: index.digest, size: index.size }]);
    const client = harness.client();
    const found = await client.resolve(`${harness.app}:nested`, 'linux/amd64', signal);
    expect(found.manifestDigest).toBe(images[0]?.digest);
    let inner = index;
    for (let depth = 0; depth < 6; depth++)
      inner = harness.registry.index('team/app', 'deep', [
        { mediaType: ociIndex, digest: inner.digest, size: inner.size },
      ]);
    expect((await failure(client.resolve(`${harness.app}:deep`, 'linux/amd64', signal))).code).toBe(
      'ERR_BAKE_BASE_INVALID',
    );
  });

  test('says so of an index without images', async () => {
    harness.registry.index('team/app', 'empty', []);
    const error = await failure(harness.client().resolve(`${harness.app}:empty`, 'linux/amd64', signal));
    expect(error.code).toBe('ERR_BAKE_BASE_INVALID');
  });

  test('refuses a malformed reference and a malformed platform before it asks anyone', async () => {
    const client = harness.client();
    expect((await failure(client.resolve('Not A Reference', 'linux/amd64', signal))).code).toBe(
      'ERR_BAKE_SELECTOR_INVALID',
    );
    expect((await failure(client.resolve(harness.app, 'linux', signal))).code).toBe('ERR_BAKE_BASE_PLATFORM');
    expect(harness.registry.requests).toHaveLength(0);
  });
});

describe('manifest', () => {
  const manifestOf = (document: unknown, contentType?: string) => {
    harness.registry.manifest('team/app', 'odd', document, contentType);
    return failure(harness.client().manifest(`${harness.app}:odd`, signal));
  };

  test('gives config, layers and the very bytes', async () => {
    const image = harness.registry.image('team/app', { tag: '1' });
    const manifest = await harness.client().manifest(`${harness.app}:1`, signal);
    expect(digestOf(manifest.bytes)).toBe(image.digest);
    expect(manifest).toMatchObject({ digest: image.digest, config: image.config, layers: [image.layer] });
  });

  test('refuses other bytes than those of the digest, also of one that the registry itself names', async () => {
    const image = harness.registry.image('team/app', { tag: '1' });
    const other = JSON.stringify({ schemaVersion: 2 });
    const client = harness.client();
    harness.registry.faults.push(status(200, { 'content-type': ociManifest }, other));
    const byDigest = await failure(client.manifest(`${harness.app}@${image.digest}`, signal));
    expect(byDigest.code).toBe('ERR_BAKE_REGISTRY_DIGEST');
    expect(byDigest.data).toEqual({ expected: image.digest, found: digestOf(other) });
    harness.registry.faults.push(status(200, { 'docker-content-digest': image.digest }, other));
    expect((await failure(client.manifest(`${harness.app}:1`, signal))).code).toBe('ERR_BAKE_REGISTRY_DIGEST');
  });

  test('refuses an index', async () => {
    indexOf([{}]);
    expect((await failure(harness.client().manifest(`${harness.app}:multi`, signal))).code).toBe(
      'ERR_BAKE_BASE_INVALID',
    );
  });

  test('refuses schema 1 by name', async () => {
    const signed = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
    for (const error of [
      await manifestOf({ schemaVersion: 1, fsLayers: [] }, 'application/json'),
      await manifestOf({ schemaVersion: 2, config: {}, layers: [] }, signed),
    ]) {
      expect(error.code).toBe('ERR_BAKE_BASE_INVALID');
      expect(error.message).toContain('schema 1');
    }
  });

  test('refuses what is no image, or could be read as two things', async () => {
    const config = harness.registry.blob('{}', ociConfig);
    const chart = harness.registry.blob('{}', 'application/vnd.cncf.helm.config.v1+json');
    const documents: readonly unknown[] = [
      'no JSON',
      '[]',
      {},
      { schemaVersion: 2, config, layers: [], manifests: [] },
      { schemaVersion: 2, mediaType: ociIndex, config, layers: [] },
      { schemaVersion: 2, config: chart, layers: [] },
      { schemaVersion: 2, config },
      { schemaVersion: 2, config: { ...config, digest: 'sha512:00' }, layers: [] },
      { schemaVersion: 2, config: { ...config, size: -1 }, layers: [] },
      { schemaVersion: 2, config, layers: [null] },
    ];
    for (const document of documents) expect((await manifestOf(document)).code).toBe('ERR_BAKE_BASE_INVALID');
    expect((await manifestOf({ schemaVersion: 2, config, layers: [] }, ociIndex)).code).toBe('ERR_BAKE_BASE_INVALID');
  });

  test('takes an image from a registry that does not know its type', async () => {
    const config = harness.registry.blob('{}', ociConfig);
    harness.registry.manifest(
      'team/app',
      'plain',
      { schemaVersion: 2, config, layers: [] },
      'text/plain; charset=utf-8',
    );
    expect((await harness.client().manifest(`${harness.app}:plain`, signal)).config).toEqual(config);
  });

  test('reads no more than 4 MiB', async () => {
    const error = await manifestOf(`{"x":"${'x'.repeat(4 * 1024 * 1024)}"}`);
    expect(error.code).toBe('ERR_BAKE_REGISTRY_RESPONSE');
    expect(error.message).toContain('4194304');
  });

  test('does not exist', async () => {
    const error = await failure(harness.client().manifest(`${harness.app}:gone`, signal));
    expect(error.code).toBe('ERR_BAKE_BASE_UNKNOWN');
    expect(error.message).toContain(`${harness.app}:gone`);
    expect(error.data).toEqual({ reference: `${harness.app}:gone` });
  });
});
