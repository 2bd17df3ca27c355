import { describe, expect, it } from 'vitest';
import { table } from '../../../src/cli/print/table.js';
import { textWidth } from '../../../src/cli/print/text.js';
import { aView, inColour, shown } from '../support.js';

const rows = [
  ['web', { text: '9c41f7e03b6d', colour: 'cyan' as const }, 'one reason that is rather long to be read on a line'],
  ['an-image', { text: '4be07c19d2aa', colour: 'cyan' as const }, ''],
];

describe('a table', () => {
  it('aligns its columns and leaves no blanks at the ends of lines', () => {
    expect(shown(table(rows, aView({ columns: Infinity })))).toMatchInlineSnapshot(`
      "
      web       9c41f7e03b6d  one reason that is rather long to be read on a line
      an-image  4be07c19d2aa
      "
    `);
  });

  it('cuts the last cell where room is left for it', () => {
    expect(shown(table(rows, aView({ columns: 60 })))).toMatchInlineSnapshot(`
      "
      web       9c41f7e03b6d  one reason that is rather long to b…
      an-image  4be07c19d2aa
      "
    `);
  });

  it('puts the last cell below where there is little room', () => {
    expect(shown(table(rows, aView({ columns: 40 })))).toMatchInlineSnapshot(`
      "
      web       9c41f7e03b6d
          one reason that is rather long to b…
      an-image  4be07c19d2aa
      "
    `);
  });

  it('shortens the first column where even the fixed ones do not fit', () => {
    const wide = [['a-name-that-nobody-would-type', '9c41f7e03b6d', 'x']];
    expect(shown(table(wide, aView({ columns: 24 })))).toMatchInlineSnapshot(`
      "
      a-name-th…  9c41f7e03b6d
          x
      "
    `);
  });

  it('colours texts, not the blanks behind them', () => {
    expect(
      shown(
        table(
          [
            [{ text: 'a', colour: 'red' }, 'b'],
            ['long', 'c'],
          ],
          aView(inColour),
        ),
      ),
    ).toMatchInlineSnapshot(`
      "
      <31>a<39>     b
      long  c
      "
    `);
  });

  it('aligns by what a terminal shows', () => {
    const lines = table(
      [
        ['漢字', 'x'],
        ['abcd', 'x'],
      ],
      aView(),
    );
    expect(lines.map(textWidth)).toEqual([7, 7]);
  });

  it('is nothing without rows', () => {
    expect(table([], aView())).toEqual([]);
  });
});
