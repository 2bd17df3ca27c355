import { bash } from './bash.js';
import { fish } from './fish.js';
import { zsh } from './zsh.js';

const scripts: Readonly<Record<string, string>> = { bash, zsh, fish };

/** Shells that there is a completion script for. */
export const shells: readonly string[] = Object.keys(scripts);

/**
 * The completion script of a shell. Each asks `bake __complete WORD…` with the words up to the cursor, which answers on
 * its first line `words`, `files` or `folders`, and then candidates, each with a description behind a tab.
 */
export function completionScript(shell: string): string | undefined {
  return Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
}
