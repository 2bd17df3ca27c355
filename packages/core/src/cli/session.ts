import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { createRedactor, type Redactor } from '../events/redact.js';
import type { TimedEvent } from '../events/types.js';
import type { Bake, OpenOptions } from '../library.js';
import { createBuildTimes } from './build-times.js';
import { given, type Input, type Session } from './command.js';
import type { CliHost } from './types.js';
import { usageError } from './usage.js';
import { parseVariables, readSecrets } from './values.js';

export interface OpenSession extends Session {
  /** Masks the secrets that were given. */
  readonly redactor: Redactor;
  close(): Promise<void>;
}

/** What a command works with, out of what was typed. Throws where `--set` or `--secret` make no sense. */
export function createSession(
  host: CliHost,
  input: Input,
  signal: AbortSignal,
  onEvent: (event: TimedEvent) => void,
): OpenSession {
  const cwd = workingFolder(host, input.text('C'));
  const times = createBuildTimes();
  const secrets = readSecrets(input.texts('secret'), { env: host.env, cwd });
  const vars = parseVariables(input.texts('set'));
  const options: OpenOptions = {
    cwd,
    env: host.env,
    signal,
    secrets,
    vars,
    ...given({ config: input.text('config'), catalog: input.text('catalog'), frozen: input.flag('frozen') }),
    onEvent: (event) => {
      times.note(event);
      onEvent(event);
    },
  };
  let opened: Promise<Bake> | undefined;
  return {
    host,
    signal,
    cwd,
    times,
    redactor: createRedactor(secrets),
    project: () => (opened ??= host.openProject(options)),
    async close() {
      const bake = await opened?.catch(() => undefined);
      await bake?.close();
    },
  };
}

/** The folder of `-C`, which has to be there. */
function workingFolder({ cwd }: CliHost, dir: string | undefined): string {
  if (dir === undefined) return cwd;
  const path = resolve(cwd, dir);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return path;
  throw usageError(`-C ${dir}: there is no such folder`);
}
