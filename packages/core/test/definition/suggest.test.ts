import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distance, suggest } from '../../src/definition/suggest.js';

describe('distance', () => {
  it('counts a swap of neighbours once', () => {
    expect(distance('form', 'from')).toBe(1);
    expect(distance('kitten', 'sitting')).toBe(3);
    expect(distance('', 'abc')).toBe(3);
  });

  it('is symmetric, zero only for equal words, and at most the longer length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(distance(a, b)).toBe(distance(b, a));
        expect(distance(a, b) === 0).toBe(a === b);
        expect(distance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe('suggest', () => {
  it.each([
    ['form', ['to', 'from', 'run'], 'from'],
    ['step', ['checks', 'steps'], 'steps'],
    ['provider', ['images', 'providers'], 'providers'],
    ['RUN', ['run', 'copy'], 'run'],
    ['xyz', ['run', 'copy'], null],
    ['do', ['to'], null],
    ['run', ['run'], null],
  ])('%s among %j is %j', (word, candidates, expected) => {
    expect(suggest(word, candidates)).toBe(expected);
  });

  it('takes the nearest, and the first of equally near ones', () => {
    expect(suggest('stagin', ['string', 'staging'])).toBe('staging');
    expect(suggest('bat', ['cat', 'hat'])).toBe('cat');
  });

  it('answers at once for words of any length', () => {
    expect(suggest('x'.repeat(1_000_000), ['y'.repeat(1_000_000)])).toBeNull();
  });
});
