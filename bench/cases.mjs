// The cases. Each returns rows: what was measured, against what, the target, and whether it was met.
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeBase } from './base.mjs';
import { inTurn, timed } from './measure.mjs';
import { bin, openOurs } from './ours.mjs';
import { measureRetention } from './retained.mjs';
import { atMost, ratio } from './rows.mjs';
import { changeFile, writeTree } from './tree.mjs';

/** A file is trusted by its times only two seconds after it was hashed; a person does not type faster either. */
const settle = () => sleep(2500);

/** Only the peers that are there. */
const present = (contestants) => Object.fromEntries(Object.entries(contestants).filter(([, run]) => run !== undefined));

/** A project over the base and the common tree, with everyone having the base. */
async function project({ dir, docker, buildah }, name, files = 10_000) {
  const work = join(dir, name);
  mkdirSync(join(work, 'tree'), { recursive: true });
  const changing = writeTree(join(work, 'tree'), files, Math.min(files, 100));
  writeBase(join(work, 'base.tar'), 'release 1');
  const ours = openOurs(work, { from: 'archive:./base.tar' });
  await docker?.load(join(work, 'base.tar'));
  await buildah?.load(join(work, 'base.tar'));
  return { ours, tree: join(work, 'tree'), base: join(work, 'base.tar'), changing };
}

async function plan(context) {
  const { ours, tree } = await project(context, 'plan');
  await ours.build();
  await context.docker?.build(tree);
  await settle();
  await ours.plan();
  await settle();
  const { docker } = context;
  const times = await inTurn(
    present({ ours: () => ours.plan(), docker: docker && (() => docker.build(tree)) }),
    context,
  );
  return [ratio('`bake plan`, nothing changed, whole process', times, 'ours', 'docker', 0.6)];
}

async function planCall(context) {
  const { ours } = await project({ dir: context.dir }, 'plan-call');
  await ours.build();
  await settle();
  await ours.plan();
  await settle();
  const times = await ours.inside('plan', context.runs);
  return [ratio('`plan()` on an opened project', times, 'plan', 'walk', 2)];
}

async function changed(context) {
  const { ours, tree, changing } = await project(context, 'changed');
  const { docker, buildah } = context;
  const contestants = present({
    ours: () => ours.build(),
    docker: docker && (() => docker.build(tree)),
    buildah: buildah && (() => buildah.build(tree)),
  });
  const before = async (round) => {
    changeFile(changing, round);
    await settle();
  };
  for (const run of Object.values(contestants)) await run();
  const times = await inTurn(contestants, { ...context, before });
  const name = '`bake build`, one file changed';
  return [ratio(name, times, 'ours', 'docker', 0.35), ratio(name, times, 'ours', 'buildah', 0.15)];
}

async function first(context) {
  const { ours, tree } = await project(context, 'first');
  const { docker } = context;
  const contestants = present({ ours: () => ours.build(), docker: docker && (() => docker.build(tree)) });
  const before = async () => {
    ours.forget();
    await docker?.forget();
  };
  const times = await inTurn(contestants, { ...context, before });
  return [ratio('`bake build`, first time', times, 'ours', 'docker', 0.3)];
}

async function baseMoved(context) {
  const rows = [];
  const medians = [];
  for (const files of [100, 10_000]) {
    const { ours, tree, base } = await project(context, `base-${files}`, files);
    const { docker } = context;
    const contestants = present({
      ours: async () => {
        const { after, outcomes } = await ours.inside('build');
        if (outcomes.some((outcome) => outcome !== 'built')) throw new Error(`expected a build: ${outcomes.join()}`);
        return after;
      },
      docker: docker && (() => docker.build(tree)),
    });
    const before = async (round) => {
      writeBase(base, `release ${round + 2}`);
      await docker?.load(base);
      await ours.bake('update');
      await settle();
    };
    await ours.build();
    await docker?.build(tree);
    const times = await inTurn(contestants, { ...context, before });
    rows.push(ratio(`base moved, ${files} files, after planning`, times, 'ours', 'docker', 0.05));
    medians.push(times.ours);
  }
  const [few, many] = medians;
  // The same for both: what is left is the machine's own noise.
  return [...rows, ratio('base moved, 10000 files against 100', { ours: many, few }, 'ours', 'few', 1.5)];
}

async function retained(context) {
  const { ours, tree, changing } = await project({ dir: context.dir }, 'retained');
  const change = async (round) => {
    changeFile(changing, round);
    await settle();
  };
  return measureRetention({ ours, tree, changing, change, runs: context.runs });
}

async function version(context) {
  const times = await inTurn(
    {
      ours: async () => (await timed(process.execPath, [bin, '--version'])).milliseconds,
      node: async () => (await timed(process.execPath, ['-e', '0'])).milliseconds,
    },
    { runs: context.runs * 4 },
  );
  return [ratio('`bake --version`', times, 'ours', 'node', 1.5)];
}

async function large(context) {
  const work = join(context.dir, 'large');
  mkdirSync(work);
  writeLarge(join(work, 'large.bin'), 2 ** 31);
  const ours = openOurs(work, { from: 'scratch', copy: './large.bin', to: '/large.bin' });
  const peak = join(work, 'peak');
  const preload = pathToFileURL(
    join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, 'inside', 'peak.mjs'),
  );
  const env = { ...ours.env, BENCH_PEAK_FILE: peak };
  const { milliseconds } = await timed(process.execPath, ['--import', preload.href, bin, '-C', work, 'build'], { env });
  const mebibytes = Number(readFileSync(peak, 'utf8')) / 1024;
  rmSync(work, { recursive: true });
  const note = `${(milliseconds / 1000).toFixed(1)} s`;
  return [atMost('one 2 GiB file copied, peak memory', mebibytes, 200, 'MiB', note)];
}

/** Every block differs, so that nothing is saved by finding it twice. */
function writeLarge(file, size) {
  const block = Buffer.alloc(1 << 20);
  for (let index = 0; index < block.length; index++) block[index] = (index * 2_654_435_761) >>> 24;
  const fd = openSync(file, 'w');
  for (let at = 0; at < size; at += block.length) {
    block.writeUInt32LE(at / block.length, 0);
    block.writeUInt32LE(at / block.length, 1 << 19);
    writeSync(fd, block);
  }
  closeSync(fd);
}

/** By the name that `--only` takes. */
export const cases = { version, plan, 'plan-call': planCall, changed, first, base: baseMoved, retained, large };
