import { isBakeError } from '@bakehouse/core/provider';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatReference, parseReference } from '../../src/registry/index.js';
import { credentialKey, hostOf, isLoopback, registryOfKey } from '../../src/registry/reference.js';

const hex = 'ab'.repeat(32);
const whole = (text: string): string => formatReference(parseReference(text));

describe('parseReference', () => {
  test('fills in what Docker fills in', () => {
    expect(
      Object.fromEntries(
        ['debian', 'debian:12', 'me/app', 'docker.io/debian', 'index.docker.io/me/app:1'].map((text) => [
          text,
          whole(text),
        ]),
      ),
    ).toEqual({
      debian: 'docker.io/library/debian:latest',
      'debian:12': 'docker.io/library/debian:12',
      'me/app': 'docker.io/me/app:latest',
      'docker.io/debian': 'docker.io/library/debian:latest',
      'index.docker.io/me/app:1': 'docker.io/me/app:1',
    });
  });

  test('knows a registry by its dot, its colon, its capitals, or as localhost', () => {
    for (const registry of [
      'ghcr.io',
      'host:5000',
      'localhost',
      'localhost:80',
      'Host',
      '127.0.0.1:5000',
      '[::1]:5000',
      '[::1]',
    ])
      expect(parseReference(`${registry}/a/b:1`)).toEqual({ registry, repository: 'a/b', tag: '1' });
    expect(parseReference('team/app').registry).toBe('docker.io');
  });

  test('takes a digest, with or without a tag', () => {
    expect(parseReference(`debian@sha256:${hex}`)).toEqual({
      registry: 'docker.io',
      repository: 'library/debian',
      digest: `sha256:${hex}`,
    });
    expect(parseReference(`h.io:1/a:12@sha256:${hex}`)).toEqual({
      registry: 'h.io:1',
      repository: 'a',
      tag: '12',
      digest: `sha256:${hex}`,
    });
  });

  test('allows the separators that repositories may have', () => {
    for (const path of ['a.b', 'a_b', 'a__b', 'a-b', 'a---b', 'a/b/c/d', '0'])
      expect(parseReference(`h.io/${path}`).repository).toBe(path);
  });

  test('refuses everything else, and says what it was', () => {
    const wrong = [
      '',
      ' ',
      'Debian',
      'debian:',
      'debian:-x',
      `debian:${'x'.repeat(129)}`,
      'a//b',
      '/a',
      'a/',
      'a..b',
      'a___b',
    ];
    wrong.push(
      '-a',
      'a-',
      'h.io/',
      'h.io:x/a',
      'h.io:123456/a',
      '-h.io/a',
      'h..io/a',
      '[::1/a',
      'a b',
      'a\nb',
      'a:1:2',
    );
    wrong.push(
      'a@',
      'a@sha256:ab',
      `a@sha256:${hex.toUpperCase()}`,
      `a@sha512:${hex}${hex}`,
      `a@sha256:${hex}@sha256:${hex}`,
    );
    wrong.push(
      hex,
      'https://h.io/a',
      'h.io/a?x',
      'h.io/a#x',
      'h.io/../a',
      'h.io/%2e/a',
      'me:pw@h.io/a',
      `h.io/${'a'.repeat(256)}`,
    );
    for (const text of wrong) {
      let thrown: unknown;
      try {
        parseReference(text);
      } catch (error) {
        thrown = error;
      }
      expect([text, isBakeError(thrown, 'ERR_BAKE_SELECTOR_INVALID')]).toEqual([text, true]);
    }
  });

  test('throws nothing else, whatever it is given, and reads again what it wrote', () => {
    const part = fc.string({
      unit: fc.constantFrom('a', '0', '.', '-', '_', '/', ':', '@', 'A', '[', ']', ' '),
      maxLength: 20,
    });
    fc.assert(
      fc.property(part, fc.constantFrom('', ':1', `@sha256:${hex}`), (name, suffix) => {
        try {
          const reference = parseReference(name + suffix);
          expect(parseReference(formatReference(reference))).toEqual(reference);
        } catch (error) {
          if (!isBakeError(error, 'ERR_BAKE_SELECTOR_INVALID')) throw error;
        }
      }),
      { numRuns: 5000 },
    );
  });
});

test('hosts and keys of Docker Hub are others than its name', () => {
  expect([hostOf('docker.io'), hostOf('ghcr.io')]).toEqual(['registry-1.docker.io', 'ghcr.io']);
  expect([credentialKey('docker.io'), credentialKey('h:1')]).toEqual(['https://index.docker.io/v1/', 'h:1']);
  for (const key of ['https://index.docker.io/v1/', 'docker.io', 'registry-1.docker.io'])
    expect(registryOfKey(key)).toBe('docker.io');
  for (const key of ['h:1', 'https://h:1', 'http://h:1/v2/']) expect(registryOfKey(key)).toBe('h:1');
});

test('only registries on this machine are on this machine', () => {
  for (const registry of ['localhost', 'localhost:5000', '127.0.0.1', '127.1.2.3:80', '[::1]', '[::1]:5000'])
    expect([registry, isLoopback(registry)]).toEqual([registry, true]);
  for (const registry of ['localhost.io', '10.0.0.1', '127.0.0.1.io', '128.0.0.1', '[::2]:1', 'docker.io'])
    expect([registry, isLoopback(registry)]).toEqual([registry, false]);
});
