import { expect, test } from 'vitest';
import { docker, provider } from '@bakehouse/provider-docker';

test.each([
  ['scratch', 'scratch', { kind: 'scratch' }],
  ['debian:12', 'docker.io/library/debian:12', { kind: 'registry' }],
  ['team/app', 'docker.io/team/app:latest', { kind: 'registry' }],
  ['localhost/app:1', 'localhost/app:1', { kind: 'registry' }],
  ['127.0.0.1:5000/a/b:1', '127.0.0.1:5000/a/b:1', { kind: 'registry' }],
  [`debian@sha256:${'0'.repeat(64)}`, `docker.io/library/debian@sha256:${'0'.repeat(64)}`, { kind: 'registry' }],
  ['oci:./base', 'oci:./base', { kind: 'oci', path: './base' }],
  ['oci:base:v1', 'oci:base:v1', { kind: 'oci', path: 'base', reference: 'v1' }],
  [
    `oci:base@sha256:${'a'.repeat(64)}`,
    `oci:base@sha256:${'a'.repeat(64)}`,
    { kind: 'oci', path: 'base', reference: `sha256:${'a'.repeat(64)}` },
  ],
  ['archive:b.tar:debian:12', 'archive:b.tar:debian:12', { kind: 'archive', path: 'b.tar', reference: 'debian:12' }],
  ['rootfs:r.tar.gz', 'rootfs:r.tar.gz', { kind: 'rootfs', path: 'r.tar.gz' }],
])('%s is understood', (text, key, value) => {
  expect(provider.parseSelector(text)).toMatchObject({ key, value });
});

test.each([12, null, {}, '', 'debian', 'upper/CASE:1', 'a b:1', 'oci:', 'rootfs:', 'http://x/y', 'a:b:c/d', 'a//b'])(
  '%j is malformed',
  (input) => {
    expect(() => provider.parseSelector(input)).toThrow(expect.objectContaining({ code: 'ERR_BAKE_SELECTOR_INVALID' }));
  },
);

test('options are checked all at once', () => {
  expect(provider.parseOptions({ registry: 'registry.example.com:5000/shop' })).toEqual({
    registry: 'registry.example.com:5000/shop',
  });
  expect(() => provider.parseOptions({ registry: 'https://X', colour: 'red' })).toThrow(/colour.*registry/);
  expect(() => provider.parseOptions([])).toThrow(expect.objectContaining({ code: 'ERR_BAKE_PROVIDER_OPTIONS' }));
});

test('the helper only adds the package', () => {
  expect(docker({ registry: 'r.example/x', platform: 'linux/arm64' })).toEqual({
    use: '@bakehouse/provider-docker',
    registry: 'r.example/x',
    platform: 'linux/arm64',
  });
});

test.each([
  [{ steps: [{ copy: 'a', to: '/a' }] }, 'assembler'],
  [{}, 'assembler'],
  [{ steps: [{ run: 'true' }] }, 'engine'],
  [{ dockerfile: 'Dockerfile' }, 'engine'],
  [{ steps: [{ ansible: {} }] }, 'packer'],
  [{ packer: 'x.pkr.hcl' }, 'packer'],
])('%j is done by the %s', (image, engine) => {
  expect(provider.engines.find((one) => one.supports(image))?.name).toBe(engine);
});
