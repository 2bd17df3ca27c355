import { isBakeError, type RunProcess } from '@bakehouse/core/provider';
import {
  asObject,
  nonEmpty,
  password,
  readDockerConfig,
  type Credentials,
  type DockerConfig,
} from './docker-config.js';
import { credentialKey } from './reference.js';

/** Finds the credentials for a registry; `undefined` where there are none. */
export type FindCredentials = (registry: string, signal: AbortSignal) => Promise<Credentials | undefined>;

const helperTimeout = 60_000;

/** Finds credentials where `docker login` puts them: in `config.json`, or in the helper that it names. Remembers them. */
export function createFindCredentials(
  env: Readonly<Record<string, string | undefined>>,
  run: RunProcess,
  warn: (message: string) => void,
): FindCredentials {
  let config: Promise<DockerConfig | undefined> | undefined;
  const known = new Map<string, Credentials | undefined>();
  return async (registry, signal) => {
    if (known.has(registry)) return known.get(registry);
    config ??= readDockerConfig(env, warn);
    const found = await config;
    const helper = found?.helperFor(registry);
    const fromHelper =
      found === undefined || helper === undefined
        ? undefined
        : await askHelper(helper, registry, { env, run, warn, cwd: found.folder }, signal);
    const credentials = fromHelper ?? found?.entryFor(registry);
    known.set(registry, credentials);
    return credentials;
  };
}

interface HelperContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly run: RunProcess;
  readonly warn: (message: string) => void;
  readonly cwd: string;
}

/** The protocol of github.com/docker/docker-credential-helpers: the server on stdin, JSON or a complaint on stdout. */
async function askHelper(
  helper: string,
  registry: string,
  { env, run, warn, cwd }: HelperContext,
  signal: AbortSignal,
): Promise<Credentials | undefined> {
  const program = `docker-credential-${helper}`;
  const unusable = (why: string): undefined => {
    warn(`${program}, which has the credentials for ${registry}, ${why}; going on without them`);
    return undefined;
  };
  if (!/^[\w.-]+$/.test(helper)) return unusable('is not the name of a program');
  try {
    const input = credentialKey(registry);
    const options = { cwd, env, signal, input, timeout: helperTimeout, allowFailure: true };
    const { exitCode, stdout } = await run(program, ['get'], options);
    if (exitCode !== 0)
      return /credentials not found/i.test(stdout) ? undefined : unusable(`ended with exit code ${exitCode}`);
    const answer = asObject(JSON.parse(stdout));
    const secret = nonEmpty(answer['Secret']);
    if (secret === undefined) return unusable('gave no secret');
    return password(typeof answer['Username'] === 'string' ? answer['Username'] : '', secret);
  } catch (error) {
    if (isBakeError(error, 'ERR_BAKE_ABORTED')) throw error;
    if (isBakeError(error, 'ERR_BAKE_PROCESS_MISSING')) return unusable('is not installed');
    // The message of a parser would quote what may be a secret.
    return unusable(isBakeError(error) ? 'failed' : 'did not answer in JSON');
  }
}
