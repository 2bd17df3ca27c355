import { describe, expect, it } from 'vitest';
import { printHistory } from '../../../src/cli/print/history.js';
import { drawLanes } from '../../../src/cli/print/lanes.js';
import type { HistoryVersion } from '../../../src/library.js';
import { aHistoryVersion, aView, inColour, minutesAgo, shown, version } from '../support.js';

const source = (commit: string, dirty = false) => ({ commit: commit.padEnd(40, '0'), dirty });

const versions: readonly HistoryVersion[] = [
  aHistoryVersion({ channels: ['staging'] }),
  aHistoryVersion({
    version: version('e27a5510c9f4'),
    createdAt: minutesAgo(180),
    source: source('b81d07e'),
    channels: ['production'],
  }),
  aHistoryVersion({
    version: version('5d0c88a1e6b2'),
    createdAt: minutesAgo(1500),
    branch: 'try-trixie',
    source: null,
    state: 'failed',
  }),
  aHistoryVersion({
    version: version('07aa91b3f5de'),
    createdAt: minutesAgo(3000),
    source: source('90ce4d1', true),
    state: 'revoked',
    channels: ['old'],
  }),
];

describe('history', () => {
  it('is a tree with branches, commits and channels', () => {
    expect(shown(printHistory({ versions }, aView()))).toMatchInlineSnapshot(`
      "
      ● 9c41f7e03b6d  12 min  main 3f2a1c8     staging
      ● e27a5510c9f4  3 h     main b81d07e     production
      │ ○ 5d0c88a1e6b2  1 d   try-trixie       checks failed
      ├─╯
      ✗ 07aa91b3f5de  2 d     main 90ce4d1+    old · revoked
      "
    `);
  });

  it('can be read in 40 columns', () => {
    expect(shown(printHistory({ versions }, aView({ columns: 40 })))).toMatchInlineSnapshot(`
      "
      ● 9c41f7e03b6d  12 min  main 3f2a1c8
          staging
      ● e27a5510c9f4  3 h     main b81d07e
          production
      │ ○ 5d0c88a1e6b2  1 d   try-trixie
          checks failed
      ├─╯
      ✗ 07aa91b3f5de  2 d     main 90ce4d1+
          old · revoked
      "
    `);
  });

  it('uses colour as a help', () => {
    expect(shown(printHistory({ versions: versions.slice(0, 3) }, aView(inColour)))).toMatchInlineSnapshot(`
      "
      <32>●<39> <36>9c41f7e03b6d<39>  12 min  main 3f2a1c8    staging
      <32>●<39> <36>e27a5510c9f4<39>  3 h     main b81d07e    production
        <31>○<39> <36>5d0c88a1e6b2<39>  1 d   try-trixie      checks failed
      "
    `);
  });

  it('names images and targets where there are several', () => {
    const mixed = [
      aHistoryVersion(),
      aHistoryVersion({ image: 'base', target: 'aws', state: 'retired', artifact: null }),
      aHistoryVersion({ image: 'base', state: 'unchecked' }),
      aHistoryVersion({ image: 'base', state: 'failed', artifact: null }),
    ];
    expect(shown(printHistory({ versions: mixed }, aView()))).toMatchInlineSnapshot(`
      "
      ● 9c41f7e03b6d  12 min  web   docker  main 3f2a1c8
      ○ 9c41f7e03b6d  12 min  base  aws     main 3f2a1c8    retired
      ○ 9c41f7e03b6d  12 min  base  docker  main 3f2a1c8    unchecked
      ○ 9c41f7e03b6d  12 min  base  docker  main 3f2a1c8    failed
      "
    `);
  });

  it('says that nothing is recorded', () => {
    expect(printHistory({ versions: [] }, aView())).toEqual(['nothing is recorded yet']);
  });

  it('draws thousands of versions in no time', () => {
    const many = Array.from({ length: 5000 }, (_, index) =>
      aHistoryVersion({ branch: index % 7 === 3 ? 'b' : 'main' }),
    );
    const start = performance.now();
    printHistory({ versions: many }, aView());
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

describe('lanes', () => {
  const draw = (branches: string): string =>
    shown(drawLanes(branches.split(' ')).flatMap(({ row, after }) => [row, ...after]));

  it('begin at the newest and join below the oldest version of a branch', () => {
    expect(draw('main a a main b main')).toMatchInlineSnapshot(`
      "
      ●
      │ ●
      │ ●
      ├─╯
      ●
      │ ●
      ├─╯
      ●
      "
    `);
  });

  it('lie beside each other', () => {
    expect(draw('a main b a b main')).toMatchInlineSnapshot(`
      "
        ●
      ● │
      │ │ ●
      │ ● │
      ├─╯ │
      │   ●
      ├───╯
      ●
      "
    `);
  });

  it('join nothing where the trunk does not go on', () => {
    expect(draw('main a')).toMatchInlineSnapshot(`
      "
      ●
        ●
      "
    `);
  });

  it('take the place of one that ended', () => {
    expect(draw('main a b b main a c main')).toMatchInlineSnapshot(`
      "
      ●
      │ ●
      │ │ ●
      │ │ ●
      ├─│─╯
      ● │
      │ ●
      ├─╯
      │ ●
      ├─╯
      ●
      "
    `);
  });

  it('begin with the oldest branch where there is no main', () => {
    expect(draw('x trunk')).toMatchInlineSnapshot(`
      "
        ●
      ╭─╯
      ●
      "
    `);
  });
});
