// `plan()` on an opened project against a bare walk of the same tree, in turn. Prints the medians' raw numbers.
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openProject } from '@bakehouse/core';
import { inTurn } from '../measure.mjs';

const [dir, runs] = process.argv.slice(2);

function walk(folder) {
  let count = 1;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    lstatSync(path, { bigint: true });
    count += entry.isDirectory() ? walk(path) : 1;
  }
  return count;
}

const bake = await openProject({ cwd: dir });
const since = async (work) => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};
const contestants = {
  walk: () => since(() => walk(join(dir, 'tree'))),
  plan: () => since(() => bake.plan()),
};
// Twice: the first time also warms the compiler.
await inTurn(contestants, { runs: 3 });
const result = await inTurn(contestants, { runs: Number(runs) * 3 });
await bake.close();
process.stdout.write(JSON.stringify(result));
