import { describe, expect, it } from 'vitest';
import { createSink, type OutputStream } from '../../../src/cli/print/output.js';
import { aStream } from '../support.js';

const options = { env: {}, noColor: false };

const failing = (code: string): OutputStream => ({
  write(_text, done) {
    done?.(Object.assign(new Error(code), { code }));
    return false;
  },
});

describe('a sink', () => {
  it('writes lines, each list at once', () => {
    const stream = aStream();
    const sink = createSink(stream, options);
    sink.lines(['a', 'b']);
    sink.lines([]);
    expect(stream.writes).toEqual(['a\nb\n']);
  });

  it('masks what it writes', () => {
    const stream = aStream();
    createSink(stream, { ...options, mask: (text) => text.replaceAll('hunter2', '***') }).lines(['x hunter2 y']);
    expect(stream.text).toBe('x *** y\n');
  });

  it.each(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'])('is silent once its reader is gone (%s)', async (code) => {
    const sink = createSink(failing(code), options);
    sink.lines(['a']);
    sink.lines(['b']);
    expect(await sink.flush()).toBeUndefined();
  });

  it('tells of output that was lost', async () => {
    const sink = createSink(failing('ENOSPC'), options);
    sink.lines(['a']);
    expect(await sink.flush()).toMatchObject({ code: 'ENOSPC' });
  });

  it('survives an error that the stream reports on its own, and one that it throws', async () => {
    const stream = aStream();
    const sink = createSink(stream, options);
    stream.emit('error', Object.assign(new Error('gone'), { code: 'EPIPE' }));
    sink.lines(['late']);
    expect(stream.text).toBe('');
    const thrower: OutputStream = {
      write: () => {
        throw new Error('no');
      },
    };
    const other = createSink(thrower, options);
    other.lines(['x']);
    expect(await other.flush()).toMatchObject({ message: 'no' });
  });

  it('waits until all is written', async () => {
    let finish: (() => void) | undefined;
    const slow: OutputStream = {
      write(_text, done) {
        finish = () => done?.();
        return false;
      },
    };
    const sink = createSink(slow, options);
    sink.lines(['x']);
    let flushed = false;
    const flushing = sink.flush().then(() => (flushed = true));
    await Promise.resolve();
    expect(flushed).toBe(false);
    finish?.();
    await flushing;
    expect(flushed).toBe(true);
  });

  it('has the width of its terminal, and none without one', () => {
    expect(createSink(aStream({ columns: 93 }), options).columns).toBe(93);
    expect(createSink(aStream({ columns: 3 }), options).columns).toBe(20);
    expect(createSink(aStream(), options).columns).toBe(Infinity);
  });
});
