// Loaded into a process before its program: reports the peak of its resident memory, in KiB, when it ends.
import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  let peak = process.resourceUsage().maxRSS;
  try {
    // Linux counts what the parent had at the fork into maxRSS; this does not.
    peak = Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? peak);
  } catch {
    // Not Linux: maxRSS it is.
  }
  writeFileSync(process.env.BENCH_PEAK_FILE, String(peak));
});
