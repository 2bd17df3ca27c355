// The `bake` command as a whole process, in projects of their own.
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, type Ran, type RunOptions } from './start.js';

export const root: string = fileURLToPath(new URL('../..', import.meta.url));
/** The command's file. */
export const bakeFile: string = join(root, 'packages/core/bin/bake.cjs');

/** Variables that would change what the command does. */
const neutral: Readonly<Record<string, string | undefined>> = {
  CI: undefined,
  BAKE_CATALOG: undefined,
  GIT_DIR: undefined,
  NODE_OPTIONS: undefined,
  NO_COLOR: '1',
};

/** The JSON that a command printed, with what the tests look at. */
export interface Printed {
  readonly schema: 1;
  readonly error?: { readonly code: string; readonly message: string; readonly data: Record<string, unknown> };
  readonly images: readonly {
    readonly image: string;
    readonly version: string;
    readonly outcome: string;
    readonly state: string;
    readonly artifact: { readonly id: string; readonly digest: string } | null;
  }[];
  readonly versions: readonly {
    readonly image: string;
    readonly version: string;
    readonly state: string;
    readonly artifact: { readonly id: string; readonly digest: string } | null;
  }[];
  readonly faults: readonly { readonly kind: string; readonly where: string; readonly detail: string }[];
  readonly digest: string;
}

/** A folder with a definition, and beside it the state folder of the user who works there. */
export interface Project {
  readonly dir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs `bake … ` there. A failure is a value. */
  bake(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Runs `bake … --json` there. Rejects where stdout is not one JSON document. */
  json(args: readonly string[], options?: RunOptions): Promise<Ran & { readonly data: Printed }>;
  write(files: Readonly<Record<string, string | Buffer>>): Promise<void>;
  remove(): Promise<void>;
}

/** A definition of one image `app` from scratch; `steps` default to copying `./files`. */
export function appDefinition(image: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    name: 'shop',
    providers: { docker: { use: '@bakehouse/provider-docker' } },
    images: { app: { from: 'scratch', steps: [{ copy: './files', to: '/srv' }], ...image } },
  };
}

/** Makes a project from files; `definition`, if given, becomes `bake.config.json`. */
export async function openProjectIn(
  files: Readonly<Record<string, string | Buffer>>,
  definition?: unknown,
  parent?: string,
): Promise<Project> {
  const top = await realpath(parent ?? (await mkdtemp(join(tmpdir(), 'bake-e2e-'))));
  const dir = join(top, 'project');
  const env = { ...neutral, XDG_STATE_HOME: join(top, 'state') };
  const write = async (contents: Readonly<Record<string, string | Buffer>>): Promise<void> => {
    for (const [path, content] of Object.entries(contents)) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), content);
    }
  };
  await mkdir(dir, { recursive: true });
  await write(files);
  if (definition !== undefined) await write({ 'bake.config.json': JSON.stringify(definition) });
  const bake = (args: readonly string[], options: RunOptions = {}): Promise<Ran> =>
    run(process.execPath, [bakeFile, ...args], {
      cwd: dir,
      allowFailure: true,
      ...options,
      env: { ...env, ...options.env },
    });
  const json: Project['json'] = async (args, options) => {
    const ran = await bake([...args, '--json'], options);
    return { ...ran, data: parsed(args, ran) };
  };
  return { dir, env, bake, json, write, remove: () => rm(top, { recursive: true, force: true }) };
}

function parsed(args: readonly string[], ran: Ran): Printed {
  try {
    return JSON.parse(ran.stdout) as Printed;
  } catch {
    throw new Error(`bake ${args.join(' ')} (exit ${ran.code}) printed no JSON document\n${ran.stdout}${ran.stderr}`);
  }
}
