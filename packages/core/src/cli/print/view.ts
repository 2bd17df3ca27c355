import type { Style } from './style.js';

/** What a printer has to know of the place where its lines will be seen. */
export interface View {
  readonly style: Style;
  /** Width of the terminal; `Infinity` where there is none, and then nothing is cut. */
  readonly columns: number;
  /** Milliseconds since 1970, for relative times. */
  readonly now: number;
  readonly verbose: boolean;
}
