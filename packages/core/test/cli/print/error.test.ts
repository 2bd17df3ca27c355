import { describe, expect, it } from 'vitest';
import { printError, printWarning } from '../../../src/cli/print/error.js';
import { BakeError } from '../../../src/errors/index.js';
import { aView, inColour, shown } from '../support.js';

describe('an error', () => {
  it('is its code, its message, and what to do', () => {
    const error = new BakeError('ERR_BAKE_DEFINITION_NOT_FOUND', 'no definition in /shop or above it');
    expect(shown(printError(error, aView()))).toMatchInlineSnapshot(`
      "
      error ERR_BAKE_DEFINITION_NOT_FOUND: no definition in /shop or above it
        hint  Write one with: bake init
      "
    `);
    expect(shown(printError(error, aView(inColour)))).toMatchInlineSnapshot(`
      "
      <31>error<39> <1>ERR_BAKE_DEFINITION_NOT_FOUND<22>: no definition in /shop or above it
        <36>hint<39>  Write one with: bake init
      "
    `);
  });

  it('lists the problems of a definition one a line', () => {
    const message =
      'bake.config.json has 2 problems:\n  images.web.form: unknown key; did you mean "from"?\n  name: missing';
    expect(shown(printError(new BakeError('ERR_BAKE_DEFINITION_INVALID', message), aView()))).toMatchInlineSnapshot(`
      "
      error ERR_BAKE_DEFINITION_INVALID: bake.config.json has 2 problems:
        images.web.form: unknown key; did you mean "from"?
        name: missing
      "
    `);
  });

  it('breaks a long hint between words', () => {
    const error = new BakeError('ERR_BAKE_USAGE', 'no', { hint: 'one two three four five six seven eight nine' });
    expect(shown(printError(error, aView({ columns: 40 })))).toMatchInlineSnapshot(`
      "
      error ERR_BAKE_USAGE: no
        hint  one two three four five six
              seven eight nine
      "
    `);
  });

  it('tells with --verbose where it came from, down to the last cause', () => {
    const deepest = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const cause = new AggregateError([new TypeError('one'), 'two'], 'both failed', { cause: deepest });
    const error = new BakeError('ERR_BAKE_STORE', 'cannot read', { cause, data: { key: 'log/1' } });
    const text = printError(error, aView({ verbose: true })).join('\n');
    expect(text).toContain('data  {"key":"log/1"}');
    expect(text).toContain('cause AggregateError: both failed');
    expect(text).toContain('cause TypeError: one');
    expect(text).toContain('cause two');
    expect(text).toContain('cause Error ECONNREFUSED: connect ECONNREFUSED');
    expect(text).toContain('error.test.ts');
    expect(printError(error, aView()).join('\n')).not.toContain('cause');
  });

  it('ends, even where causes go round in a circle', () => {
    const error = new Error('round');
    error.cause = error;
    expect(
      printError(new BakeError('ERR_BAKE_STORE', 'x', { cause: error }), aView({ verbose: true })).length,
    ).toBeLessThan(200);
  });

  it('cannot do anything to the terminal', () => {
    const error = new BakeError('ERR_BAKE_STORE', 'a\u001b]0;owned\u0007b', { hint: 'c\u009b2Jd' });
    expect(shown(printError(error, aView()))).toMatchInlineSnapshot(`
      "
      error ERR_BAKE_STORE: a\\x1b]0;owned\\x07b
        hint  c\\x9b2Jd
      "
    `);
  });
});

it('a warning of several lines is indented', () => {
  expect(printWarning('one\ntwo', aView())).toEqual(['warning one', '  two']);
});
