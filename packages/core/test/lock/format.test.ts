import { describe, expect, it } from 'vitest';
import { formatLock, parseLock, withBases } from '../../src/lock/format.js';
import { emptyLock, type LockedBase } from '../../src/lock/types.js';

const base = (overrides: Partial<LockedBase> = {}): LockedBase => ({
  image: 'web',
  target: 'docker',
  scope: null,
  selector: 'debian:12',
  id: 'sha256:1',
  reference: 'debian@sha256:2',
  resolvedAt: '2026-01-01T00:00:00.000Z',
  ...overrides,
});

describe('bake.lock', () => {
  it('survives a round trip, sorted by image, target and scope', () => {
    const lock = withBases(emptyLock, [base(), base({ image: 'api' }), base({ scope: 'eu-west-1' })]);
    const parsed = parseLock(formatLock(lock), 'bake.lock');
    expect(parsed.bases.map(({ image, scope }) => [image, scope])).toEqual([
      ['api', null],
      ['web', null],
      ['web', 'eu-west-1'],
    ]);
    expect(formatLock(parsed)).toBe(formatLock(lock));
  });

  it('has one entry for each image, target and scope', () => {
    const lock = withBases(withBases(emptyLock, [base()]), [base({ id: 'sha256:3' })]);
    expect(lock.bases.map(({ id }) => id)).toEqual(['sha256:3']);
  });

  it('of a newer schema is refused with a code of its own', () => {
    expect(() => parseLock('{"schema":2,"whatever":[]}', 'bake.lock')).toThrow(
      expect.objectContaining({ code: 'ERR_BAKE_LOCK_NEWER' }),
    );
  });

  it.each([
    ['nothing', ''],
    ['no JSON', 'bases:'],
    ['a list', '[]'],
    ['an unknown key', '{"schema":1,"bases":[],"refreshed":{},"branch":null,"x":1}'],
    ['a wrong type', '{"schema":1,"bases":[{"image":7}],"refreshed":{},"branch":null}'],
    ['half a file', formatLock(withBases(emptyLock, [base()])).slice(0, 80)],
  ])('with %s is refused', (_what, text) => {
    expect(() => parseLock(text, 'bake.lock')).toThrow(expect.objectContaining({ code: 'ERR_BAKE_LOCK_INVALID' }));
  });

  it('with the marks of a merge conflict says so', () => {
    expect(() => parseLock('<<<<<<< ours\n{}\n>>>>>>> theirs\n', 'bake.lock')).toThrow(/merge conflict/);
  });
});
