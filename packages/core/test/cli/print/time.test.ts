import { expect, it } from 'vitest';
import { ago, duration, moment } from '../../../src/cli/print/time.js';
import { minutesAgo, now } from '../support.js';

it.each([
  [0, '0 ms'],
  [42.4, '42 ms'],
  [600, '0.6 s'],
  [1849, '1.8 s'],
  [59_940, '59.9 s'],
  [59_960, '1 min 00 s'],
  [125_000, '2 min 05 s'],
  [3_599_700, '1 h 00 min'],
  [3_840_000, '1 h 04 min'],
  [-5, '0 ms'],
])('%d milliseconds are %s', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});

it.each([
  [-1, 'now'],
  [0, 'now'],
  [0.5, '30 s'],
  [12, '12 min'],
  [59.9, '59 min'],
  [180, '3 h'],
  [1440, '1 d'],
  [59 * 1440, '59 d'],
  [60 * 1440, '2026-01-13'],
])('%d minutes ago is %s', (minutes, text) => {
  expect(ago(minutesAgo(minutes), now)).toBe(text);
});

it('a moment is written in UTC, and what is none as it is', () => {
  expect(moment('2026-03-14T09:26:53.589Z')).toBe('2026-03-14 09:26:53 UTC');
  expect(moment('?')).toBe('?');
  expect(ago('?', now)).toBe('?');
});
