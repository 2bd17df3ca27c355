// Our side: a project over a tree, and the `bake` command as a whole process.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { timed } from './measure.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const command = join(root, 'packages', 'core', 'bin', 'bake.cjs');

/** The command's file, for cases that run it themselves. */
export const bin = command;

/** Writes a definition into `dir` that copies `dir/tree` onto `from`. */
export function openOurs(dir, { from, copy = './tree', to = '/srv/app' }) {
  mkdirSync(dir, { recursive: true });
  const definition = {
    name: 'bench',
    providers: { docker: { use: '@bakehouse/provider-docker' } },
    images: { app: { from, steps: [{ copy, to }], config: { cmd: ['/srv/app'] } } },
  };
  writeFileSync(join(dir, 'bake.config.json'), JSON.stringify(definition, null, 2));
  const env = { ...process.env, XDG_STATE_HOME: join(dir, '..', 'state'), CI: '' };
  const bake = (...args) => timed(process.execPath, [command, '-C', dir, ...args], { env });
  return {
    dir,
    env,
    bake,
    plan: async () => (await bake('plan')).milliseconds,
    build: async () => (await bake('build')).milliseconds,
    /** As on a machine that never built this: no history, no caches. */
    forget: () => {
      for (const name of ['.bake', 'bake.lock']) rmSync(join(dir, name), { recursive: true, force: true });
    },
    /** Runs a program of `inside/` with the library, and reads the JSON that it prints. */
    inside: async (name, ...args) => {
      const file = join(root, 'bench', 'inside', `${name}.mjs`);
      return JSON.parse((await timed(process.execPath, [file, dir, ...args.map(String)], { env })).stdout);
    },
  };
}

/** Version of Bakehouse, for the report. */
export const version = JSON.parse(readFileSync(join(root, 'packages', 'core', 'package.json'), 'utf8')).version;
