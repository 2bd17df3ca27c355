import { expect, it } from 'vitest';
import { coloured, wantsColour } from '../../../src/cli/print/style.js';

const terminal = { isTTY: true };

it.each([
  ['a terminal', terminal, {}, false, true],
  ['a pipe', {}, {}, false, false],
  ['a dumb terminal', terminal, { TERM: 'dumb' }, false, false],
  ['NO_COLOR', terminal, { NO_COLOR: '1' }, false, false],
  ['an empty NO_COLOR', terminal, { NO_COLOR: '' }, false, true],
  ['FORCE_COLOR', {}, { FORCE_COLOR: '1' }, false, true],
  ['an empty FORCE_COLOR', {}, { FORCE_COLOR: '' }, false, true],
  ['FORCE_COLOR and NO_COLOR', {}, { FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
  ['FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }, false, false],
  ['--no-color and FORCE_COLOR', terminal, { FORCE_COLOR: '1' }, true, false],
])('colour for %s', (_name, stream, env, noColor, expected) => {
  expect(wantsColour(stream, env, noColor)).toBe(expected);
});

it('colours do not depend on the stream of the process', () => {
  expect(coloured('red', 'x')).toBe('\u001b[31mx\u001b[39m');
  expect(coloured('red', '')).toBe('');
});
