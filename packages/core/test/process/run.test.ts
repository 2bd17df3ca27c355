import { getEventListeners } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isBakeError, type BakeError } from '../../src/errors/index.js';
import { run } from '../../src/process/index.js';
import type { ProcessOptions } from '../../src/process/index.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bake-process-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const path = { PATH: '/usr/local/bin:/usr/bin:/bin' };
const withDefaults = (options: Partial<ProcessOptions> = {}): ProcessOptions => ({
  cwd: dir,
  env: path,
  signal: new AbortController().signal,
  ...options,
});
const sh = (script: string, options: Partial<ProcessOptions> = {}) => run('sh', ['-c', script], withDefaults(options));
const failure = async (promise: Promise<unknown>): Promise<BakeError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!isBakeError(error)) throw new Error('expected a BakeError', { cause: error });
  return error;
};
/** A process that is dead, or a zombie that only waits for its parent, runs no more. */
const runs = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};
const pidIn = async (file: string): Promise<number> => {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(10))
    if (existsSync(join(dir, file)) && readFileSync(join(dir, file), 'utf8').endsWith('\n'))
      return Number(readFileSync(join(dir, file), 'utf8'));
  throw new Error(`${file} was not written`);
};

describe('a program that ends by itself', () => {
  test('gives its exit code and both outputs as they were printed', async () => {
    expect(await sh('printf "a\\nb"; printf "c\\n" >&2')).toEqual({ exitCode: 0, stdout: 'a\nb', stderr: 'c\n' });
  });

  test('sees the given folder, and no environment but the given one', async () => {
    process.env['BAKE_TEST_LEAK'] = 'leaked';
    try {
      const { stdout } = await run('env', [], withDefaults({ env: { ...path, ONE: 'two words', GONE: undefined } }));
      expect(stdout.trim().split('\n').sort()).toEqual(['ONE=two words', 'PATH=/usr/local/bin:/usr/bin:/bin']);
      expect((await sh('pwd -P')).stdout.trim()).toBe(dir);
    } finally {
      delete process.env['BAKE_TEST_LEAK'];
    }
  });

  test('is found on the given PATH', async () => {
    await writeFile(join(dir, 'only-here'), '#!/bin/sh\necho found\n');
    await chmod(join(dir, 'only-here'), 0o755);
    const { stdout } = await run('only-here', [], withDefaults({ env: { PATH: `${dir}:${path.PATH}` } }));
    expect(stdout).toBe('found\n');
  });

  test('gets its arguments without a shell in between', async () => {
    const { stdout } = await run('printf', ['[%s]', '$HOME', 'a b', '*', ''], withDefaults());
    expect(stdout).toBe('[$HOME][a b][*][]');
  });

  test('reads the given input', async () => {
    expect((await run('cat', [], withDefaults({ input: 'grüße\n' }))).stdout).toBe('grüße\n');
    expect((await run('cat', [], withDefaults({ input: new Uint8Array([104, 105]) }))).stdout).toBe('hi');
  });

  test('reads nothing where no input is given', async () => {
    expect((await run('cat', [], withDefaults())).stdout).toBe('');
  });

  test('may leave a large input unread', async () => {
    expect((await run('true', [], withDefaults({ input: 'x'.repeat(4_000_000) }))).exitCode).toBe(0);
  });

  test('hands over every line once, redacted, in the order of its stream', async () => {
    const lines: string[] = [];
    const onLine = (line: string, stream: string) => lines.push(`${stream}: ${line}`);
    const script = 'printf "one\\r\\ntw"; sleep 0.05; printf "o hunter2\\n\\nlast"; printf "bad hunter2\\n" >&2';
    const { stdout } = await sh(script, { onLine, redact: (text) => text.replaceAll('hunter2', '***') });
    expect(lines.filter((line) => line.startsWith('stdout'))).toEqual([
      'stdout: one',
      'stdout: two ***',
      'stdout: ',
      'stdout: last',
    ]);
    expect(lines.filter((line) => line.startsWith('stderr'))).toEqual(['stderr: bad ***']);
    expect(stdout).toContain('hunter2');
  });

  test('may split a character over two writes', async () => {
    const lines: string[] = [];
    const { stdout } = await sh('printf "\\303"; sleep 0.1; printf "\\274\\n"', { onLine: (line) => lines.push(line) });
    expect(stdout).toBe('ü\n');
    expect(lines).toEqual(['ü']);
  });

  test('may print a lot', async () => {
    let count = 0;
    const { stdout } = await sh('seq 1 300000', { onLine: () => count++ });
    expect(count).toBe(300_000);
    expect(stdout.endsWith('300000\n')).toBe(true);
  });

  test('fails with its code, and the redacted end of what it said', async () => {
    const error = await failure(
      sh('seq 1 100 >&2; echo "no hunter2 here" >&2; exit 7', { redact: (text) => text.replaceAll('hunter2', '***') }),
    );
    expect(error.code).toBe('ERR_BAKE_PROCESS_FAILED');
    expect(error.message).toBe('sh ended with exit code 7: no *** here');
    expect(error.data).toMatchObject({ exitCode: 7 });
    expect((error.data['stderr'] as string).split('\n')).toHaveLength(20);
    expect(JSON.stringify([error.message, error.data])).not.toContain('hunter2');
  });

  test('may fail as a result where the caller asks for it', async () => {
    expect(await sh('echo out; exit 3', { allowFailure: true })).toEqual({ exitCode: 3, stdout: 'out\n', stderr: '' });
    expect((await sh('kill -KILL $$', { allowFailure: true })).exitCode).toBe(137);
  });
});

describe('a program that cannot start', () => {
  test('is missing, with a hint', async () => {
    const error = await failure(run('bake-no-such-program', [], withDefaults()));
    expect(error.code).toBe('ERR_BAKE_PROCESS_MISSING');
    expect(error.hint).toContain('bake-no-such-program');
    expect(error.data).toEqual({ command: 'bake-no-such-program' });
  });

  test('is missing too where it may not be executed', async () => {
    await writeFile(join(dir, 'plain'), 'text');
    expect((await failure(run(join(dir, 'plain'), [], withDefaults()))).code).toBe('ERR_BAKE_PROCESS_MISSING');
  });

  test('is not blamed for a folder that is not there', async () => {
    const error = await failure(run('true', [], withDefaults({ cwd: join(dir, 'gone') })));
    expect(error.code).toBe('ERR_BAKE_PROCESS_FAILED');
    expect(error.message).toContain(join(dir, 'gone'));
  });
});

describe('a program that is ended', () => {
  const abortWhen = async (script: string, files: readonly string[], options: Partial<ProcessOptions> = {}) => {
    const controller = new AbortController();
    const settled = failure(sh(script, { ...options, signal: controller.signal }));
    const pids = await Promise.all(files.map(pidIn));
    for (const pid of pids) expect(runs(pid)).toBe(true);
    controller.abort(new Error('stop'));
    const error = await settled;
    return { error, left: pids.filter(runs) };
  };

  test('never starts where the signal is aborted already', async () => {
    const error = await failure(sh('echo $$ > started', { signal: AbortSignal.abort() }));
    expect(error.code).toBe('ERR_BAKE_ABORTED');
    expect(existsSync(join(dir, 'started'))).toBe(false);
  });

  test('goes with its children', async () => {
    const started = performance.now();
    const { error, left } = await abortWhen('sleep 60 & echo $! > child; echo $$ > self; wait', ['child', 'self']);
    expect(error.code).toBe('ERR_BAKE_ABORTED');
    expect(left).toEqual([]);
    expect(performance.now() - started).toBeLessThan(4000);
  });

  test('can clean up on SIGTERM', async () => {
    await abortWhen('trap "echo clean > cleaned; exit 0" TERM; echo $$ > self; while :; do sleep 0.05; done', ['self']);
    expect(existsSync(join(dir, 'cleaned'))).toBe(true);
  });

  test('is killed after the grace where it ignores SIGTERM', async () => {
    const { error, left } = await abortWhen('trap "" TERM; echo $$ > self; while :; do sleep 0.05; done', ['self'], {
      grace: 200,
    });
    expect(error.code).toBe('ERR_BAKE_ABORTED');
    expect(left).toEqual([]);
  });

  test('goes with a grandchild that ignores SIGTERM though its parent heeds it', async () => {
    const grandchild = `trap "" TERM; echo \\$\\$ > grand; while :; do sleep 0.05; done`;
    const script = `sh -c 'sh -c "${grandchild}" & wait' & echo $$ > self; wait`;
    const { left } = await abortWhen(script, ['grand', 'self'], { grace: 200 });
    expect(left).toEqual([]);
  });

  test('does not hang on what left its group and keeps the pipes open', async () => {
    const controller = new AbortController();
    const settled = failure(
      sh('setsid sh -c "echo \\$\\$ > away; exec sleep 20" & echo $$ > self; wait', {
        signal: controller.signal,
        grace: 200,
      }),
    );
    const away = await pidIn('away');
    try {
      await pidIn('self');
      const from = performance.now();
      controller.abort();
      expect((await settled).code).toBe('ERR_BAKE_ABORTED');
      expect(performance.now() - from).toBeLessThan(5000);
    } finally {
      process.kill(away, 'SIGKILL');
    }
  });

  test('fails when its time is up', async () => {
    const error = await failure(sh('echo waiting >&2; sleep 60', { timeout: 300, grace: 200 }));
    expect(error.code).toBe('ERR_BAKE_PROCESS_FAILED');
    expect(error.message).toContain('did not end within 300 ms');
    expect(error.data).toMatchObject({ stderr: 'waiting' });
  });

  test('goes when the listener of its lines throws, with that very error', async () => {
    const thrown = new Error('listener');
    const settled = sh('echo $$ > self; echo line; sleep 60', {
      onLine: () => {
        throw thrown;
      },
    });
    await expect(settled).rejects.toBe(thrown);
    expect(runs(await pidIn('self'))).toBe(false);
  });

  test('does not outlive this process, also where it ends without an abort', async () => {
    const { build } = await import('esbuild');
    const entry = join(import.meta.dirname, '../../src/process/index.ts');
    const outfile = join(dir, 'runner.cjs');
    await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' });
    const main = `const options = { cwd: '.', env: process.env, signal: new AbortController().signal };
      void require('./runner.cjs').run('sh', ['-c', 'echo $$ > self; sleep 60'], options);
      const timer = setInterval(() => require('node:fs').existsSync('self') && process.exit(0), 10);`;
    await run(process.execPath, ['-e', main], withDefaults());
    const pid = await pidIn('self');
    for (const deadline = Date.now() + 5000; runs(pid) && Date.now() < deadline;) await sleep(10);
    expect(runs(pid)).toBe(false);
  });

  test('leaves no listeners on the signal or on this process, whatever happened', async () => {
    const exits = process.listenerCount('exit');
    const signals = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => process.listenerCount(name));
    const controller = new AbortController();
    const { signal } = controller;
    await Promise.all(Array.from({ length: 8 }, () => sh('true', { signal })));
    await failure(sh('exit 1', { signal }));
    await failure(run('bake-no-such-program', [], withDefaults({ signal })));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    const last = failure(sh('sleep 60', { signal }));
    controller.abort();
    await last;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(process.listenerCount('exit')).toBe(exits);
    expect((['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => process.listenerCount(name))).toEqual(signals);
  });
});
