import type { Colour } from './style.js';

/** A sign with its colour. */
export interface Mark {
  readonly text: string;
  readonly colour: Colour;
}

/** The sign at the head of a line that says how something went. Never the only thing that says it. */
export const marks: Readonly<Record<'good' | 'bad' | 'open' | 'skipped', Mark>> = {
  good: { text: '✓', colour: 'green' },
  bad: { text: '✗', colour: 'red' },
  open: { text: '○', colour: 'yellow' },
  skipped: { text: '–', colour: 'dim' },
};

/** A number with its noun: `1 check`, `2 checks`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
