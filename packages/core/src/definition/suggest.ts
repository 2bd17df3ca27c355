/**
 * How many letters must be added, left out, replaced or swapped with their neighbour to turn one word into the other
 * (optimal string alignment; a swap counts once, which plain Levenshtein libraries do not offer).
 */
export function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const next = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(last[column]! + 1, next[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        best = Math.min(best, before[column - 2]! + 1);
      next.push(best);
    }
    before = last;
    last = next;
  }
  return last[b.length]!;
}

/** Longer words are no misspelling of anything, and comparing them costs their length squared. */
const LONGEST = 64;

/**
 * The candidate that `word` is most likely a misspelling of, or `null` where none is near.
 * Near is one mistake in a word of up to five letters, and one more for every three letters beyond; case is no mistake.
 * Of equally near ones the first is taken.
 */
export function suggest(word: string, candidates: Iterable<string>): string | null {
  if (word.length > LONGEST) return null;
  const lower = word.toLowerCase();
  let best: string | null = null;
  let least = Infinity;
  for (const candidate of candidates) {
    if (candidate === word || candidate.length > LONGEST) continue;
    const length = Math.max(word.length, candidate.length);
    const limit = length < 3 ? 0 : Math.max(1, Math.floor(length / 3));
    const found = distance(lower, candidate.toLowerCase());
    if (found <= limit && found < least) {
      best = candidate;
      least = found;
    }
  }
  return best;
}
