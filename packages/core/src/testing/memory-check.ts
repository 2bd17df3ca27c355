import type { FileCheck } from '../definition/types.js';
import { sha256 } from '../plan/digest.js';
import type { CheckResult, NamedCheck } from '../provider/types.js';
import type { MemoryFile, MemoryImage, MemoryWorld } from './memory-world.js';

/** The result of one check: `file` checks are judged by the files, all others by what the world was told. */
export function checkInMemory(world: MemoryWorld, image: MemoryImage, { name, check }: NamedCheck): CheckResult {
  const scripted = world.outcomes.get(name) ?? ('file' in check ? undefined : world.outcomes.get('*'));
  if (scripted !== undefined) {
    const { outcome, detail } = typeof scripted === 'string' ? { outcome: scripted, detail: null } : scripted;
    return { name, outcome, detail, milliseconds: 0 };
  }
  if (!('file' in check)) return { name, outcome: 'notRun', detail: 'nothing boots in memory', milliseconds: 0 };
  const detail = fault(check, image.files.get(check.file));
  return { name, outcome: detail === null ? 'passed' : 'failed', detail, milliseconds: 0 };
}

function fault(check: FileCheck, file: MemoryFile | undefined): string | null {
  if (check.exists === false) return file === undefined ? null : 'is there';
  if (file === undefined) return 'is not there';
  if (check.mode !== undefined && check.mode.padStart(4, '0') !== file.mode) return `has mode ${file.mode}`;
  if (check.owner !== undefined && check.owner !== file.owner) return `belongs to ${file.owner}`;
  if (check.sha256 !== undefined && check.sha256 !== sha256(file.content)) return 'has other bytes';
  if (check.contains !== undefined && !Buffer.from(file.content).includes(check.contains))
    return 'does not contain the text';
  return null;
}
