// Timing of whole processes, in turn, with a warm-up that is not counted.
import { spawn } from 'node:child_process';

/** Runs a program to its end. Rejects where it fails. Returns milliseconds and what it printed. */
export async function timed(program, args, options = {}) {
  const start = performance.now();
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  let milliseconds = 0;
  child.once('exit', () => (milliseconds = performance.now() - start));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}\n${stdout}${stderr}`.slice(0, 4000));
  return { milliseconds, stdout };
}

/**
 * Measures contestants in turn: A B C, A B C, … so that a machine whose speed drifts is the same for all.
 * Each is `(round) => milliseconds`; `before(round)` prepares a round for all. Round 0 warms up and is not counted.
 */
export async function inTurn(contestants, { runs, before = async () => {} }) {
  const times = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  for (let round = 0; round <= runs; round++) {
    await before(round);
    for (const [name, run] of Object.entries(contestants)) {
      const milliseconds = await run(round);
      if (round > 0) times[name].push(milliseconds);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, summary(list)]));
}

/** Median and range of a list of numbers. */
export function summary(list) {
  const sorted = list.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1), runs: sorted.length };
}
