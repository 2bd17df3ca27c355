import { describe, expect, it } from 'vitest';
import { parseRef } from '../../src/lifecycle/ref.js';

describe('a ref', () => {
  it.each([
    ['web', { kind: 'current' }],
    ['web@latest', { kind: 'latest' }],
    ['web@9c41f7e03b6d', { kind: 'version', prefix: '9c41f7e03b6d' }],
    ['web@production', { kind: 'channel', channel: 'production', back: 0 }],
    ['web@production~2', { kind: 'channel', channel: 'production', back: 2 }],
    ['web@git:3F2A1C8', { kind: 'commit', prefix: '3f2a1c8' }],
    ['web@production@{2026-03-14}', { kind: 'channelAt', channel: 'production', time: '2026-03-14T23:59:59.999Z' }],
    [
      'web@production@{2026-03-14T10:00:00Z}',
      { kind: 'channelAt', channel: 'production', time: '2026-03-14T10:00:00.000Z' },
    ],
  ])('%s', (text, at) => expect(parseRef(text)).toEqual({ project: undefined, image: 'web', at }));

  it('may name a project', () => {
    expect(parseRef('platform/base@latest')).toMatchObject({ project: 'platform', image: 'base' });
  });

  it.each(['', 'Web', 'web@', 'web@abc~x', 'web@git:xyz', 'web@git:abc', 'a/b/c', 'web@channel@{never}', 'web@..'])(
    '%j is refused',
    (text) => expect(() => parseRef(text)).toThrow(expect.objectContaining({ code: 'ERR_BAKE_REF_INVALID' })),
  );
});
