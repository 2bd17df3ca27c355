import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHcl } from '../../src/definition/hcl.js';
import { LoadFailure } from '../../src/definition/load-data.js';

describe('the simple subset of HCL', () => {
  it('has blocks, attributes, plain values and comments', () => {
    const text = `
      # one
      variable "TAG" { default = "1.0" } // two
      group "default" { targets = ["web", "db",] }
      target "web" {
        inherits = [ "_common" ] /* three
        lines */
        args = { VERSION = TAG, "QUOTED-KEY": "a\\"b\\t\${TAG}", N = -1.5e3, ON = true, NOTHING = null }
      }
      target "db" {}
    `;
    expect(parseHcl(text)).toEqual({
      variable: { TAG: { default: '1.0' } },
      group: { default: { targets: ['web', 'db'] } },
      target: {
        web: {
          inherits: ['_common'],
          args: { VERSION: '${TAG}', 'QUOTED-KEY': 'a"b\t${TAG}', N: -1500, ON: true, NOTHING: null },
        },
        db: {},
      },
    });
  });

  it.each([
    ['a = upper("x")', 1],
    ['\na = x ? 1 : 2', 2],
    ['a = <<EOF\nx\nEOF', 1],
    ['a = [for x in y : x]', 1],
    ['a = "x" b', 1],
    ['a = {', 1],
    ['target "a" {\n\n', 3],
    ['a = "x\ny"', 1],
    ['a = 1 + 2', 1],
    ['= 1', 1],
    ['a = "\\q"', 1],
  ])('is refused with its line beyond that: %j', (text, line) => {
    expect(() => parseHcl(text)).toThrow(LoadFailure);
    expect(() => parseHcl(text)).toThrow(expect.objectContaining({ line }));
  });

  it('ends for any text, with a value or a refusal', () => {
    const piece = fc.constantFrom(
      'a',
      '"',
      '{',
      '}',
      '[',
      ']',
      '=',
      ',',
      '\n',
      '#',
      '/*',
      '*/',
      '1',
      ' ',
      '\\',
      '"x"',
      'target',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          parseHcl(pieces.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(LoadFailure);
        }
      }),
    );
  });
});
