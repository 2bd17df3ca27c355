import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/plan/json.js';
import { isDigest, sha256, short } from '../../src/plan/digest.js';

describe('canonical JSON', () => {
  it('sorts members by UTF-16 code units, as RFC 8785 does in its example', () => {
    const value = {
      '\u20ac': 'Euro',
      '\r': 'CR',
      '\ufb33': 'Dalet',
      '1': 'One',
      '\ud83d\ude00': 'Smile',
      '\u0080': 'Ctl',
      '\u00f6': 'o',
    };
    expect(canonicalJson(value)).toBe(
      '{"\\r":"CR","1":"One","\u0080":"Ctl","\u00f6":"o","\u20ac":"Euro","\ud83d\ude00":"Smile","\ufb33":"Dalet"}',
    );
  });

  it('writes numbers as ECMAScript does', () => {
    expect(canonicalJson([333333333.3333333, 1e30, 4.5, 2e-3, 1e-27, -0])).toBe(
      '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]',
    );
  });

  it('leaves out members that are undefined', () => expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}'));

  it.each([[Number.NaN], [Infinity], ['\ud800'], [new Date(0)], [undefined], [() => 1], [1n], [[undefined]]])(
    'refuses %s, which it could not write truly',
    (value) => expect(() => canonicalJson(value)).toThrow(TypeError),
  );

  it('does not depend on the order of members and survives a round trip', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const wellFormed = JSON.parse(JSON.stringify(value).replace(/\\ud[89a-f][0-9a-f]{2}/gi, '')) as unknown;
        const text = canonicalJson(wellFormed);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(canonicalJson(reversed(wellFormed))).toBe(text);
      }),
    );
  });
});

/** The same value with the members of every object written in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

describe('digests', () => {
  it('are the sha256 of the bytes, and of a string as UTF-8', () => {
    const expected = createHash('sha256').update('äöü').digest('hex');
    expect(sha256('äöü')).toBe(expected);
    expect(sha256(Buffer.from('äöü'))).toBe(expected);
  });

  it('are 64 lower-case hex digits, and nothing else is one', () => {
    expect(isDigest(sha256(''))).toBe(true);
    for (const other of [sha256('').toUpperCase(), sha256('').slice(1), 'sha256:', 7, null])
      expect(isDigest(other)).toBe(false);
  });

  it('are shown by their first 12 digits', () => expect(short(String(sha256('')))).toBe('e3b0c44298fc'));
});
