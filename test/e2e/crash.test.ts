// Several processes at once, and processes that are killed at any moment.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { appDefinition, bakeFile, openProjectIn, type Project } from './bake.js';

/** Enough files that a build takes a while, few enough that two hundred builds do not. */
function someFiles(count: number, round = 0): Record<string, string> {
  const file = (index: number): [string, string] => [
    `files/folder-${index % 10}/file-${index}.txt`,
    `${round} ${index}\n`.repeat(200),
  ];
  return Object.fromEntries(Array.from({ length: count }, (_, index) => file(index)));
}

const definition = {
  ...appDefinition(),
  images: {
    base: { from: 'scratch', steps: [{ copy: './base', to: '/' }], checks: [{ file: '/etc/release', exists: true }] },
    app: {
      from: 'base',
      steps: [{ copy: './files', to: '/srv' }],
      checks: [{ file: '/srv/folder-1/file-1.txt', exists: true }],
    },
  },
};

let project: Project;
afterEach(() => project.remove());

describe('several processes', () => {
  test('that build the same image at once all succeed, with one canonical build', async () => {
    project = await openProjectIn({ ...someFiles(300), 'base/etc/release': 'one\n' }, definition);
    const runs = await Promise.all(Array.from({ length: 8 }, () => project.json(['build'])));
    for (const ran of runs) expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    const artifacts = new Set(
      runs.flatMap(({ data }) => data.images.map(({ image, artifact }) => `${image} ${artifact?.id}`)),
    );
    expect(artifacts.size).toBe(2);
    const { data } = await project.json(['history']);
    expect(data.versions.map(({ image, state }) => `${image} ${state}`).sort()).toEqual([
      'app checked',
      'base checked',
    ]);
    const shown = await project.bake(['show', 'app', '--json']);
    const types = (JSON.parse(shown.stdout) as { events: { type: string }[] }).events.map(({ type }) => type);
    expect(types.filter((type) => type === 'baked')).toHaveLength(1);
    expect((await project.json(['verify'])).data.faults).toEqual([]);
  });

  test('that build different images into one catalog lose nothing', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `image-${index}`);
    const images = names.map((name) => [name, { from: 'scratch', steps: [{ copy: './files', to: `/${name}` }] }]);
    project = await openProjectIn(someFiles(100), { ...appDefinition(), images: Object.fromEntries(images) });
    const runs = await Promise.all(names.map((name) => project.json(['build', name])));
    for (const ran of runs) expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    const { data } = await project.json(['history', '--limit', '100']);
    expect(data.versions.map(({ image }) => image).sort()).toEqual(names);
    expect((await project.json(['verify'])).data.faults).toEqual([]);
  });
});

/** A small generator of numbers in [0, 1), so that a failing run can be repeated by its seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Starts a build and kills it, with no chance to clean up, after so many milliseconds. Whether it was still running. */
async function killed(after: number): Promise<boolean> {
  const child = spawn(process.execPath, [bakeFile, 'build', '--json'], {
    cwd: project.dir,
    env: { ...process.env, ...project.env },
    stdio: 'ignore',
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
  await Promise.race([sleep(after), ended]);
  child.kill('SIGKILL');
  return (await ended) === 'SIGKILL';
}

/** What a concurrent reader must never see: a version that is listed and cannot be had whole. */
async function seenHalf(): Promise<string | undefined> {
  const { code, data, stderr } = await project.json(['history']);
  if (code !== 0 && data.error?.code !== 'ERR_BAKE_CATALOG_NOT_FOUND') return `history: ${stderr}`;
  for (const { image, version, state } of data.versions ?? []) {
    if (state !== 'checked') continue;
    const exported = await project.json(['export', `${image}@${version}`, join(project.dir, '..', 'seen.tar')]);
    if (exported.code !== 0) return `${image}@${version} is in the history, but ${exported.stderr}`;
  }
  return undefined;
}

describe('kill -9', () => {
  const kills = Number(process.env['BAKE_E2E_KILLS'] ?? 200);
  const seed = Number(process.env['BAKE_E2E_SEED'] ?? Date.now() % 1_000_000);

  test(`${kills} times during builds (BAKE_E2E_SEED=${seed}): the next succeeds, nothing is damaged, nothing half is seen`, async () => {
    const random = generator(seed);
    project = await openProjectIn({ ...someFiles(200), 'base/etc/release': 'one\n' }, definition);
    const start = performance.now();
    expect((await project.bake(['build'])).code).toBe(0);
    const whole = performance.now() - start;
    await rm(join(project.dir, '.bake'), { recursive: true });

    const stop = new AbortController();
    const reader = (async (): Promise<string[]> => {
      const seen: string[] = [];
      while (!stop.signal.aborted) {
        const half = await seenHalf();
        if (half !== undefined) seen.push(half);
        await sleep(1000);
      }
      return seen;
    })();

    let hits = 0;
    try {
      for (let kill = 0; kill < kills; kill++) {
        // Every kill meets something new to build: all of it, one image, or one file.
        await project.write(someFiles(kill % 4 === 0 ? 200 : 1, kill + 1));
        if (kill % 5 === 0) await project.write({ 'base/etc/release': `release ${kill}\n` });
        // From the first line of our code to a little after the end.
        if (await killed(60 + random() * whole * 1.1)) hits += 1;
        // Now and then two kills in a row.
        if (kill % 7 === 6) continue;
        const next = await project.json(['build']);
        expect(next.code, `after kill ${kill}: ${next.stdout}${next.stderr}`).toBe(0);
        if (kill % 5 !== 4) continue;
        const verified = await project.json(['verify']);
        expect(verified.data.faults, `after kill ${kill}: ${verified.stderr}`).toEqual([]);
      }
    } finally {
      stop.abort();
    }
    expect(await reader).toEqual([]);
    expect(hits).toBeGreaterThan(kills / 3);
    expect((await project.json(['plan'])).data.images.map(({ state }) => state)).toEqual(['present', 'present']);
    expect(existsSync(join(project.dir, '.bake'))).toBe(true);
  }, 600_000);
});
