// What keeping the inputs costs when one file changed: its share of the build, and how much the catalog grows.
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { summary } from './measure.mjs';
import { atMost } from './rows.mjs';

/** A record of a build (plan, definition, events, the frame of a pack) may take this much beside the inputs. */
const recordBytes = 8 * 1024;

/** `change(round)` changes one file of `tree`; then ours builds, and a catalog of the same state keeps the same inputs. */
export async function measureRetention({ ours, tree, changing, change, runs }) {
  await ours.build();
  await ours.inside('retain', tree, 'first');
  const builds = [];
  const keeps = [];
  let grown = 0;
  for (let round = 0; round <= runs; round++) {
    await change(round);
    const before = catalogBytes(ours.dir);
    const build = await ours.build();
    grown = catalogBytes(ours.dir) - before;
    const { milliseconds } = await ours.inside('retain', tree, 'again');
    if (round === 0) continue;
    builds.push(build);
    keeps.push(milliseconds);
  }
  const share = (summary(keeps).median / summary(builds).median) * 100;
  const note = `${summary(keeps).median.toFixed(0)} ms of ${summary(builds).median.toFixed(0)} ms`;
  const changed = statSync(changing).size + folderBytes(dirname(changing)) + folderBytes(tree);
  return [
    atMost('retaining the inputs, one file changed: share of the build', share, 15, '%', note),
    atMost('the same: growth of the catalog', grown / 1024, Math.ceil((changed + recordBytes) / 1024), 'KiB', ''),
  ];
}

/** Bytes of everything under `.bake` but caches and what the provider made. */
function catalogBytes(dir) {
  let bytes = 0;
  const add = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) add(path);
      else bytes += lstatSync(path).size;
    }
  };
  for (const entry of readdirSync(join(dir, '.bake'), { withFileTypes: true })) {
    if (['cache', 'providers'].includes(entry.name)) continue;
    if (entry.isDirectory()) add(join(dir, '.bake', entry.name));
    else bytes += readFileSync(join(dir, '.bake', entry.name)).length;
  }
  return bytes;
}

/** What one folder's list of members takes: name, kind, mode, size and a digest of 64 digits each. */
function folderBytes(dir) {
  return readdirSync(dir).reduce((bytes, name) => bytes + name.length + 96, 0);
}
