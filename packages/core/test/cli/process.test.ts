import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleCommand } from '../../../../scripts/bundle-command.mjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const core = fileURLToPath(new URL('../..', import.meta.url));

let shop: string;
let bake: string;

beforeAll(async () => {
  shop = mkdtempSync(join(tmpdir(), 'bake-process-'));
  const built = join(core, 'node_modules', '.cache', `cli-${process.pid}`);
  bake = join(built, 'bin', 'bake.cjs');
  await bundleCommand(join(built, 'dist/bake.cjs'));
  await build({
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    entryPoints: { provider: join(core, 'test/cli/slow-provider.ts') },
    outdir: shop,
    outExtension: { '.js': '.mjs' },
  });
  mkdirSync(join(built, 'bin'));
  copyFileSync(join(core, 'bin/bake.cjs'), bake);
  writeFileSync(join(built, 'package.json'), '{"type":"module","version":"9.9.9"}');
  mkdirSync(join(shop, 'site'));
  writeFileSync(join(shop, 'site', 'index.html'), 'bread');
  const image = (text: string) => ({
    from: 'scratch',
    steps: [{ copy: './site', to: text }],
    checks: [{ file: `${text}/index.html` }],
  });
  const definition = {
    name: 'shop',
    providers: { slow: { use: './provider.mjs' } },
    images: { web: image('/www') },
    channels: ['staging'],
    labels: { note: 'x'.repeat(200_000) },
  };
  writeFileSync(join(shop, 'bake.config.json'), JSON.stringify(definition));
});

afterAll(() => {
  rmSync(shop, { recursive: true, force: true });
  rmSync(join(bake, '..', '..'), { recursive: true, force: true });
});

const environment = (extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => {
  const { CI: _ci, NO_COLOR: _no, FORCE_COLOR: _force, ...rest } = process.env;
  return { ...rest, HOME: shop, XDG_STATE_HOME: join(shop, 'state'), TERM: 'xterm-256color', ...extra };
};

function run(argv: readonly string[], extra: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, [bake, ...argv], { cwd: shop, encoding: 'utf8', env: environment(extra) });
}

/** Starts a build that takes long, and waits until the provider works on it. */
async function startBuild(extra: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [bake, 'build'], { cwd: shop, env: environment({ SLOW: '60000', ...extra }) });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdout.resume();
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  await until(() => err.includes('baking slowly'));
  return { child, ended, err: () => err };
}

async function until(met: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !met();) {
    if (Date.now() > end) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('the process', () => {
  it('tells its version', () => {
    expect(run(['--version'])).toMatchObject({ status: 0, stdout: '9.9.9\n', stderr: '' });
    expect(run(['plan', '--version'])).toMatchObject({ status: 0, stdout: '9.9.9\n' });
  });

  it('plans, builds and shows what it has built', () => {
    expect(run(['plan', '--exit-code'])).toMatchObject({
      status: 4,
      stdout: expect.stringContaining('missing  not built yet') as string,
    });
    expect(run(['build', '--json'])).toMatchObject({ status: 0 });
    expect(run(['plan', '--exit-code'])).toMatchObject({ status: 0 });
    const history = JSON.parse(run(['history', '--json']).stdout) as { versions: unknown[] };
    expect(history.versions).toMatchObject([{ image: 'web', state: 'checked' }]);
  });

  it('survives a reader that goes away', () => {
    const script = `"${process.execPath}" "${bake}" show web --json | head -n 1; exit "\${PIPESTATUS[0]}"`;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
      cwd: shop,
      encoding: 'utf8',
      env: environment(),
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe('{\n');
    const closed = spawnSync('bash', ['-c', `"${process.execPath}" "${bake}" help >&-; echo $?`], {
      cwd: shop,
      encoding: 'utf8',
      env: environment(),
    });
    expect(closed.stdout).not.toContain('throw');
  });

  it.runIf(existsSync('/dev/full'))('fails where its output does not fit on the disk', () => {
    const { stdout, stderr } = spawnSync('bash', ['-c', `"${process.execPath}" "${bake}" help >/dev/full; echo $?`], {
      cwd: shop,
      encoding: 'utf8',
      env: environment(),
    });
    expect(stdout).toBe('1\n');
    expect(stderr).toContain('the output is not complete');
  });

  it('writes all of a large document into a pipe that is read late', async () => {
    const child = spawn('bash', ['-c', `"${process.execPath}" "${bake}" show web --json | (sleep 0.5; wc -c)`], {
      cwd: shop,
      env: environment(),
    });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    await new Promise((resolve) => child.on('close', resolve));
    expect(Number(out)).toBeGreaterThan(200_000);
    expect(Number(out)).toBe(Buffer.byteLength(run(['show', 'web', '--json']).stdout));
  });
});

describe('interrupts', () => {
  const change = (text: string): void => writeFileSync(join(shop, 'site', 'index.html'), text);

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s cleans up and exits with 130', async (signal) => {
    change(signal);
    const { child, ended, err } = await startBuild();
    child.kill(signal);
    expect(await ended).toEqual({ code: 130, signal: null });
    expect(err()).toContain('cleaning up. Once more leaves things as they are.');
    expect(err()).toContain('cleaned up by the provider');
    expect(err()).toContain('error ERR_BAKE_ABORTED');
  });

  it('a second one leaves things as they are, says what, and exits at once', async () => {
    change('twice');
    const { child, ended, err } = await startBuild({ STUBBORN: '1' });
    child.kill('SIGINT');
    await until(() => err().includes('cleaning up'));
    await pause(400);
    child.kill('SIGINT');
    expect(await ended).toEqual({ code: 130, signal: null });
    expect(err()).toMatch(/left as they are.*\n {2}web {2}slow {2}[0-9a-f]{12} {2}while building/);
  });

  it('one that arrives twice, as under npm, is one', async () => {
    change('echo');
    const { child, ended, err } = await startBuild();
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130 });
    expect(err()).not.toContain('interrupted again');
    expect(err()).toContain('cleaned up by the provider');
  });
});

const has = (program: string): boolean => spawnSync('which', [program]).status === 0;

describe.runIf(has('script'))('on a terminal', () => {
  /** Runs on a pseudo-terminal and gives all that was written to it. */
  function onTerminal(
    command: string,
    extra: Readonly<Record<string, string>> = {},
  ): ChildProcess & { text: () => string } {
    const child = spawn(
      'script',
      ['-qec', `stty cols 60 rows 20; exec "${process.execPath}" "${bake}" ${command}`, '/dev/null'],
      {
        cwd: shop,
        env: environment(extra),
      },
    );
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    return Object.assign(child, { text: () => text });
  }
  const escape = String.fromCodePoint(27);
  const ended = (child: ChildProcess) =>
    new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));

  it('progress is drawn, then wiped, the cursor is back, and the result stays', async () => {
    writeFileSync(join(shop, 'site', 'index.html'), 'terminal');
    const child = onTerminal('build', { SLOW: '700' });
    expect(await ended(child)).toBe(0);
    const text = child.text();
    expect(text).toContain('baking slowly');
    expect(text.lastIndexOf(`${escape}[?25h`)).toBeGreaterThan(text.lastIndexOf(`${escape}[?25l`));
    const result = text.slice(text.lastIndexOf(`${escape}[?2026l`));
    expect(result.replaceAll(new RegExp(`${escape}\\[[?0-9;]*[a-zA-Z]`, 'g'), '')).toMatch(
      /^✓ web {2}[0-9a-f]{12}\s+built \d/,
    );
  });

  it('the cursor is back after an interrupt', async () => {
    writeFileSync(join(shop, 'site', 'index.html'), 'terminal, interrupted');
    const child = onTerminal('build', { SLOW: '60000' });
    await until(() => child.text().includes('baking slowly'));
    child.stdin?.write('\u0003');
    expect(await ended(child)).toBe(130);
    const text = child.text();
    expect(text.lastIndexOf(`${escape}[?25h`)).toBeGreaterThan(text.lastIndexOf(`${escape}[?25l`));
    expect(text).toContain('cleaning up');
  });
});

describe('completion scripts', () => {
  it.each([
    ['bash', ['-n']],
    ['zsh', ['-n']],
    ['fish', ['--no-execute']],
  ] as const)('of %s can be parsed', (shell, options) => {
    const { stdout, status } = run(['completion', shell]);
    expect(status).toBe(0);
    const file = join(shop, `completion.${shell}`);
    writeFileSync(file, stdout);
    if (has(shell))
      expect(spawnSync(shell, [...options, file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  /** What bash would put in place of the word at the end of the line. */
  function offered(line: string): readonly string[] {
    const words = line
      .split(/(?<=\s)|(?=[@=])|(?<==)/)
      .map((word) => word.trim())
      .filter((word) => word !== '');
    if (line.endsWith(' ')) words.push('');
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const script = `
      bake() { "${process.execPath}" "${bake}" "$@"; }
      source "${join(shop, 'completion.bash')}"
      COMP_LINE='${line}' COMP_POINT=${line.length}
      COMP_WORDS=(${quoted}) COMP_CWORD=${words.length - 1}
      _bake
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: shop, encoding: 'utf8', env: environment() });
    expect(stderr).toBe('');
    return stdout.trimEnd().split('\n');
  }

  it('of bash complete commands, options, images, refs and files, as bash splits words', () => {
    expect(offered('bake hist')).toEqual(['history']);
    expect(offered('bake plan --exit')).toEqual(['--exit-code']);
    expect(offered('bake plan ')).toEqual(['web']);
    expect(offered('bake plan --target=s')).toEqual(['slow']);
    expect(offered('bake show web@l')).toEqual(['@latest']);
    expect(offered('bake show web@s')).toEqual(['@staging']);
    expect(offered('bake export web@latest bake.con')).toEqual(['bake.config.json']);
    expect(offered('bake init si')).toEqual(['site']);
  });
});
