import { isBakeError } from '@bakehouse/core/provider';
import { expect, test } from 'vitest';
import { parsePlatform, platformDistance } from '../../src/registry/platform.js';

const distance = (wanted: string, found: string): number | undefined => {
  const [os = '', architecture = '', variant] = found.split('/');
  return platformDistance(parsePlatform(wanted), { os, architecture, ...(variant === undefined ? {} : { variant }) });
};

test('what containerd takes for one and the same is one and the same', () => {
  for (const [wanted, found] of [
    ['linux/amd64', 'linux/amd64'],
    ['linux/amd64', 'linux/amd64/v1'],
    ['linux/x86_64', 'linux/amd64'],
    ['linux/arm64', 'linux/arm64/v8'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/aarch64', 'linux/arm64/8'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/v7', 'linux/arm'],
    ['linux/arm/7', 'linux/arm/v7'],
    ['linux/armhf', 'linux/arm/v7'],
    ['linux/armel', 'linux/arm/v6'],
    ['Linux/AMD64', 'linux/amd64'],
  ] as const)
    expect([wanted, found, distance(wanted, found)]).toEqual([wanted, found, 0]);
});

test('an older variant serves, the newest best', () => {
  expect(['v7', 'v6', 'v5'].map((variant) => distance('linux/arm/v7', `linux/arm/${variant}`))).toEqual([0, 1, 2]);
  expect(['v3', 'v2', 'v1'].map((variant) => distance('linux/amd64/v3', `linux/amd64/${variant}`))).toEqual([0, 1, 2]);
  expect(distance('linux/arm64/v9', 'linux/arm64')).toBe(1);
});

test('nothing else serves', () => {
  for (const [wanted, found] of [
    ['linux/arm/v6', 'linux/arm/v7'],
    ['linux/arm/v7', 'linux/arm/v4'],
    ['linux/amd64', 'linux/amd64/v2'],
    ['linux/arm64', 'linux/arm/v7'],
    ['linux/amd64', 'linux/386'],
    ['linux/amd64', 'windows/amd64'],
    ['linux/amd64', 'unknown/unknown'],
    ['linux/ppc64le/power9', 'linux/ppc64le/power8'],
    ['linux/amd64/fast', 'linux/amd64'],
  ] as const)
    expect([wanted, found, distance(wanted, found)]).toEqual([wanted, found, undefined]);
});

test('what is no platform is refused', () => {
  for (const text of ['', 'linux', 'linux/', '/amd64', 'linux/amd64/', 'linux/arm/v7/x']) {
    let thrown: unknown;
    try {
      parsePlatform(text);
    } catch (error) {
      thrown = error;
    }
    expect([text, isBakeError(thrown, 'ERR_BAKE_BASE_PLATFORM')]).toEqual([text, true]);
  }
});
