import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  logLine,
  pad,
  shortDigests,
  textWidth,
  truncate,
  visible,
  visibleLines,
  wrap,
} from '../../../src/cli/print/text.js';
import { version } from '../support.js';

const escape = '\u001b';

describe('foreign text', () => {
  it('is shown with its control characters spelled out', () => {
    expect(visible(`a${escape}[2Jb\r\n\tc\u0007\u009b`)).toBe(String.raw`a\x1b[2Jb\x0d\x0a  c\x07\x9b`);
  });

  it('cannot turn the direction of what surrounds it', () => {
    expect(visible('a\u202egpj.exe')).toBe(String.raw`a\u{202e}gpj.exe`);
  });

  it('never holds a control character, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visible(text)).not.toMatch(/\p{Cc}/u);
        for (const line of visibleLines(text)) expect(line.replaceAll('\t', '')).not.toMatch(/\p{Cc}/u);
        expect(logLine(text)).not.toMatch(/\p{Cc}/u);
      }),
    );
  });

  it('keeps its lines and tabs where it is shown whole', () => {
    expect(visibleLines('FROM scratch\n\tx\r\n\nend\n')).toEqual(['FROM scratch', '\tx', '', 'end']);
  });
});

describe('a line of a log', () => {
  it('loses colours, and of a progress bar keeps what was seen last', () => {
    expect(logLine(`${escape}[32mok${escape}[0m  `)).toBe('ok');
    expect(logLine('10 %\r50 %\r100 %')).toBe('100 %');
    expect(logLine('done\r')).toBe('done');
  });

  it('loses links and window titles', () => {
    expect(logLine(`${escape}]0;title\u0007text`)).toBe('text');
  });
});

describe('the width of a text', () => {
  it.each([
    ['plain', 5],
    ['✓ · … → │ ● ⠋', 13],
    ['漢字', 4],
    ['e\u0301', 1],
    ['👩‍👩‍👧', 2],
    ['한국', 4],
    ['', 0],
  ])('of %j is %i', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  it('is never more than asked for after truncating', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, columns) => {
        const cut = truncate(visible(text), columns);
        expect(textWidth(cut)).toBeLessThanOrEqual(columns);
        if (textWidth(visible(text)) <= columns) expect(cut).toBe(visible(text));
      }),
    );
  });

  it('counts wide characters when it truncates and pads', () => {
    expect(truncate('漢字漢字', 5)).toBe('漢字…');
    expect(truncate('abc', 0)).toBe('');
    expect(pad('漢', 4)).toBe('漢  ');
  });
});

it('a text is broken between words, and a long word stays whole', () => {
  expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
  expect(wrap('abcdefghij k', 4)).toEqual(['abcdefghij', 'k']);
});

it('digests are shown by their first 12 digits', () => {
  expect(shortDigests(`0644 ${version('ab')} x`)).toBe('0644 ab0000000000 x');
});
