// Real engines for tests and benchmarks: a Docker Engine, a registry, a Debian root file system. Each is started for the test that
// asks, keeps its data in a temporary folder, listens on a socket file or on 127.0.0.1, and is ended by process id.
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The absolute path of a program, or `undefined`. Looks in the system folders also where PATH leaves them out. */
export function which(program: string): string | undefined {
  return candidates(program)[0];
}

/** Whether a program is installed. */
export function have(program: string): boolean {
  return which(program) !== undefined;
}

function candidates(program: string): string[] {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return [...new Set(folders)]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .filter((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** How one run of a program ended. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly input?: string | Buffer;
  /** Milliseconds; then the program is killed. Default two minutes. */
  readonly timeout?: number;
  /** Resolve also where the program failed. Default: reject with its output. */
  readonly allowFailure?: boolean;
}

/** Runs a program to its end. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawn(program, [...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    timeout: options.timeout ?? 120_000,
    killSignal: 'SIGKILL',
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A program that ends without reading its input is not a fault of the test.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit, signal) => resolve(exit ?? (signal === null ? 1 : 128)));
  });
  const ran = { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
  if (code !== 0 && options.allowFailure !== true)
    throw new Error(`${program} ${args.join(' ')} ended with ${code}\n${ran.stdout}${ran.stderr}`);
  return ran;
}

/** A new, empty folder that `remove` deletes. */
export async function temporary(
  name = 'bake',
): Promise<{ readonly dir: string; readonly remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), `${name}-`));
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

let client: string | undefined | null = null;

/**
 * A docker client that can drive BuildKit: Debian's docker.io has it built in; newer ones need the buildx plugin, and a
 * client without it may well be the first on PATH.
 */
export function dockerClient(): string | undefined {
  if (client !== null) return client;
  const packaged = spawnSync('dpkg', ['-L', 'docker.io'], { encoding: 'utf8' });
  const listed =
    packaged.status === 0 ? packaged.stdout.split('\n').filter((path) => path.endsWith('/bin/docker')) : [];
  client = [...listed, ...candidates('docker')].find((path) => {
    const version = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout;
    const major = Number(/version (\d+)\./.exec(version)?.[1] ?? 0);
    return (major >= 18 && major < 23) || spawnSync(path, ['buildx', 'version']).status === 0;
  });
  return client;
}

/** A Docker Engine of the test's own. Containers have no network but the host's: `docker run --network host`. */
export interface DockerEngine {
  /** Path of the engine's socket. */
  readonly socket: string;
  /** For `DOCKER_HOST`. */
  readonly host: string;
  /** Path of the docker client. */
  readonly client: string;
  /** Environment for any client of this engine. */
  readonly env: Readonly<Record<string, string>>;
  docker(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Ends the engine with its containers, and removes its data. */
  stop(): Promise<void>;
}

/** Starts a Docker Engine, with its data in `dir` or in a temporary folder. */
export async function startDocker(dir?: string): Promise<DockerEngine> {
  const docker = dockerClient();
  const dockerd = which('dockerd');
  if (docker === undefined || dockerd === undefined) throw new Error('no Docker Engine is installed');
  const data = dir ?? (await mkdtemp(join(tmpdir(), 'bake-dockerd-')));
  const socket = join(data, 'docker.sock');
  await mkdir(join(data, 'client'), { recursive: true });
  const log = await open(join(data, 'dockerd.log'), 'a');
  const args = ['--data-root', join(data, 'data'), '--exec-root', join(data, 'exec'), '--pidfile', join(data, 'pid')];
  const daemon = spawn(dockerd, [...args, '-H', `unix://${socket}`, '--bridge=none', '--iptables=false'], {
    stdio: ['ignore', log.fd, log.fd],
  });
  await log.close();
  const env = { DOCKER_HOST: `unix://${socket}`, DOCKER_BUILDKIT: '1', DOCKER_CONFIG: join(data, 'client') };
  const engine: DockerEngine = {
    socket,
    host: env.DOCKER_HOST,
    client: docker,
    env,
    docker: (words, options = {}) => run(docker, words, { ...options, env: { ...env, ...options.env } }),
    stop: async () => {
      await endProcess(daemon, 20_000);
      unmountBelow(data);
      await rm(data, { recursive: true, force: true });
    },
  };
  for (const deadline = Date.now() + 30_000; ; await sleep(100)) {
    if ((await engine.docker(['version'], { allowFailure: true })).code === 0) return engine;
    if (daemon.exitCode !== null || Date.now() > deadline) {
      const text = await readFile(join(data, 'dockerd.log'), 'utf8');
      await engine.stop();
      throw new Error(`dockerd did not start\n${text.slice(-4000)}`);
    }
  }
}

/** An engine that was killed leaves its mounts, and a folder with mounts cannot be removed. */
function unmountBelow(dir: string): void {
  const points = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((point) => point.startsWith(`${dir}/`));
  for (const point of points.reverse()) spawnSync('umount', ['-l', point]);
}

/** Ends a process that the harness started: politely, then for certain. */
async function endProcess(child: ChildProcess, patience: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  await ended;
  clearTimeout(timer);
}

/** A registry on 127.0.0.1. */
export interface Registry {
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** Where its blobs and manifests are, for tests that damage them. */
  readonly storage: string;
  stop(): Promise<void>;
}

/** Starts a registry with file system storage; with `htpasswd` it wants that user and password. */
export async function startRegistry(
  options: { readonly htpasswd?: { readonly user: string; readonly password: string } } = {},
): Promise<Registry> {
  const program = which('docker-registry');
  if (program === undefined) throw new Error('docker-registry is not installed');
  const { dir, remove } = await temporary('bake-registry');
  const storage = join(dir, 'storage');
  const config: Record<string, unknown> = {
    version: 0.1,
    log: { level: 'info' },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
    http: { addr: '127.0.0.1:0' },
  };
  if (options.htpasswd !== undefined) {
    const { user, password } = options.htpasswd;
    // The registry takes bcrypt only, which perl has through the C library.
    const salted = ['-e', 'print crypt($ARGV[0], q($2y$05$) . "bakehousebakehousebake.")', password];
    await writeFile(join(dir, 'htpasswd'), `${user}:${execFileSync('perl', salted, { encoding: 'utf8' })}\n`);
    config['auth'] = { htpasswd: { realm: 'test', path: join(dir, 'htpasswd') } };
  }
  // JSON is YAML.
  await writeFile(join(dir, 'config.yml'), JSON.stringify(config));
  const server = spawn(program, ['serve', join(dir, 'config.yml')], { stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = async (): Promise<void> => {
    await endProcess(server, 5_000);
    await remove();
  };
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let text = '';
      const read = (chunk: Buffer): void => {
        text += chunk.toString();
        const found = /listening on (127\.0\.0\.1:\d+)/.exec(text)?.[1];
        if (found !== undefined) resolve(found);
      };
      server.stdout.on('data', read);
      server.stderr.on('data', read);
      server.once('exit', () => reject(new Error(`docker-registry did not start\n${text}`)));
      server.once('error', reject);
    });
    return { address, storage, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * A tar of a minimal Debian root file system, made once and shared by all test processes of a run: in
 * `BAKE_E2E_CACHE`, else in the temporary folder. Read it, never change it.
 */
export async function debianRootfs(): Promise<string> {
  const cache = process.env['BAKE_E2E_CACHE'] ?? join(tmpdir(), `bake-e2e-cache-${process.getuid?.() ?? 0}`);
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const tar = join(cache, 'debian-bookworm.tar');
  const lock = join(cache, 'debian-bookworm.lock');
  for (;;) {
    if (await fresh(tar)) return tar;
    if (await take(lock)) break;
    await sleep(200);
  }
  try {
    if (await fresh(tar)) return tar;
    const part = `${tar}.${process.pid}`;
    await run('mmdebstrap', ['--variant=minbase', '--format=tar', 'bookworm', part], { timeout: 300_000 });
    await rename(part, tar);
    return tar;
  } finally {
    await rm(lock, { force: true });
  }
}

/** A day at most: packages move on. */
async function fresh(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs < 86_400_000;
}

/** Takes a lock file, also from a process that died with it. */
async function take(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    const holder = Number(await readFile(lock, 'utf8').catch(() => '0'));
    try {
      if (holder > 0) process.kill(holder, 0);
    } catch {
      await rm(lock, { force: true });
    }
    return false;
  }
}
