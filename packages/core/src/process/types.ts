/** How a program is run. Nothing of this process's surroundings reaches it but what is given here. */
export interface ProcessOptions {
  /** The folder it runs in. */
  readonly cwd: string;
  /** Its whole environment; `PATH` in it also finds the program. Members that are `undefined` are left out. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends it, and all that it started in its process group; rejects with `ERR_BAKE_ABORTED`. */
  readonly signal: AbortSignal;
  /** What it reads on standard input. Default: nothing, never this process's own. */
  readonly input?: string | Uint8Array;
  /** Called with each line as it is printed, without its line end, after `redact`. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** Milliseconds after which it is ended, and the call rejects with `ERR_BAKE_PROCESS_FAILED`. Default: never. */
  readonly timeout?: number;
  /** Milliseconds between SIGTERM and SIGKILL. Default 5000. */
  readonly grace?: number;
  /** Masks secrets in what `onLine` gets and in errors. The result's `stdout` and `stderr` are as they were printed. */
  readonly redact?: (text: string) => string;
  /** Whether another exit code than 0 is a result instead of an error. Default `false`. */
  readonly allowFailure?: boolean;
}

/** What a program left. */
export interface ProcessResult {
  /** 0, unless `allowFailure` was given; 128 and the signal's number where a signal ended it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end.
 *
 * Rejects with `ERR_BAKE_PROCESS_MISSING` where the program is not there or not executable, `ERR_BAKE_PROCESS_FAILED` where it
 * ended with another code than 0 (`data`: `command`, `exitCode`, and `stderr`, the last lines of it),
 * `ERR_BAKE_ABORTED` where `signal` ended it. When the call settles after an abort or a timeout, the whole group is gone.
 */
export type RunProcess = (command: string, args: readonly string[], options: ProcessOptions) => Promise<ProcessResult>;
