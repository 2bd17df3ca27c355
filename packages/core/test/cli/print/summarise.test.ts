import { describe, expect, it } from 'vitest';
import { summarise } from '../../../src/cli/print/summarise.js';
import type { Change } from '../../../src/plan/types.js';
import { version } from '../support.js';

const change = (input: string, overrides: Partial<Change> = {}): Change => ({
  input,
  kind: 'changed',
  before: version('aa'),
  after: version('bb'),
  ...overrides,
});

describe('the reason why a version differs', () => {
  it.each([
    ['nothing', [], ''],
    ['a file', [change('steps[0] site/index.html')], '1 file changed: site/index.html'],
    ['a new file', [change('steps[0] a', { kind: 'added', before: null })], '1 file added: a'],
    ['files', [change('steps[0] a'), change('steps[2] b/c')], '2 files changed: a, …'],
    [
      'files of several kinds',
      [change('steps[0] a'), change('steps[0] b', { kind: 'removed' })],
      '2 files changed: a, …',
    ],
    [
      'a base that moved',
      [change('base', { before: 'debian:12-slim (sha256:aa)', after: 'debian:12-slim (sha256:bb)' })],
      'base debian:12-slim moved',
    ],
    [
      'another base',
      [change('base', { before: 'debian:11 (sha256:aa)', after: 'debian:12 (sha256:bb)' })],
      'base debian:11 → debian:12',
    ],
    [
      'an image as base',
      [change('base', { before: `base (${version('aa')})`, after: `base (${version('bb')})` })],
      'parent base changed',
    ],
    ['no base any more', [change('base', { before: 'debian:12 (x)', after: 'scratch' })], 'base is now scratch'],
    ['a setting', [change('config.env.TZ', { before: 'UTC', after: 'CET' })], 'config.env.TZ UTC → CET'],
    ['a new setting', [change('config.user', { kind: 'added', before: null, after: 'www' })], 'config.user added: www'],
    ['a long setting', [change('config.cmd', { before: 'x'.repeat(60), after: 'y' })], 'config.cmd changed'],
    ['a list', [change('config.cmd', { before: '["a"]', after: '["b"]' })], 'config.cmd changed'],
    ['a step', [change('steps[1]', { kind: 'removed', before: 'run x', after: null })], 'steps[1] removed'],
    ['steps made anew', [change('refreshed', { kind: 'added', before: null })], 'steps refreshed'],
    [
      'several others',
      [change('platform', { before: 'a', after: 'b' }), change('engine.revision')],
      'platform a → b, 1 more',
    ],
  ] as const)('names %s', (_name, changes, expected) => {
    expect(summarise(changes)).toBe(expected);
  });

  it('puts the base before the files, and the files before the rest', () => {
    const changes = [
      change('config.user', { before: 'a', after: 'b' }),
      change('steps[0] x'),
      change('base', { before: 'debian:12 (a)', after: 'debian:12 (b)' }),
    ];
    expect(summarise(changes)).toBe('base debian:12 moved; 1 file changed: x; config.user a → b');
  });

  it('makes file names harmless', () => {
    expect(summarise([change('steps[0] a\u001b[31m\nb')])).toBe(String.raw`1 file changed: a\x1b[31m\x0ab`);
  });
});
