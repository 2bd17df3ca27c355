import { setTimeout as sleep } from 'node:timers/promises';

const pollEvery = 20;
/** How long the kernel is given to bury what SIGKILL ended; zombies that nobody waits for stay in their group for ever. */
const buryWithin = 1000;

const running = new Set<number>();

function killRunning(): void {
  for (const leader of running) signalGroup(leader, 'SIGKILL');
}

/** Makes sure that a group does not outlive this process. Returns what to call when it has ended. */
export function trackGroup(leader: number): () => void {
  if (running.size === 0) process.on('exit', killRunning);
  running.add(leader);
  return () => {
    running.delete(leader);
    if (running.size === 0) process.off('exit', killRunning);
  };
}

/** Signals every process of a group. False where none is left that could be signalled. */
export function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch {
    return false;
  }
}

/** Asks a group to end, and after `grace` milliseconds makes it. Settles when none of it runs any more; never rejects. */
export async function endGroup(leader: number, grace: number): Promise<void> {
  signalGroup(leader, 'SIGTERM');
  if (await isGone(leader, grace)) return;
  signalGroup(leader, 'SIGKILL');
  await isGone(leader, buryWithin);
}

async function isGone(leader: number, within: number): Promise<boolean> {
  for (const deadline = performance.now() + within; signalGroup(leader, 0); await sleep(pollEvery))
    if (performance.now() >= deadline) return false;
  return true;
}
