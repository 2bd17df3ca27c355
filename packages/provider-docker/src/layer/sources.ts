import { BakeError, type InputReader, type PlanStep } from '@bakehouse/core/provider';
import { throwIfAborted } from '../store/abort.js';
import type { StateFolder } from '../store/state.js';
import type { Member, Source } from './members.js';
import { unpack } from './unpack.js';

/** Steps that bring files. */
export type FileStep = Extract<PlanStep, { kind: 'copy' | 'fetch' }>;

/** Opens what a step brings. To be closed by the caller. */
export async function openSource(
  step: FileStep,
  index: number,
  inputs: InputReader,
  state: StateFolder,
  signal: AbortSignal,
): Promise<Source> {
  if (step.kind === 'copy') {
    const members = await copied(inputs, index, signal);
    return 'tree' in step.source
      ? { kind: 'tree', members, close: nothing }
      : { kind: 'file', name: step.source.name, members, close: nothing };
  }
  const { size, content } = await inputs.blob(step.sha256);
  if (step.unpack === true) return unpack(step, content, state, signal);
  const member: Member = { path: step.to, type: 'file', mode: 0o644, size, target: '', read: () => content };
  return { kind: 'file', members: [member], close: nothing };
}

/** A step's `mode` as a number. Throws `ERR_BAKE_DESTINATION_INVALID` for what is no octal mode. */
export function modeOf(step: FileStep): number | undefined {
  if (step.mode === undefined) return undefined;
  if (!/^0?[0-7]{1,4}$/.test(step.mode))
    throw new BakeError('ERR_BAKE_DESTINATION_INVALID', `"${step.mode}" is not an octal mode such as "0640"`, {
      data: { mode: step.mode },
    });
  return Number.parseInt(step.mode, 8);
}

async function copied(inputs: InputReader, index: number, signal: AbortSignal): Promise<readonly Member[]> {
  const members: Member[] = [];
  const entries = inputs.entries(index);
  const add = (entry: typeof entries extends Iterable<infer E> | AsyncIterable<infer E> ? E : never): void => {
    if (entry.type === 'folder') members.push({ path: entry.path, type: 'folder', mode: 0o755, size: 0, target: '' });
    else if (entry.type === 'link')
      members.push({ path: entry.path, type: 'link', mode: 0o777, size: 0, target: entry.target });
    else
      members.push({
        path: entry.path,
        type: 'file',
        mode: Number.parseInt(entry.mode, 8),
        size: entry.size,
        target: '',
        read: (into) => entry.read(into),
      });
  };
  if (Symbol.iterator in entries) for (const entry of entries) add(entry);
  else
    for await (const entry of entries) {
      throwIfAborted(signal);
      add(entry);
    }
  return members;
}

function nothing(): void {
  // Nothing is held open.
}
