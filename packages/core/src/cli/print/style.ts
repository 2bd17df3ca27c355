import { styleText } from 'node:util';

export type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Paints a text that has no control characters of its own. */
export type Style = (colour: Colour, text: string) => string;

export const plain: Style = (_colour, text) => text;

/** Node's own check of the stream is switched off: that decision is made by {@link wantsColour}. */
export const coloured: Style = (colour, text) =>
  text === '' ? '' : styleText(colour, text, { validateStream: false });

/**
 * Whether a stream gets colour. `--no-color` wins, then `FORCE_COLOR` (as in Node), then `NO_COLOR` if not empty;
 * else a terminal gets it, unless it is a dumb one.
 */
export function wantsColour(
  stream: { readonly isTTY?: boolean | undefined },
  env: Readonly<Record<string, string | undefined>>,
  noColor: boolean,
): boolean {
  if (noColor) return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}
