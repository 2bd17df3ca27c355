import type { Content, InputReader, TreeEntry } from '../../tree/types.js';

/** What happens at a moment of a build: it reports progress or a log line, or it uses its inputs. */
export type MomentKind = 'report' | 'input';

/**
 * The same inputs; `onUse` is called whenever something is asked of them, and may throw. Entries arrive asynchronously,
 * and bytes as promises, since a provider may rely on neither being there at once.
 */
export function watched(inputs: InputReader, onUse: () => void): InputReader {
  return {
    async *entries(step) {
      onUse();
      for await (const entry of inputs.entries(step)) {
        onUse();
        yield watchedEntry(entry, onUse);
      }
    },
    async blob(digest) {
      onUse();
      return inputs.blob(digest);
    },
  };
}

/** Numbers 1 to `total`, or so many of them, spread evenly and with both ends. */
export function spread(total: number, limit: number = total): readonly number[] {
  const all = Array.from({ length: total }, (_, index) => index + 1);
  if (total <= limit) return all;
  const step = (total - 1) / Math.max(limit - 1, 1);
  return Array.from({ length: limit }, (_, index) => all[Math.round(index * step)] ?? total);
}

function watchedEntry(entry: TreeEntry, onUse: () => void): TreeEntry {
  if (entry.type !== 'file') return entry;
  return {
    ...entry,
    async read(): Promise<Content> {
      onUse();
      return entry.read();
    },
  };
}
