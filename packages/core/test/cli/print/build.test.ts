import { describe, expect, it } from 'vitest';
import { createBuildTimes } from '../../../src/cli/build-times.js';
import { printBuild } from '../../../src/cli/print/build.js';
import { BakeError } from '../../../src/errors/index.js';
import type { BuiltImage } from '../../../src/library.js';
import { aBuiltImage, at, aView, inColour, shown, subject, version } from '../support.js';

const base = aBuiltImage({ image: 'base', version: version('4be07c19d2aa'), outcome: 'reused' });
const failed = aBuiltImage({
  outcome: 'failed',
  artifact: null,
  checks: { passed: 1, failed: 1, notRun: 0 },
  error: new BakeError('ERR_BAKE_CHECK_FAILED', 'checks of web failed: http /: status 500 instead of 200', {
    hint: 'See the report with: bake logs web@9c41f7e03b6d',
  }),
});
const skipped = aBuiltImage({
  image: 'child',
  version: version('77'),
  outcome: 'skipped',
  artifact: null,
  error: new BakeError('ERR_BAKE_BUILD_FAILED', 'child was skipped: its base web failed'),
});

const times = createBuildTimes();
times.note(at(0, { type: 'checking', ...subject(), checks: 1 }));
times.note(at(600, { type: 'finished', ...subject(), outcome: 'built', milliseconds: 2400, message: null }));

const print = (images: readonly BuiltImage[], view = aView()): string => shown(printBuild({ images }, view, times));

describe('a build', () => {
  it('says what became of each image, how long it took, and where it is', () => {
    expect(print([base, aBuiltImage()])).toMatchInlineSnapshot(`
      "
      ✓ base  4be07c19d2aa  reused
      ✓ web   9c41f7e03b6d  built 1.8 s · 1/1 checks · 0.6 s
          oci:/shop/web
      "
    `);
  });

  it('names targets where there are several', () => {
    expect(print([aBuiltImage(), aBuiltImage({ target: 'aws', outcome: 'reused' })])).toMatchInlineSnapshot(`
      "
      ✓ web  docker  9c41f7e03b6d  built 1.8 s · 1/1 checks · 0.6 s
          oci:/shop/web
      ✓ web  aws     9c41f7e03b6d  reused
      "
    `);
  });

  it('says of failures why, and what to do', () => {
    expect(print([base, failed, skipped])).toMatchInlineSnapshot(`
      "
      ✓ base   4be07c19d2aa  reused
      ✗ web    9c41f7e03b6d  checks failed: http /: status 500 instead of 200
          ERR_BAKE_CHECK_FAILED · See the report with: bake logs web@9c41f7e03b6d
      – child  770000000000  skipped: its base web failed
      "
    `);
  });

  it('says checks that were not run, and that there are none', () => {
    const partly = aBuiltImage({ checks: { passed: 1, failed: 0, notRun: 2 }, version: version('1') });
    const none = aBuiltImage({ checks: { passed: 0, failed: 0, notRun: 0 }, version: version('2') });
    expect(print([partly, none])).toMatchInlineSnapshot(`
      "
      ✓ web  100000000000  built 2.4 s · 1/3 checks · 2 not run
          oci:/shop/web
      ✓ web  200000000000  built 2.4 s · no checks
          oci:/shop/web
      "
    `);
  });

  it.each([40, 60])('keeps the whole reason in %i columns', (columns) => {
    const words = print([failed], aView({ columns, ...inColour })).split(/\s+/);
    for (const word of ['status', '500', 'instead', '200']) expect(words.join(' ')).toContain(word);
  });

  it('can be read in 40 columns', () => {
    expect(print([base, aBuiltImage(), failed], aView({ columns: 40 }))).toMatchInlineSnapshot(`
      "
      ✓ base  4be07c19d2aa  reused
      ✓ web   9c41f7e03b6d
            built 1.8 s · 1/1 checks · 0.6 s
          oci:/shop/web
      ✗ web   9c41f7e03b6d
            checks failed: http /: status 500…
          checks of web failed: http /: status
          500 instead of 200
          ERR_BAKE_CHECK_FAILED · See the
          report with: bake logs
          web@9c41f7e03b6d
      "
    `);
  });

  it('uses colour as a help', () => {
    expect(print([aBuiltImage(), failed], aView(inColour))).toMatchInlineSnapshot(`
      "
      <32>✓<39> web  <36>9c41f7e03b6d<39>  built 1.8 s · 1/1 checks · 0.6 s
      <2>    oci:/shop/web<22>
      <31>✗<39> web  <36>9c41f7e03b6d<39>  <31>checks failed: http /: status 500 instead of 200<39>
      <2>    ERR_BAKE_CHECK_FAILED · See the report with: bake logs web@9c41f7e03b6d<22>
      "
    `);
  });

  it('shows ids, also of what was there, and causes with --verbose', () => {
    const cause = new TypeError('socket closed');
    const error = new BakeError('ERR_BAKE_BUILD_FAILED', 'step 1 failed\nexit code 3', { cause });
    const text = print([base, aBuiltImage({ outcome: 'failed', artifact: null, error })], aView({ verbose: true }));
    expect(text).toContain(`sha256:${version('71d0c2')}`);
    expect(text).toContain('exit code 3');
    expect(text).toContain('cause TypeError: socket closed');
    expect(text).toContain('build.test.ts');
  });

  it('shows reasons that hold control characters harmlessly', () => {
    const error = new BakeError('ERR_BAKE_BUILD_FAILED', 'a\u001b[2Jb');
    expect(print([aBuiltImage({ outcome: 'failed', artifact: null, error })])).toContain(String.raw`a\x1b[2Jb`);
  });
});
