// One build through the library: milliseconds until the plan was there, and after it.
import { openProject } from '@bakehouse/core';

const [dir] = process.argv.slice(2);
const start = performance.now();
let planned = start;
const bake = await openProject({
  cwd: dir,
  onEvent: ({ event }) => {
    if (event.type === 'planned') planned = performance.now();
  },
});
const { images } = await bake.build();
const end = performance.now();
await bake.close();
const outcomes = images.map(({ outcome }) => outcome);
process.stdout.write(JSON.stringify({ planning: planned - start, after: end - planned, outcomes }));
