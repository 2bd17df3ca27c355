import { coloured, plain, wantsColour, type Style } from './style.js';

/** The part of a writable stream that is used. `process.stdout` is one. */
export interface OutputStream {
  write(text: string, done?: (error?: Error | null) => void): boolean;
  on?(event: 'error', listener: (error: Error) => void): unknown;
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'error', listener: (error: Error) => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/** Where lines go. The only things that write to the streams. */
export interface Sink {
  write(text: string): void;
  lines(lines: readonly string[]): void;
  readonly style: Style;
  readonly terminal: boolean;
  /** Width of the terminal now; `Infinity` where there is none. */
  readonly columns: number;
  /** Height of the terminal now. */
  readonly rows: number;
  /** Calls back when the terminal's size changed; returns how to stop that. */
  onResize(listener: () => void): () => void;
  /** Resolves when all is written: with the error that lost something, if one did. A reader that went away is none. */
  flush(): Promise<Error | undefined>;
}

export interface SinkOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly noColor: boolean;
  /** Applied to all that is written. */
  readonly mask?: (text: string) => string;
}

/** Codes by which a reader that went away is known: `bake history | head`, a closed terminal. */
const gone = new Set(['EPIPE', 'ECONNRESET', 'EIO', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

/** Writes to a stream until its reader goes away, and from then on nothing. */
export function createSink(stream: OutputStream, options: SinkOptions): Sink {
  const colour = wantsColour(stream, options.env, options.noColor);
  let pending = 0;
  let closed = false;
  let failure: Error | undefined;
  let idle: (() => void) | undefined;

  const fail = (error: Error): void => {
    closed = true;
    const code = 'code' in error ? String(error.code) : '';
    if (!gone.has(code)) failure ??= error;
  };
  stream.on?.('error', fail);

  const write = (text: string): void => {
    if (closed || text === '') return;
    pending++;
    let done = false;
    const finish = (error?: Error | null): void => {
      if (done) return;
      done = true;
      if (error) fail(error);
      if (--pending === 0) idle?.();
    };
    try {
      stream.write(options.mask ? options.mask(text) : text, finish);
    } catch (error) {
      finish(error instanceof Error ? error : new Error(String(error)));
    }
  };

  return {
    write,
    lines: (lines) => {
      if (lines.length > 0) write(`${lines.join('\n')}\n`);
    },
    style: colour ? coloured : plain,
    terminal: stream.isTTY === true,
    get columns() {
      return stream.isTTY === true ? Math.max(20, stream.columns ?? 80) : Infinity;
    },
    get rows() {
      return Math.max(4, stream.rows ?? 24);
    },
    onResize(listener) {
      stream.on?.('resize', listener);
      return () => stream.off?.('resize', listener);
    },
    async flush() {
      if (pending > 0) await new Promise<void>((resolve) => (idle = resolve));
      return failure;
    },
  };
}
