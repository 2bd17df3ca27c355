import { expect, test } from 'vitest';
import { imageConfig, mergeConfig, nanoseconds } from '../src/image/config.js';

test('env keeps the order of the base, replaces by name and appends', () => {
  const merged = mergeConfig({ Env: ['PATH=/bin', 'A=1', 'B=2'] }, { env: { Z: 'z', A: 'new=1', C: '' } });
  expect(merged.Env).toEqual(['PATH=/bin', 'A=new=1', 'B=2', 'C=', 'Z=z']);
});

test('an entrypoint of its own clears the command of the base, unless it has one', () => {
  const base = { Cmd: ['bash'], Entrypoint: ['/init'] };
  expect(mergeConfig(base, { entrypoint: ['/tool'] })).toEqual({ Entrypoint: ['/tool'] });
  expect(mergeConfig(base, { entrypoint: ['/tool'], cmd: ['x'] })).toEqual({ Entrypoint: ['/tool'], Cmd: ['x'] });
  expect(mergeConfig(base, { cmd: ['x'] })).toEqual({ Entrypoint: ['/init'], Cmd: ['x'] });
  expect(mergeConfig(base, {})).toEqual(base);
});

test('ports, volumes and labels are joined; the rest overrides', () => {
  const base = {
    ExposedPorts: { '22/tcp': {} },
    Labels: { a: '1', b: '2' },
    Volumes: null,
    User: 'root',
    OnBuild: ['x'],
  };
  expect(
    mergeConfig(base, {
      expose: [80, '53/udp'],
      volumes: ['/data'],
      labels: { b: '3' },
      user: 'app',
      workdir: '/srv',
      stopSignal: 'SIGINT',
    }),
  ).toEqual({
    ExposedPorts: { '22/tcp': {}, '80/tcp': {}, '53/udp': {} },
    Volumes: { '/data': {} },
    Labels: { a: '1', b: '3' },
    User: 'app',
    WorkingDir: '/srv',
    StopSignal: 'SIGINT',
    OnBuild: ['x'],
  });
});

test('a healthcheck is a shell line, a command, or none', () => {
  const of = (test: string | string[]) =>
    mergeConfig({}, { healthcheck: { test, interval: '1m30s', retries: 3 } }).Healthcheck;
  expect(of('curl -f /')).toEqual({ Test: ['CMD-SHELL', 'curl -f /'], Interval: 90_000_000_000, Retries: 3 });
  expect(of(['/check', 'x'])?.Test).toEqual(['CMD', '/check', 'x']);
  expect(of('none')?.Test).toEqual(['NONE']);
});

test.each([
  ['30s', 3e10],
  ['1h', 3.6e12],
  ['1.5s', 1.5e9],
  ['500ms', 5e8],
  ['1m30s', 9e10],
])('%s is %d nanoseconds', (text, value) => {
  expect(nanoseconds(text)).toBe(value);
});

test.each(['', '30', 's', '1x', '-1s', '1s!'])('"%s" is no duration', (text) => {
  expect(() => nanoseconds(text)).toThrow(expect.objectContaining({ code: 'ERR_BAKE_DEFINITION_INVALID' }));
});

test('a configuration holds no time, and history for every layer', () => {
  const digest = `sha256:${'1'.repeat(64)}` as const;
  const config = imageConfig({
    platform: 'linux/arm64/v8',
    base: {
      architecture: 'arm64',
      os: 'linux',
      created: '2024-01-01T00:00:00Z',
      rootfs: { type: 'layers', diff_ids: [digest] },
    },
    config: { user: 'app' },
    layers: [{ diffId: digest, createdBy: 'copy' }],
  });
  expect(config).toEqual({
    created: '1970-01-01T00:00:00Z',
    architecture: 'arm64',
    os: 'linux',
    variant: 'v8',
    config: { User: 'app' },
    rootfs: { type: 'layers', diff_ids: [digest, digest] },
    history: [
      { created: '1970-01-01T00:00:00Z', created_by: 'bakehouse: base' },
      { created: '1970-01-01T00:00:00Z', created_by: 'copy' },
      { created: '1970-01-01T00:00:00Z', created_by: 'bakehouse: config', empty_layer: true },
    ],
  });
});
