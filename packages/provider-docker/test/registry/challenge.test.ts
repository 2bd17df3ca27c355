import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseChallenges } from '../../src/registry/challenge.js';

const parse = (header: string | null) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

test('a challenge has its parameters, quoted or not, with commas and escapes in them', () => {
  expect(parse('Bearer realm="https://a.io/t?x=1,2",service=a.io,Scope = "repository:a:pull,push"')).toEqual([
    ['bearer', { realm: 'https://a.io/t?x=1,2', service: 'a.io', scope: 'repository:a:pull,push' }],
  ]);
  expect(parse(String.raw`Basic realm="say \"hi\" \\"`)).toEqual([
    ['basic', { realm: String.raw`say "hi" \ `.trim() }],
  ]);
  expect(parse('Basic realm=""')).toEqual([['basic', { realm: '' }]]);
});

test('several challenges are told apart', () => {
  expect(parse('Negotiate, NTLM abc==, Bearer realm="r",scope="a,b" , BASIC realm="x"')).toEqual([
    ['negotiate', {}],
    ['ntlm', {}],
    ['bearer', { realm: 'r', scope: 'a,b' }],
    ['basic', { realm: 'x' }],
  ]);
});

test('what is malformed ends it', () => {
  expect(parse(null)).toEqual([]);
  expect(parse(' , ,')).toEqual([]);
  expect(parse('="x"')).toEqual([]);
  expect(parse('Bearer realm="never closed, Basic realm="x"')[0]?.[0]).toBe('bearer');
});

test('it comes to an end, whatever the header', () => {
  const unit = fc.constantFrom('a', ' ', ',', '=', '"', '\\', '/', '\t', '[');
  fc.assert(fc.property(fc.string({ unit, maxLength: 200 }), (header) => Array.isArray(parseChallenges(header))));
  const from = performance.now();
  parseChallenges(`Bearer ${'a="'.repeat(20_000)}`);
  parseChallenges(`Bearer ${'\\'.repeat(20_000)}`);
  parseChallenges(`${'a '.repeat(20_000)}=`);
  expect(performance.now() - from).toBeLessThan(2000);
});
