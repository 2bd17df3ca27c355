// Damage to any byte of any file under `.bake/` is found, or the file is a cache that is made again; nothing wrong
// ever comes out: no wrong version, no wrong build, no wrong export.
import { cp, lstat, mkdir, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { openProject, type Bake, type BuildResult } from '@bakehouse/core';
import { provider } from '@bakehouse/provider-docker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appDefinition, openProjectIn, type Project } from './bake.js';

const seed = Number(process.env['BAKE_E2E_SEED'] ?? Date.now() % 1_000_000);
let state = seed;
/** A number from 0 to below `limit`; a failing run can be repeated by its seed. */
const random = (limit: number): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * limit);
};

const damages: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  flip: (bytes) => {
    const at = random(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    return bytes;
  },
  cut: (bytes) => bytes.subarray(0, random(bytes.length)),
  zero: (bytes) => {
    const from = random(bytes.length);
    return bytes.fill(0, from, Math.min(bytes.length, from + 1 + random(64)));
  },
  empty: () => Buffer.alloc(0),
};

let project: Project;
let folder: string;
let pristine: string;
let version: string;
let digest: string;

const open = (): Promise<Bake> =>
  openProject({
    cwd: project.dir,
    env: { ...project.env, HOME: project.dir },
    plugins: { '@bakehouse/provider-docker': provider },
  });

/** Runs one method on a newly opened project. An error with a code is a value; any other one is a fault of ours. */
async function outcome<T>(work: (bake: Bake) => Promise<T>): Promise<{ value: T } | { code: string }> {
  try {
    const bake = await open();
    try {
      return { value: await work(bake) };
    } finally {
      await bake.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'none';
    if (!code.startsWith('ERR_BAKE_') || code === 'ERR_BAKE_INTERNAL') throw error;
    return { code };
  }
}

const exported = join('..', 'out.tar');
const exports = (bake: Bake): Promise<string> => bake.export('app', exported).then((done) => done.digest);

/** Versions and artifacts of a build in which nothing failed; else the first code. */
function made({ images }: BuildResult): string[] | { code: string } {
  const failed = images.find(({ error }) => error !== null)?.error;
  if (failed) {
    if (failed.code === 'ERR_BAKE_INTERNAL') throw failed;
    return { code: failed.code };
  }
  return images.map((image) => `${image.version} ${image.artifact?.digest}`);
}

beforeAll(async () => {
  const files = Array.from({ length: 30 }, (_, index) => [
    `files/${index % 3}/file-${index}.txt`,
    `${index}\n`.repeat(50),
  ]);
  const steps = [
    { copy: './files', to: '/srv' },
    { copy: './one.txt', to: '/etc/one.txt', mode: '0600' },
  ];
  const checks = [{ file: '/etc/one.txt', contains: 'one' }];
  project = await openProjectIn({ ...Object.fromEntries(files), 'one.txt': 'one\n' }, appDefinition({ steps, checks }));
  folder = join(project.dir, '.bake');
  pristine = join(project.dir, '..', 'pristine');
  // Two versions, so that there is history to damage.
  expect((await project.bake(['build'])).code).toBe(0);
  await project.write({ 'one.txt': 'one and only\n' });
  const built = await project.json(['build']);
  version = `${built.data.images[0]?.version} ${built.data.images[0]?.artifact?.digest}`;
  digest = (await project.json(['export', 'app', exported])).data.digest;
  expect((await project.json(['verify'])).code).toBe(0);
  await cp(folder, pristine, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
});
afterAll(() => project.remove());

/** As it was, also what the user's own state folder remembers of the log. */
async function restore(): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await rm(project.env['XDG_STATE_HOME'] ?? '', { recursive: true, force: true });
  await cp(pristine, folder, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
}

async function damage(path: string, bytes: Buffer): Promise<void> {
  await restore();
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), bytes);
}

async function filesBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true });
  const own = await Promise.all(
    entries.map(
      async (entry) =>
        (await lstat(join(dir, entry))).isFile() && (await realpath(join(dir, entry))) === join(dir, entry),
    ),
  );
  return entries.filter((_, index) => own[index]).sort();
}

test(`damage anywhere is found or mended, and nothing wrong comes out (BAKE_E2E_SEED=${seed})`, async () => {
  const problems: string[] = [];
  const paths = await filesBelow(pristine);
  expect(paths.length).toBeGreaterThan(15);
  for (const path of paths) {
    const original = await readFile(join(pristine, path));
    if (original.length === 0) continue;
    for (const [kind, change] of Object.entries(damages)) {
      const bytes = change(Buffer.from(original));
      if (bytes.equals(original)) continue;
      const say = (what: string): void => void problems.push(`${path}, ${kind}: ${what}`);
      try {
        await damage(path, bytes);
        const verified = await outcome((bake) => bake.verify());
        const faults = 'value' in verified ? verified.value.faults : [];
        const found = 'code' in verified || faults.length > 0;
        const named = JSON.stringify(verified);
        if (faults.length > 0 && !named.includes(basename(path)) && !/pack|blob/.test(named))
          say(`not named: ${named.slice(0, 300)}`);

        await damage(path, bytes);
        const first = await outcome(exports);
        if ('value' in first && first.value !== digest) say('a wrong export');
        // What the assembler keeps can be made again: until then it is missing, and says so.
        const missing = 'code' in first && first.code === 'ERR_BAKE_ARTIFACT_MISSING' && path.startsWith('providers/');
        if ('code' in first && !found && !missing) say(`verify found nothing, but export failed: ${first.code}`);
        const planned = await outcome((bake) => bake.plan());
        if ('value' in planned && planned.value.images[0]?.version !== version.slice(0, 64)) say('a wrong version');
        if ('code' in planned && !found) say(`verify found nothing, but plan failed: ${planned.code}`);

        const built = await outcome(async (bake) => made(await bake.build()));
        if ('value' in built && Array.isArray(built.value) && built.value.join() !== version) say('a wrong build');
        const failed = 'code' in built ? built.code : Array.isArray(built.value) ? undefined : built.value.code;
        if (failed !== undefined && !found) say(`verify found nothing, but build failed: ${failed}`);
        const second = await outcome(exports);
        if ('value' in second && second.value !== digest) say('a wrong export after a build');
        if ('code' in second && failed === undefined) say(`built, but cannot be exported: ${second.code}`);
      } catch (error) {
        say(error instanceof Error ? (error.stack ?? error.message).slice(0, 600) : String(error));
      }
    }
  }
  expect(problems).toEqual([]);
}, 600_000);

test('the command says which file is damaged, goes on, and exits with 1', async () => {
  await restore();
  const packs = (await filesBelow(folder)).filter((path) => path.endsWith('.pack'));
  const events = (await filesBelow(folder)).filter((path) => path.startsWith('log/'));
  for (const path of [packs[0] ?? '', events[0] ?? '']) {
    const bytes = await readFile(join(folder, path));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(join(folder, path), bytes);
  }
  const { code, data } = await project.json(['verify']);
  expect(code).toBe(1);
  expect(data.error?.code).toBe('ERR_BAKE_VERIFY_FAILED');
  expect(new Set(data.faults.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(2);
});
