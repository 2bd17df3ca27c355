import type { Colour } from './style.js';
import { pad, textWidth, wrap } from './text.js';
import type { View } from './view.js';

/** A name and what there is to say of it. Neither has control characters. */
export interface Pair {
  readonly name: string;
  readonly text: string;
  readonly colour?: Colour | undefined;
}

/** Fewer columns than this are too few to break a text into. */
const readable = 24;

/** Names with texts beside them that are shown whole, on as many lines as that takes; below them where there is little room. */
export function pairLines(pairs: readonly Pair[], view: View, nameColour: Colour): readonly string[] {
  const width = Math.max(0, ...pairs.map(({ name }) => textWidth(name)));
  const room = view.columns - width - 4;
  return pairs.flatMap(({ name, text, colour }) => {
    const paint = (line: string): string => (colour === undefined ? line : view.style(colour, line));
    const label = `  ${view.style(nameColour, name)}`;
    if (room < readable) return [label, ...wrap(text, view.columns - 6).map((line) => `      ${paint(line)}`)];
    const [first = '', ...rest] = wrap(text, room);
    const gap = pad('', width - textWidth(name) + 2);
    return [`${label}${gap}${paint(first)}`, ...rest.map((line) => `${pad('', width + 4)}${paint(line)}`)];
  });
}
