import { StringDecoder } from 'node:string_decoder';

/** Collects a stream of UTF-8 bytes as text, and hands out its lines as they are completed. */
export interface LineCollector {
  push(chunk: Uint8Array): void;
  /** Hands out a last line that has no line end. Returns the whole text. */
  end(): string;
}

/** Lines end with `\n` or `\r\n`; a multi-byte character may be split over chunks. */
export function createLineCollector(onLine?: (line: string) => void): LineCollector {
  const decoder = new StringDecoder('utf8');
  const chunks: string[] = [];
  let open: string[] = [];
  const take = (text: string): void => {
    chunks.push(text);
    if (onLine === undefined) return;
    let from = 0;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
      open.push(text.slice(from, at));
      const line = open.join('');
      open = [];
      from = at + 1;
      onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    }
    open.push(text.slice(from));
  };
  return {
    push: (chunk) => take(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))),
    end() {
      take(decoder.end());
      const last = open.join('');
      open = [];
      if (last !== '') onLine?.(last);
      return chunks.join('');
    },
  };
}
