import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { sha256 } from '../plan/digest.js';

/** A process as others can tell whether it still lives. */
export interface Owner {
  /** Where process ids mean the same: host, boot and namespace, as 12 hex digits. */
  readonly host: string;
  readonly pid: number;
  /** Told from another process with the same id by when it began; empty where the system does not say. */
  readonly start: string;
}

let here: Owner | undefined;

/** This process. */
export function thisOwner(): Owner {
  here ??= {
    host: sha256(
      [
        hostname(),
        quietly(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
        quietly(() => readlinkSync('/proc/self/ns/pid')),
      ].join('\n'),
    ).slice(0, 12),
    pid: process.pid,
    start: startOf(process.pid),
  };
  return here;
}

/** Whether `owner` is certainly gone: of this host, and no longer running. Of other hosts nothing is known. */
export function isGone(owner: Owner): boolean {
  const self = thisOwner();
  if (owner.host !== self.host) return false;
  if (owner.pid === self.pid) return owner.start !== self.start;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
  const start = startOf(owner.pid);
  return owner.start !== '' && start !== '' && start !== owner.start;
}

/** Name of a temporary file that says whose it is. */
export function temporaryName(): string {
  const { host, pid, start } = thisOwner();
  return `${host}.${pid}.${start === '' ? '-' : start}.${randomBytes(8).toString('hex')}`;
}

/** Whose a temporary file is; `undefined` for a name that is not ours. */
export function ownerOfTemporary(name: string): Owner | undefined {
  const found = /^([0-9a-f]{12})\.([0-9]{1,10})\.(-|[0-9]+)\.[0-9a-f]{16}$/.exec(name);
  if (found === null) return undefined;
  const [, host = '', pid = '', start = ''] = found;
  return { host, pid: Number(pid), start: start === '-' ? '' : start };
}

/** Field 22 of `/proc/PID/stat`: ticks from boot to the start of the process. The name before it may hold anything. */
function startOf(pid: number): string {
  const stat = quietly(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function quietly(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
