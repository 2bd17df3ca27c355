import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { realpathSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { Author, Catalog } from './catalog/types.js';
import { openCatalog } from './catalog/open.js';
import { loadDefinition, substitute, validateDefinition } from './definition/index.js';
import type { Definition } from './definition/types.js';
import { abortedError, isAborted } from './errors/abort.js';
import { BakeError, isBakeError } from './errors/bake-error.js';
import { createEmitter } from './events/emit.js';
import { createRedactor } from './events/redact.js';
import type { Bake, OpenOptions } from './library.js';
import { exportArtifact, readLogs, resolveRef } from './lifecycle/artifact.js';
import { checkRef } from './lifecycle/check.js';
import { doctor } from './lifecycle/doctor.js';
import { explain } from './lifecycle/explain.js';
import { readHistory, showVersion } from './lifecycle/history.js';
import { readPlans } from './lifecycle/plan.js';
import { renderImage } from './lifecycle/render.js';
import { update } from './lifecycle/update.js';
import { verify } from './lifecycle/verify.js';
import { runPipeline } from './pipeline.js';
import { readDefaultBranch, readGit } from './project/git.js';
import { openTargets } from './project/targets.js';
import type { Project } from './project/types.js';

/**
 * Opens a project: finds and checks the definition, loads its providers, and looks at nothing else yet.
 * Throws `ERR_BAKE_DEFINITION_*`, `ERR_BAKE_PROVIDER_*`. Close it, or use `await using`.
 */
export async function openProject(options: OpenOptions = {}): Promise<Bake> {
  const env = options.env ?? process.env;
  const signal = runSignal(options.signal);
  const cwd = resolve(options.cwd ?? process.cwd());
  const { definition: written, root } = await readDefinition(options, cwd);
  const definition = substitute(written, options.vars);
  const run = runId(new Date());
  const warnings: string[] = [];
  const redactor = createRedactor(options.secrets ?? {}, { warn: (message) => warnings.push(message) });
  const emit = createEmitter({ run, now: Date.now, redactor, onEvent: options.onEvent ?? (() => {}) });
  for (const message of warnings) emit({ type: 'warning', message });
  const stateDir = join(root, '.bake');
  const targets = await openTargets({ definition, root, stateDir, env, plugins: options.plugins, emit });
  const catalogs = openCatalogs(catalogUrl(options, definition, env, root), env);
  const once = memoised();

  const project: Project = {
    written,
    definition,
    vars: options.vars ?? {},
    root,
    stateDir,
    env,
    secrets: options.secrets ?? {},
    frozen: options.frozen ?? isSet(env['CI']),
    run,
    signal,
    targets: targets.byName,
    now: Date.now,
    emit,
    redact: (text) => redactor.redact(text),
    readCatalog: catalogs.read,
    writeCatalog: catalogs.write,
    git: () => once('git', () => readGit(root, env)),
    defaultBranch: () => once('branch', () => readDefaultBranch(root, env)),
    author: () =>
      once('author', async (): Promise<Author> => ({ actor: actor(env), run, source: (await project.git()).source })),
  };

  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    if (signal.aborted) throw abortedError(signal.reason);
    try {
      return await work();
    } catch (error) {
      throw isAborted(error, signal) && !isBakeError(error) ? abortedError(error) : error;
    }
  };
  const close = (): Promise<void> =>
    once('close', async () => {
      await targets.close();
      await catalogs.close();
    });

  return {
    definition: written,
    root,
    plan: (given = {}) => call(() => readPlans(project, given)),
    build: (given = {}) => call(() => runPipeline(project, given)),
    check: (ref, given) => call(() => checkRef(project, ref, given?.target)),
    resolve: (ref, given) => call(() => resolveRef(project, ref, given?.target, given?.at)),
    history: (given = {}) => call(() => readHistory(project, given)),
    show: (ref, given) => call(() => showVersion(project, ref, given?.target)),
    explain: (a, b, given) => call(() => explain(project, a, b, given?.target)),
    logs: (ref, given) => call(() => readLogs(project, ref, given?.target)),
    render: (image, given) => call(() => renderImage(project, image, given?.target)),
    update: (given = {}) => call(() => update(project, given)),
    export: (ref, file, given) => call(() => exportArtifact(project, ref, file, given?.target, cwd)),
    verify: (given) => call(() => verify(project, given?.acceptHead ?? false)),
    doctor: () => call(() => doctor(project)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function readDefinition(options: OpenOptions, cwd: string): Promise<{ definition: Definition; root: string }> {
  if (options.definition === undefined) {
    return loadDefinition({ cwd, ...(options.config !== undefined && { config: options.config }) });
  }
  return { definition: validateDefinition(options.definition), root: realpathSync(cwd) };
}

function catalogUrl(options: OpenOptions, definition: Definition, env: Project['env'], root: string): string {
  const url = options.catalog ?? env['BAKE_CATALOG'] ?? definition.catalog ?? '.bake';
  if (!/^[a-z][a-z0-9+]*:\/\//.test(url)) return resolve(root, url);
  throw new BakeError('ERR_BAKE_CATALOG_NOT_FOUND', `this version keeps catalogs in folders only, not at ${url}`, {
    hint: 'Give a path with --catalog, BAKE_CATALOG or `catalog`.',
  });
}

interface Catalogs {
  read(): Promise<Catalog | undefined>;
  write(): Promise<Catalog>;
  close(): Promise<void>;
}

/** Opens the catalog when it is first needed, and creates it only to write. */
function openCatalogs(url: string, env: Project['env']): Catalogs {
  const stateHome = join(env['XDG_STATE_HOME'] || join(env['HOME'] ?? homedir(), '.local', 'state'), 'bakehouse');
  let opened: Promise<Catalog> | undefined;
  const open = (create: boolean): Promise<Catalog> => openCatalog(url, { create, stateHome });
  return {
    read: async () => {
      if (opened !== undefined) return opened;
      const reading = open(false);
      try {
        await reading;
      } catch (error) {
        if (isBakeError(error, 'ERR_BAKE_CATALOG_NOT_FOUND')) return undefined;
        throw error;
      }
      opened ??= reading;
      return opened;
    },
    write: () => (opened ??= open(true)),
    close: async () => {
      const catalog = await opened?.catch(() => undefined);
      await catalog?.[Symbol.asyncDispose]();
    },
  };
}

/** The caller's signal as one of our own: many images listen to it at once, which Node would warn about. */
function runSignal(given: AbortSignal | undefined): AbortSignal {
  const signal = given ? AbortSignal.any([given]) : new AbortController().signal;
  setMaxListeners(0, signal);
  return signal;
}

/** Remembers the promise of each named piece of work. */
function memoised(): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  const results = new Map<string, Promise<unknown>>();
  return <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const known = results.get(name) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const result = work();
    results.set(name, result);
    return result;
  };
}

/** Sorts by time and tells runs of one second apart. */
function runId(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace(/[-:]/g, '')}-${randomBytes(4).toString('hex')}`;
}

/** Who acts: what CI says, else the user and host. */
function actor(env: Project['env']): string {
  const ci = env['GITHUB_ACTOR'] ?? env['GITLAB_USER_LOGIN'] ?? env['BUILDKITE_BUILD_CREATOR'];
  if (ci) return ci;
  let user = env['USER'] ?? env['LOGNAME'];
  try {
    user ??= userInfo().username;
  } catch {
    // A container may run under a uid without a name.
  }
  return `${user ?? 'unknown'}@${hostname()}`;
}

const isSet = (value: string | undefined): boolean =>
  value !== undefined && value !== '' && value !== 'false' && value !== '0';
