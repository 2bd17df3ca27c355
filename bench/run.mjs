// `npm run bench`: ours and the peers in turn, in one run, on trees made here. Prints medians and ratios.
//   npm run bench -- --only plan,changed    some cases; RESULTS.md is left as it is
//   npm run bench -- --runs 3               fewer rounds; default 5
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, platform, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cases } from './cases.mjs';
import { version } from './ours.mjs';
import { startBuildahPeer, startDockerPeer } from './peers.mjs';
import { table } from './rows.mjs';

const { only, runs } = options();
const names = only ?? Object.keys(cases);

function options() {
  const usage = `usage: npm run bench -- [--only ${Object.keys(cases).join(',')}] [--runs N]`;
  try {
    const { values } = parseArgs({ options: { only: { type: 'string' }, runs: { type: 'string', default: '5' } } });
    const only = values.only?.split(',');
    const runs = Number(values.runs);
    if (Number.isInteger(runs) && runs > 0 && (only ?? []).every((name) => name in cases)) return { only, runs };
    console.error(usage);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
  process.exit(2);
}

const machine = `${platform()} ${arch()}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
const dir = realpathSync(mkdtempSync(join(tmpdir(), 'bake-bench-')));
const rows = [];
const notes = [];
const say = (note) => {
  notes.push(note);
  console.log(note);
};

console.log(`${machine}; medians of ${runs} rounds, in turn, after a warm-up`);
const withPeers = names.some((name) => ['plan', 'changed', 'first', 'base'].includes(name));
const docker = withPeers ? await startDockerPeer(dir, say) : undefined;
const buildah = names.includes('changed') ? await startBuildahPeer(dir, say) : undefined;
try {
  for (const name of names) {
    console.log(`\n${name} …`);
    try {
      const found = await cases[name]({ dir, runs, docker, buildah, say });
      rows.push(...found);
      console.log(table(found));
    } catch (error) {
      process.exitCode = 1;
      say(`${name}: could not be measured: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
} finally {
  await docker?.stop();
  await buildah?.stop();
  rmSync(dir, { recursive: true, force: true });
}

if (only === undefined) {
  const text = `# Results

Written by \`npm run bench\`. Bakehouse ${version} on ${machine}.
Medians (and ranges) of ${runs} rounds in which all take their turn, after a warm-up. The tree has 10,000 files of
4 to 7 KB in 100 folders. Peers: Docker Engine with BuildKit, buildah; the same tree and the same base for all.

${table(rows)}
${notes.map((note) => `\n- ${note}`).join('')}
`;
  writeFileSync(fileURLToPath(new URL('RESULTS.md', import.meta.url)), `${text.trimEnd()}\n`);
}
const missed = rows.filter(({ met }) => met === false);
const met = rows.filter((row) => row.met === true).length;
const absent = rows.length - met - missed.length;
console.log(`\n${met} targets met, ${missed.length} missed${absent > 0 ? `, ${absent} not measurable here` : ''}`);
for (const { name, result, target } of missed) console.log(`missed: ${name}: ${result}, target ${target}`);
