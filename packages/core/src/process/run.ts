import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { BakeError } from '../errors/index.js';
import { endGroup, trackGroup } from './group.js';
import { createLineCollector } from './lines.js';
import type { ProcessOptions, ProcessResult, RunProcess } from './types.js';

const defaultGrace = 5000;
/** Bytes of stdout and of stderr that are kept; a program that prints more is ended. */
const maxOutput = 64 * 1024 * 1024;
const tailLines = 20;

/** Why a program was ended from here. */
type Ending = 'abort' | 'timeout' | 'output' | { readonly thrown: unknown };

/** The process runner: see {@link RunProcess}. */
export const run: RunProcess = async (command, args, options) => {
  if (options.signal.aborted) throw aborted(command, options.signal);
  const { execa } = await import('execa');
  if (options.signal.aborted) throw aborted(command, options.signal);

  const subprocess = execa(command, args, {
    cwd: options.cwd,
    env: Object.fromEntries(Object.entries(options.env).filter(([, value]) => value !== undefined)),
    extendEnv: false,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    // A group of its own, so that what the program starts can be ended with it. execa's own clean-up does neither that
    // nor without signal handlers, which a library must not install.
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
  });

  let ending: Ending | undefined;
  let ended: Promise<void> | undefined;
  const end = (why: Ending): void => {
    if (ended !== undefined) return;
    ending = why;
    const leader = subprocess.pid;
    // Something that left the group may still hold the pipes open: waiting for their end could take for ever.
    ended = (leader === undefined ? Promise.resolve() : endGroup(leader, options.grace ?? defaultGrace)).then(() => {
      subprocess.stdout.destroy();
      subprocess.stderr.destroy();
    });
  };

  const collect = (stream: 'stdout' | 'stderr') => {
    let size = 0;
    const { onLine, redact } = options;
    const collector = createLineCollector(
      onLine && ((line) => onLine(redact === undefined ? line : redact(line), stream)),
    );
    subprocess[stream].on('data', (chunk: Uint8Array) => {
      if (typeof ending === 'object') return;
      size += chunk.byteLength;
      if (size > maxOutput) return end('output');
      try {
        collector.push(chunk);
      } catch (thrown) {
        end({ thrown });
      }
    });
    return collector;
  };
  const output = collect('stdout');
  const errors = collect('stderr');

  const untrack = subprocess.pid === undefined ? undefined : trackGroup(subprocess.pid);
  const onAbort = (): void => end('abort');
  options.signal.addEventListener('abort', onAbort, { once: true });
  const timer = options.timeout === undefined ? undefined : setTimeout(end, options.timeout, 'timeout');
  const result = await subprocess;
  clearTimeout(timer);
  options.signal.removeEventListener('abort', onAbort);
  await ended;
  untrack?.();

  if (typeof ending === 'object') throw ending.thrown;
  const stdout = output.end();
  const stderr = errors.end();
  if (ending === 'abort') throw aborted(command, options.signal);
  if (result.exitCode === undefined && result.signal === undefined) throw notStarted(command, result, options);
  const exitCode = result.exitCode ?? 128 + (constants.signals[result.signal as NodeJS.Signals] ?? 0);
  if (ending !== undefined || (exitCode !== 0 && options.allowFailure !== true))
    throw failed([command, ...args], ending, { exitCode, stdout, stderr }, options);
  return { exitCode, stdout, stderr };
};

function aborted(command: string, signal: AbortSignal): BakeError {
  return new BakeError('ERR_BAKE_ABORTED', `${command} was interrupted`, { cause: signal.reason });
}

function notStarted(
  command: string,
  { code, cause }: { readonly code?: string | undefined; readonly cause?: unknown },
  { cwd }: ProcessOptions,
): BakeError {
  // A missing folder is ENOENT too, and no fault of the program.
  if (existsSync(cwd) && (code === 'ENOENT' || code === 'EACCES'))
    return new BakeError(
      'ERR_BAKE_PROCESS_MISSING',
      code === 'ENOENT' ? `${command} was not found` : `${command} may not be executed`,
      { hint: `Install ${command}, or put it on PATH.`, data: { command }, cause },
    );
  return new BakeError(
    'ERR_BAKE_PROCESS_FAILED',
    `${command} could not be started in ${cwd}${code ? ` (${code})` : ''}`,
    {
      data: { command, exitCode: null, stderr: '' },
      cause,
    },
  );
}

function failed(
  words: readonly string[],
  ending: Ending | undefined,
  { exitCode, stderr }: ProcessResult,
  { redact = (text) => text, timeout }: ProcessOptions,
): BakeError {
  const command = redact(words.join(' '));
  // Redacted before it is cut: a cut through a secret would hide it from the redactor.
  const tail = redact(stderr).trimEnd().split('\n').slice(-tailLines).join('\n');
  const last = tail.slice(tail.lastIndexOf('\n') + 1).trim();
  const how =
    ending === 'timeout'
      ? `did not end within ${timeout} ms`
      : ending === 'output'
        ? `printed more than ${maxOutput} bytes`
        : `ended with exit code ${exitCode}${last === '' ? '' : `: ${last}`}`;
  return new BakeError('ERR_BAKE_PROCESS_FAILED', `${redact(words[0] ?? '')} ${how}`, {
    data: { command, exitCode, stderr: tail },
  });
}
