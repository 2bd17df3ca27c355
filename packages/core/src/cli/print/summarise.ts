import type { Change } from '../../plan/types.js';
import { visible } from './text.js';

const file = /^steps\[\d+\] (.+)$/s;
const base = /^(.*) \((.+)\)$/s;
const version = /^[0-9a-f]{64}$/;

/** Values that are short enough to be shown in a reason. */
const shown = 24;

/**
 * Why a version differs, in one line for people: `1 file changed: site/index.html`, `base debian:12-slim moved`,
 * `config.env.TZ UTC → CET`. The base comes first, then files, then the rest; empty for no change.
 */
export function summarise(changes: readonly Change[]): string {
  const bases = changes.filter(({ input }) => input === 'base');
  const files = changes.filter(({ input }) => file.test(input));
  const others = changes.filter((change) => !bases.includes(change) && !files.includes(change));
  return [...bases.map(baseReason), ...fileReason(files), ...otherReasons(others)].join('; ');
}

function baseReason({ before, after }: Change): string {
  const [, oldName, oldId] = base.exec(before ?? '') ?? [];
  const [, newName, newId] = base.exec(after ?? '') ?? [];
  if (newName === undefined || newId === undefined)
    return after === null ? 'base changed' : `base is now ${visible(after)}`;
  if (oldName !== newName) return `base ${visible(oldName ?? before ?? 'none')} → ${visible(newName)}`;
  if (version.test(newId) && version.test(oldId ?? '')) return `parent ${visible(newName)} changed`;
  return `base ${visible(newName)} moved`;
}

function fileReason(files: readonly Change[]): readonly string[] {
  const [first] = files;
  if (first === undefined) return [];
  const kind = files.every((change) => change.kind === first.kind) ? first.kind : 'changed';
  const name = visible(file.exec(first.input)?.[1] ?? first.input);
  const count = files.length === 1 ? '1 file' : `${files.length} files`;
  return [`${count} ${kind}: ${name}${files.length > 1 ? ', …' : ''}`];
}

function otherReasons(others: readonly Change[]): readonly string[] {
  const [first] = others;
  if (first === undefined) return [];
  const reason = otherReason(first);
  return others.length === 1 ? [reason] : [`${reason}, ${others.length - 1} more`];
}

/** One input that is no file, with its values where they are short. */
function otherReason({ input, kind, before, after }: Change): string {
  const name = visible(input);
  if (input === 'refreshed') return 'steps refreshed';
  const brief = (value: string | null): value is string =>
    value !== null && value.length > 0 && value.length <= shown && !/[\n[{]/.test(value);
  if (kind === 'changed' && brief(before) && brief(after)) return `${name} ${visible(before)} → ${visible(after)}`;
  if (kind === 'added' && brief(after) && !/^steps\[\d+\]$/.test(input)) return `${name} added: ${visible(after)}`;
  return `${name} ${kind}`;
}
