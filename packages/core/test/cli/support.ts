import { runCli } from '../../src/cli/run.js';
import type { CliHost } from '../../src/cli/types.js';
import type { OutputStream } from '../../src/cli/print/output.js';
import { coloured, plain } from '../../src/cli/print/style.js';
import type { View } from '../../src/cli/print/view.js';
import type { RunEvent, TimedEvent } from '../../src/events/types.js';
import type { Bake, BuiltImage, HistoryVersion, OpenOptions, PlannedImage } from '../../src/library.js';
import type { Version } from '../../src/plan/digest.js';
import { aDefinition } from '../../src/testing/index.js';

/** The moment at which the tests are. */
export const now: number = Date.parse('2026-03-14T12:00:00.000Z');

/** A version that begins with these digits. */
export const version = (digits: string): Version => digits.padEnd(64, '0');

/** A time so many minutes before {@link now}. */
export const minutesAgo = (minutes: number): string => new Date(now - minutes * 60_000).toISOString();

export const aView = (overrides: Partial<View> = {}): View => ({
  style: plain,
  columns: 80,
  now,
  verbose: false,
  ...overrides,
});

export const inColour: Partial<View> = { style: coloured };

/** Lines as one text; colours are shown as `<31>`. */
export const shown = (lines: readonly string[]): string =>
  `\n${lines.join('\n')}\n`.replaceAll(new RegExp(`${String.fromCodePoint(27)}\\[(\\d+)m`, 'g'), '<$1>');

export interface FakeStream extends OutputStream {
  text: string;
  readonly writes: string[];
  emit(event: string, value?: unknown): void;
}

export function aStream(size: { readonly columns: number; readonly rows?: number } | null = null): FakeStream {
  const listeners = new Map<string, Set<(value: never) => void>>();
  return {
    text: '',
    writes: [],
    ...(size ? { isTTY: true, columns: size.columns, rows: size.rows ?? 24 } : {}),
    write(text, done) {
      this.text += text;
      this.writes.push(text);
      queueMicrotask(() => done?.());
      return true;
    },
    on(event: string, listener: (value: never) => void) {
      listeners.set(event, (listeners.get(event) ?? new Set()).add(listener));
    },
    off(event: string, listener: (value: never) => void) {
      listeners.get(event)?.delete(listener);
    },
    emit(event, value) {
      for (const listener of listeners.get(event) ?? []) listener(value as never);
    },
  };
}

const unexpected = (name: string) => (): never => {
  throw new Error(`${name} was not expected to be called`);
};

/** A project of which only the given methods may be called. */
export function aBake(overrides: Partial<Bake> = {}): Bake {
  const names = [
    'plan',
    'build',
    'check',
    'resolve',
    'history',
    'show',
    'explain',
    'logs',
    'render',
    'update',
    'export',
    'verify',
    'doctor',
  ];
  const close = async (): Promise<void> => undefined;
  return {
    definition: aDefinition({ channels: ['staging', 'production'] }),
    root: '/shop',
    ...Object.fromEntries(names.map((name) => [name, unexpected(name)])),
    close,
    [Symbol.asyncDispose]: close,
    ...overrides,
  } as Bake;
}

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  /** What the project was opened with. */
  readonly opened: OpenOptions | undefined;
  json(): Record<string, unknown>;
}

/** Runs the command on a fake project. */
export async function run(
  argv: readonly string[],
  bake: Partial<Bake> | ((options: OpenOptions) => Partial<Bake>) = {},
  host: Partial<CliHost> & { readonly columns?: number } = {},
): Promise<Ran> {
  const size = host.columns === undefined ? null : { columns: host.columns };
  const [stdout, stderr] = [aStream(size), aStream(size)];
  let opened: OpenOptions | undefined;
  const exit = await runCli({
    argv,
    env: {},
    cwd: '/',
    stdout,
    stderr,
    openProject: async (options) => {
      opened = options;
      return aBake(typeof bake === 'function' ? bake(options) : bake);
    },
    loadDefinition: async () => aBake().definition,
    init: unexpected('init'),
    version: () => '1.2.3',
    now: () => now,
    ...host,
  });
  return {
    exit,
    out: stdout.text,
    err: stderr.text,
    opened,
    json: () => JSON.parse(stdout.text) as Record<string, unknown>,
  };
}

export const aPlannedImage = (overrides: Partial<PlannedImage> = {}): PlannedImage => ({
  image: 'web',
  target: 'docker',
  version: version('9c41f7e03b6d'),
  platform: 'linux/amd64',
  base: 'image base',
  state: 'present',
  reasons: [],
  ...overrides,
});

export const aBuiltImage = (overrides: Partial<BuiltImage> = {}): BuiltImage => ({
  image: 'web',
  target: 'docker',
  version: version('9c41f7e03b6d'),
  outcome: 'built',
  checks: { passed: 1, failed: 0, notRun: 0 },
  artifact: { id: `sha256:${version('71d0c2')}`, digest: `sha256:${version('71d0c2')}`, locations: ['oci:/shop/web'] },
  milliseconds: 2400,
  error: null,
  ...overrides,
});

export const aHistoryVersion = (overrides: Partial<HistoryVersion> = {}): HistoryVersion => ({
  image: 'web',
  target: 'docker',
  version: version('9c41f7e03b6d'),
  createdAt: minutesAgo(12),
  branch: 'main',
  parents: [],
  base: 'debian:12-slim',
  source: { commit: '3f2a1c8d'.padEnd(40, '0'), dirty: false },
  state: 'checked',
  channels: [],
  artifact: { id: `sha256:${version('71d0c2')}`, digest: `sha256:${version('71d0c2')}` },
  ...overrides,
});

/** An event, so many milliseconds after {@link now}. */
export const at = (milliseconds: number, event: RunEvent): TimedEvent => ({
  schema: 1,
  time: new Date(now + milliseconds).toISOString(),
  run: 'run-1',
  event,
});

export const subject = (image = 'web', digits = '9c41f7e03b6d') => ({
  image,
  target: 'docker',
  version: version(digits),
});
