import type { InitOptions, InitResult } from '../definition/init.js';
import type { Definition } from '../definition/types.js';
import type { Bake, OpenOptions } from '../library.js';
import type { OutputStream } from './print/output.js';

/** Everything the command takes from the process it runs in, so that tests can give it something else. */
export interface CliHost {
  /** Without the interpreter and the script. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly openProject: (options: OpenOptions) => Promise<Bake>;
  /** Reads the definition alone, for shell completion: no provider is loaded. */
  readonly loadDefinition: (options: { readonly cwd?: string; readonly config?: string }) => Promise<Definition>;
  readonly init: (options: InitOptions) => Promise<InitResult>;
  /** Version of the package, for `--version`. */
  readonly version: () => string;
  /** The wall clock, milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** Aborted by the first interrupt: the run cleans up and ends. */
  readonly signal?: AbortSignal;
  /** Aborted by the second interrupt: the run is left as it is. */
  readonly hardSignal?: AbortSignal;
  /** Registers what must happen however the process ends; returns how to take it back. */
  readonly atExit?: (restore: () => void) => () => void;
}
