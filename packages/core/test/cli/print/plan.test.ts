import { describe, expect, it } from 'vitest';
import { printPlan } from '../../../src/cli/print/plan.js';
import type { PlanResult } from '../../../src/library.js';
import { aPlannedImage, aView, inColour, shown, version } from '../support.js';

const file = {
  input: 'steps[0] site/index.html',
  kind: 'changed',
  before: `0644 ${version('aa')}`,
  after: `0644 ${version('bb')}`,
} as const;

const plan: PlanResult = {
  images: [
    aPlannedImage({ image: 'base', version: version('4be07c19d2aa') }),
    aPlannedImage({ state: 'missing', reasons: [file] }),
    aPlannedImage({ image: 'api', version: version('a1'), state: 'missing' }),
    aPlannedImage({ image: 'old', version: version('a2'), state: 'gone' }),
    aPlannedImage({ image: 'bad', version: version('a3'), state: 'failed', reasons: [file] }),
    aPlannedImage({ image: 'leak', version: version('a4'), state: 'revoked' }),
  ],
  warnings: [],
};

describe('a plan', () => {
  it('shows version, state and reason on one line', () => {
    expect(shown(printPlan(plan, aView({ columns: 120 })))).toMatchInlineSnapshot(`
      "
      base  docker  4be07c19d2aa  present
      web   docker  9c41f7e03b6d  missing  1 file changed: site/index.html
      api   docker  a10000000000  missing  not built yet
      old   docker  a20000000000  gone     recorded, but its artifact is not there
      bad   docker  a30000000000  failed   see: bake logs bad@a30000000000; 1 file changed: site/index.html
      leak  docker  a40000000000  revoked
      "
    `);
  });

  it('can be read in 40 columns', () => {
    expect(shown(printPlan(plan, aView({ columns: 40 })))).toMatchInlineSnapshot(`
      "
      base  docker  4be07c19d2aa  present
      web   docker  9c41f7e03b6d  missing
          1 file changed: site/index.html
      api   docker  a10000000000  missing
          not built yet
      old   docker  a20000000000  gone
          recorded, but its artifact is not t…
      bad   docker  a30000000000  failed
          see: bake logs bad@a30000000000; 1…
      leak  docker  a40000000000  revoked
      "
    `);
  });

  it('uses colour as a help', () => {
    expect(shown(printPlan({ ...plan, images: plan.images.slice(0, 2) }, aView(inColour)))).toMatchInlineSnapshot(`
      "
      base  <2>docker<22>  <36>4be07c19d2aa<39>  <32>present<39>
      web   <2>docker<22>  <36>9c41f7e03b6d<39>  <33>missing<39>  1 file changed: site/index.html
      "
    `);
  });

  it('lists every change with --verbose', () => {
    const images = plan.images.slice(0, 2);
    expect(shown(printPlan({ ...plan, images }, aView({ verbose: true })))).toMatchInlineSnapshot(`
      "
      base  docker  4be07c19d2aa  present
      web   docker  9c41f7e03b6d  missing  1 file changed: site/index.html
          ~ steps[0] site/index.html  0644 aa0000000000 → 0644 bb0000000000
      "
    `);
  });

  it('says that nothing is defined', () => {
    expect(printPlan({ images: [], warnings: [] }, aView())).toEqual(['nothing is defined']);
  });
});
