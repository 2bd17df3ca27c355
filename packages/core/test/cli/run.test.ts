import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BakeError, codeEntry, codes, type ErrorCode } from '../../src/errors/index.js';
import { aBuiltImage, aPlannedImage, at, run, subject, version } from './support.js';

const plan = (images = [aPlannedImage()], warnings: readonly string[] = []) => ({
  plan: async () => ({ images, warnings }),
});
const rejects = (error: unknown) => ({
  plan: async () => {
    throw error;
  },
});

describe('arguments', () => {
  it('that every command has may stand anywhere', async () => {
    const expected = { cwd: tmpdir(), config: 'a.json', catalog: 'c' };
    const globals = ['-C', tmpdir(), '--config', 'a.json', '--catalog=c', '--no-color'];
    for (const argv of [
      [...globals, 'plan', 'web'],
      ['plan', ...globals, 'web'],
      ['plan', 'web', '--target', 'docker', ...globals],
    ]) {
      const { exit, opened } = await run(argv, plan());
      expect(exit).toBe(0);
      expect(opened).toMatchObject(expected);
    }
  });

  it('reach the library', async () => {
    const seen: unknown[] = [];
    const bake = {
      plan: async (options: unknown) => {
        seen.push(options);
        return { images: [], warnings: [] };
      },
    };
    await run(['plan', 'web', 'base', '--target', 'docker', '--refresh', '--rehash'], bake);
    await run(['plan'], bake);
    expect(seen).toEqual([{ images: ['web', 'base'], target: 'docker', refresh: true, rehash: true }, {}]);
  });

  it('set variables, secrets and whether the lock is frozen', async () => {
    const argv = ['build', '--set', 'a=1', '--set', 'b=2', '--secret', 'token', '--secret', 'npm=env:T'];
    const build = { build: async () => ({ images: [] }) };
    const env = { token: 'hunter2', T: 'hunter3' };
    const { opened } = await run([...argv, '--no-frozen'], build, { env });
    expect(opened).toMatchObject({
      vars: { a: '1', b: '2' },
      secrets: { token: 'hunter2', npm: 'hunter3' },
      frozen: false,
    });
    expect((await run(['plan', '--frozen'], plan())).opened).toMatchObject({ frozen: true });
    expect((await run(['plan'], plan())).opened).not.toHaveProperty('frozen');
  });

  it('behind -- are no options', async () => {
    let asked: unknown;
    const explain = async (a: string, b?: string) => {
      asked = [a, b];
      return { changes: [] };
    };
    await run(['explain', '--', '--json', '-x'], { explain });
    expect(asked).toEqual(['--json', '-x']);
  });

  it.each([
    [['paln'], "unknown command 'paln'", 'Did you mean plan?'],
    [['plan', '--taget', 'x'], "unknown option '--taget'", 'Did you mean --target?'],
    [['plan', '--jsn'], "unknown option '--jsn'", 'Did you mean --json?'],
    [['--jsn', 'plan'], "unknown option '--jsn'", 'Did you mean --json?'],
    [['promote', 'web', 'staging'], "unknown command 'promote'", 'See: bake help'],
    [['build', '--publish'], "unknown option '--publish'", 'See: bake help build'],
    [['show'], "missing required argument 'REF'", 'See: bake help show'],
    [['show', 'a', 'b'], /too many arguments/, 'See: bake help show'],
    [['plan', '--target'], "option '--target NAME' argument missing", 'See: bake help plan'],
    [['build', '--on-failure', 'explode'], /Allowed choices are remove, keep/, 'See: bake help build'],
    [['--config'], "option '--config FILE' argument missing", 'See: bake help'],
    [['history', '--limit', '-1'], /--limit wants a whole number/, null],
    [['-C', '/nowhere/at/all', 'plan'], /no such folder/, null],
    [['help', 'biuld'], "unknown command 'biuld'", 'Did you mean build?'],
    [['completion', 'bsh'], "there is no completion for 'bsh'", 'Did you mean bash? There are: bash, zsh, fish.'],
  ] as const)('that make no sense (%j) are told so, with what was meant', async (argv, message, hint) => {
    const { exit, out, err } = await run(argv);
    expect(exit).toBe(2);
    expect(out).toBe('');
    const { error } = (await run(['--json', ...argv])).json() as {
      error: { code: string; message: string; hint: string };
    };
    expect(error.code).toBe('ERR_BAKE_USAGE');
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
    expect(error.hint).toBe(hint);
    expect(err).toContain(error.message);
  });
});

describe('exit codes', () => {
  it('are those of the errors', async () => {
    for (const code of Object.keys(codes) as ErrorCode[]) {
      const { exit, err } = await run(['plan'], rejects(new BakeError(code, 'no')));
      expect([code, exit]).toEqual([code, codeEntry(code).exit ?? 1]);
      expect(err).toContain(`error ${code}: no\n`);
    }
  });

  it('say with plan --exit-code that something is missing', async () => {
    const missing = plan([aPlannedImage(), aPlannedImage({ state: 'missing' })]);
    expect((await run(['plan', '--exit-code'], missing)).exit).toBe(4);
    expect((await run(['plan'], missing)).exit).toBe(0);
    expect((await run(['plan', '--exit-code'], plan())).exit).toBe(0);
  });

  const failed = (code: ErrorCode) =>
    aBuiltImage({ outcome: 'failed', artifact: null, error: new BakeError(code, 'no') });
  const skipped = aBuiltImage({
    outcome: 'skipped',
    artifact: null,
    error: new BakeError('ERR_BAKE_BUILD_FAILED', 'x'),
  });

  it.each([
    [0, [aBuiltImage()]],
    [3, [aBuiltImage(), failed('ERR_BAKE_CHECK_FAILED'), skipped]],
    [1, [failed('ERR_BAKE_CHECK_FAILED'), failed('ERR_BAKE_BUILD_FAILED')]],
    [1, [failed('ERR_BAKE_SECRET_MISSING')]],
    [130, [failed('ERR_BAKE_ABORTED')]],
  ])('are %i for a build', async (expected, images) => {
    expect((await run(['build'], { build: async () => ({ images }) })).exit).toBe(expected);
  });

  it('are 3 for failed checks, and 1 for faults', async () => {
    const check = { name: 'port 80', outcome: 'failed', detail: null, milliseconds: 1 } as const;
    const report = { version: version('1'), artifact: { id: 'a', digest: 'b' }, checks: [check] };
    expect((await run(['check', 'web'], { check: async () => report })).exit).toBe(3);
    expect(
      (
        await run(['check', 'web'], {
          check: async () => ({ ...report, checks: [{ ...check, outcome: 'notRun' as const }] }),
        })
      ).exit,
    ).toBe(0);
    const faults = [{ kind: 'blob', where: 'x', detail: 'y' }];
    expect((await run(['verify'], { verify: async () => ({ blobs: 1, events: 1, faults }) })).exit).toBe(1);
  });

  it('are 1 for a fault of our own, which is told with its cause', async () => {
    const { exit, err } = await run(['plan', '--verbose'], rejects(new TypeError('x is not a function')));
    expect(exit).toBe(1);
    expect(err).toContain('error ERR_BAKE_INTERNAL: x is not a function');
    expect(err).toContain('cause TypeError');
  });

  it('are 2 for an export to what is no file', async () => {
    for (const file of ['-', tmpdir()])
      expect(await run(['export', 'web', file])).toMatchObject({ exit: 2, opened: undefined });
  });

  it('are those of the first error where clean-up failed too', async () => {
    const first = new BakeError('ERR_BAKE_INPUT_MISSING', 'no ./site');
    const { exit, err } = await run(['plan'], rejects(new AggregateError([first, new Error('cannot unlink')])));
    expect(exit).toBe(2);
    expect(err).toContain('no ./site');
  });
});

describe('output', () => {
  it('has results on one stream and everything else on the other', async () => {
    const { out, err } = await run(['plan'], plan([aPlannedImage()], ['a', 'a', 'b']));
    expect(out).toBe('web  docker  9c41f7e03b6d  present\n');
    expect(err).toBe('warning a\nwarning b\n');
  });

  it('is results and errors alone with --quiet', async () => {
    const build = ({ onEvent }: { readonly onEvent?: (event: ReturnType<typeof at>) => void }) => ({
      build: async () => {
        onEvent?.(at(0, { type: 'started', ...subject() }));
        onEvent?.(at(0, { type: 'warning', message: 'no checks' }));
        return { images: [aBuiltImage()] };
      },
    });
    expect((await run(['build'], build)).err).toBe('web  9c41f7e03b6d  started\nwarning no checks\n');
    const quiet = await run(['build', '--quiet'], build);
    expect(quiet.err).toBe('');
    expect(quiet.out).toContain('✓ web');
  });

  it('has colours on a terminal only, and not if they are not wanted', async () => {
    const colour = '\u001b[';
    expect((await run(['plan'], plan())).out).not.toContain(colour);
    expect((await run(['plan'], plan(), { columns: 80 })).out).toContain(colour);
    expect((await run(['plan', '--no-color'], plan(), { columns: 80 })).out).not.toContain(colour);
    expect((await run(['plan'], plan(), { columns: 80, env: { NO_COLOR: '1' } })).out).not.toContain(colour);
    expect((await run(['plan'], plan(), { env: { FORCE_COLOR: '1' } })).out).toContain(colour);
  });

  it('never holds a secret', async () => {
    const failed = new BakeError('ERR_BAKE_BUILD_FAILED', 'curl -H hunter2', {
      data: { line: 'hunter2' },
      hint: 'not hunter2',
    });
    const images = [aBuiltImage({ outcome: 'failed', artifact: null, error: failed })];
    const bake = ({ onEvent }: { readonly onEvent?: (event: ReturnType<typeof at>) => void }) => ({
      build: async () => {
        onEvent?.(at(0, { type: 'log', ...subject(), step: 'run', line: 'token=hunter2' }));
        return { images };
      },
    });
    const options = ['build', '--secret', 'token', '--verbose'];
    for (const argv of [options, [...options, '--json']]) {
      const { out, err } = await run(argv, bake, { env: { token: 'hunter2' } });
      expect(out + err).not.toContain('hunter2');
      expect(out + err).toContain('***');
    }
  });

  it('has events as JSON lines in a file', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'bake-events-'));
    const bake = ({ onEvent }: { readonly onEvent?: (event: ReturnType<typeof at>) => void }) => ({
      build: async () => {
        onEvent?.(at(0, { type: 'planned', total: 1 }));
        onEvent?.(at(5, { type: 'log', ...subject(), step: 'run', line: 'token=hunter2' }));
        return { images: [aBuiltImage()] };
      },
    });
    const argv = ['-C', dir, 'build', '--events', 'e.jsonl', '--secret', 'token'];
    await run(argv, bake, { env: { token: 'hunter2' } });
    const lines = readFileSync(join(dir, 'e.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      at(0, { type: 'planned', total: 1 }),
      at(5, { type: 'log', ...subject(), step: 'run', line: 'token=***' }),
    ]);
    expect((await run(['-C', dir, 'build', '--events', 'no/such/folder'])).exit).toBe(2);
    rmSync(dir, { recursive: true });
  });

  it('fails where it could not be written', async () => {
    const stdout = {
      write(_text: string, done?: (error?: Error) => void) {
        done?.(Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
        return false;
      },
    };
    const { exit, err } = await run(['plan'], plan(), { stdout });
    expect(exit).toBe(1);
    expect(err).toContain('the output is not complete: no space left');
  });
});

describe('a project', () => {
  it('is closed, however the command ended', async () => {
    const closed: string[] = [];
    const close = (name: string) => ({ close: async () => void closed.push(name) });
    await run(['plan'], { ...plan(), ...close('done') });
    await run(['plan'], { ...rejects(new Error('x')), ...close('failed') });
    expect(closed).toEqual(['done', 'failed']);
  });

  it('is not opened where what was typed makes no sense', async () => {
    expect((await run(['plan', '--nope'])).opened).toBeUndefined();
    expect((await run(['build', '--secret', 'nowhere'])).opened).toBeUndefined();
  });
});

describe('interrupts', () => {
  it('let the command clean up, say so, and exit with 130', async () => {
    const controller = new AbortController();
    const bake = {
      build: async () => {
        controller.abort(new BakeError('ERR_BAKE_ABORTED', 'interrupted'));
        throw new BakeError('ERR_BAKE_ABORTED', 'interrupted');
      },
    };
    const { exit, err } = await run(['build'], bake, { signal: controller.signal });
    expect(exit).toBe(130);
    expect(err).toBe(
      'interrupted: cleaning up. Once more leaves things as they are.\nerror ERR_BAKE_ABORTED: interrupted\n',
    );
  });

  it('are told from failures by the signal: whatever fails then was interrupted', async () => {
    const controller = new AbortController();
    const bake = {
      plan: async () => {
        controller.abort();
        throw new DOMException('This operation was aborted', 'AbortError');
      },
    };
    const ran = await run(['plan', '--json'], bake, { signal: controller.signal });
    expect(ran.exit).toBe(130);
    expect(ran.json()).toMatchObject({ images: [], error: { code: 'ERR_BAKE_ABORTED' } });
  });

  it('leave things as they are the second time, and say what', async () => {
    const [soft, hard] = [new AbortController(), new AbortController()];
    const bake = ({ onEvent }: { readonly onEvent?: (event: ReturnType<typeof at>) => void }) => ({
      build: async () => {
        onEvent?.(at(0, { type: 'started', ...subject() }));
        soft.abort(new BakeError('ERR_BAKE_ABORTED', 'interrupted'));
        setTimeout(() => hard.abort(), 5);
        return new Promise<never>(() => undefined);
      },
    });
    const { exit, err } = await run(['build'], bake, { signal: soft.signal, hardSignal: hard.signal });
    expect(exit).toBe(130);
    expect(err).toContain('web  docker  9c41f7e03b6d  while building\n');
  });
});
