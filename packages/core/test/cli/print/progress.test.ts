import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLiveRenderer } from '../../../src/cli/print/live-progress.js';
import { createSink } from '../../../src/cli/print/output.js';
import { createPlainRenderer } from '../../../src/cli/print/plain-progress.js';
import type { ProgressRenderer } from '../../../src/cli/print/renderer.js';
import { createProgress } from '../../../src/cli/progress.js';
import type { RunEvent } from '../../../src/events/types.js';
import { at, aStream, aView, now, subject, type FakeStream } from '../support.js';

const web = subject();
const base = subject('base', '4be07c19d2aa');

/** Feeds events to a renderer, each so many milliseconds after the start. */
function feed(renderer: ProgressRenderer, progress = createProgress()) {
  return (...events: readonly (readonly [number, RunEvent])[]): void => {
    for (const [milliseconds, event] of events) {
      const timed = at(milliseconds, event);
      renderer.handle(timed, progress.apply(timed));
    }
  };
}

const aBuild: readonly (readonly [number, RunEvent])[] = [
  [0, { type: 'planned', total: 2 }],
  [1, { type: 'finished', ...base, outcome: 'reused', milliseconds: 1, message: null }],
  [2, { type: 'resolved', image: 'web', target: 'docker', selector: 'debian:12', id: `sha256:${'ab'.repeat(32)}` }],
  [3, { type: 'warning', message: 'no checks' }],
  [4, { type: 'waiting', ...web, holder: 'pid 7 on host' }],
  [5, { type: 'started', ...web }],
  [6, { type: 'step', ...web, step: 'copy site → /www', fraction: null }],
  [7, { type: 'step', ...web, step: 'copy site → /www', fraction: 0.5 }],
  [8, { type: 'log', ...web, step: 'copy site → /www', line: '\u001b[32mcopied\u001b[0m 10 files\u0007' }],
  [9, { type: 'checking', ...web, checks: 2 }],
];

describe('progress on plain lines', () => {
  const render = (verbose: boolean, ...events: readonly (readonly [number, RunEvent])[]): string => {
    const stream = aStream();
    const sink = createSink(stream, { env: {}, noColor: true });
    feed(createPlainRenderer({ sink, view: () => aView({ verbose, columns: Infinity }) }))(...events);
    return `\n${stream.text}`;
  };

  it('has a line for each change of state, and none for what was only looked up', () => {
    const built = { type: 'finished', ...web, outcome: 'built', milliseconds: 2400, message: null } as const;
    expect(render(false, ...aBuild, [2400, built])).toMatchInlineSnapshot(`
      "
      resolved debian:12 for web: sha256:abababababab
      warning no checks
      web  9c41f7e03b6d  waits for pid 7 on host
      web  9c41f7e03b6d  started
      web  9c41f7e03b6d  copy site → /www
      web  9c41f7e03b6d  checking · 2 checks
      web  9c41f7e03b6d  built in 2.4 s
      "
    `);
  });

  it('has the log with --verbose', () => {
    expect(render(true, ...aBuild)).toContain('web  9c41f7e03b6d  │ copied 10 files\\x07');
  });

  it('shows the end of the log of what failed', () => {
    const lines = Array.from({ length: 30 }, (_, index): readonly [number, RunEvent] => [
      10,
      { type: 'log', ...web, step: 'run x', line: `line ${index}` },
    ]);
    const failed = {
      type: 'finished',
      ...web,
      outcome: 'failed',
      milliseconds: 9,
      message: 'exit code 1\nmore',
    } as const;
    const text = render(false, ...lines, [20, failed]);
    expect(text).toContain('web  9c41f7e03b6d  failed\n    │ line 18\n');
    expect(text).toContain('    │ line 29\n');
    expect(text).not.toContain('line 17');
  });
});

/** A terminal of a few control sequences: what a person sees after all that was written. */
function screen(stream: FakeStream): { readonly lines: readonly string[]; readonly cursor: boolean } {
  const escape = String.fromCodePoint(27);
  const lines: string[] = [''];
  let [row, column, cursor] = [0, 0, true];
  const token = new RegExp(`${escape}\\[(\\??)(\\d*)([A-Za-z])|[^${escape}]`, 'gsu');
  for (const [text, priv, number, letter] of stream.text.matchAll(token)) {
    if (letter === undefined) {
      if (text === '\n') [row, column] = [row + 1, 0];
      else if (text === '\r') column = 0;
      else {
        lines[row] = (lines[row] ?? '').padEnd(column).slice(0, column) + text + (lines[row] ?? '').slice(column + 1);
        column++;
      }
      lines[row] ??= '';
    } else if (letter === 'A') row -= Number(number);
    else if (letter === 'J') {
      lines.length = row + 1;
      lines[row] = (lines[row] ?? '').slice(0, column);
    } else if (priv === '?' && number === '25') cursor = letter === 'h';
  }
  return { lines, cursor };
}

describe('progress on a terminal', () => {
  beforeEach(() => void vi.useFakeTimers({ now }));
  afterEach(() => void vi.useRealTimers());

  const start = (size = { columns: 60, rows: 24 }, verbose = false) => {
    const stream = aStream(size);
    const sink = createSink(stream, { env: {}, noColor: true });
    const progress = createProgress();
    const exits = new Set<() => void>();
    const renderer = createLiveRenderer({
      sink,
      progress,
      view: () => aView({ columns: sink.columns, now: Date.now(), verbose }),
      now: () => Date.now(),
      atExit: (restore) => {
        exits.add(restore);
        return () => exits.delete(restore);
      },
    });
    return { stream, renderer, exits, send: feed(renderer, progress) };
  };

  it('shows what is worked on, with its last line of log, how far it is, and what is to stay above', () => {
    const { stream, send } = start();
    send(...aBuild.slice(0, -1));
    vi.advanceTimersByTime(1000);
    expect(`\n${screen(stream).lines.join('\n')}\n`).toMatchInlineSnapshot(`
      "
      resolved debian:12 for web: sha256:abababababab
      warning no checks
      ⠋ web  copy site → /www  50 %  1.0 s
        │ copied 10 files\\x07
        1 of 2 done · 1.0 s
      "
    `);
    expect(screen(stream).cursor).toBe(false);
  });

  it('draws at most ten frames a second, however much happens, each in one write', () => {
    const { stream, send } = start();
    send([0, { type: 'started', ...web }]);
    for (let index = 0; index < 1000; index++) {
      send([index, { type: 'log', ...web, step: 'x', line: `line ${index}` }]);
      vi.advanceTimersByTime(1);
    }
    expect(stream.writes.length).toBeLessThanOrEqual(10);
    for (const write of stream.writes) expect(write).toMatch(/\[\?2026h.*\[\?2026l$/s);
  });

  it('wipes itself, gives the cursor back, and takes back its exit handler', () => {
    const { stream, renderer, send, exits } = start();
    send(...aBuild);
    vi.advanceTimersByTime(500);
    expect(exits.size).toBe(1);
    renderer.stop();
    renderer.stop();
    expect(screen(stream)).toEqual({
      lines: [`resolved debian:12 for web: sha256:${'ab'.repeat(6)}`, 'warning no checks', ''],
      cursor: true,
    });
    expect(exits.size).toBe(0);
    renderer.note(['later']);
    expect(stream.text.endsWith('later\n')).toBe(true);
    vi.advanceTimersByTime(5000);
    expect(stream.text.endsWith('later\n')).toBe(true);
  });

  it('gives the cursor back also when the process ends in its middle', () => {
    const { stream, send, exits } = start();
    send(...aBuild);
    vi.advanceTimersByTime(500);
    for (const restore of exits) restore();
    expect(screen(stream).cursor).toBe(true);
  });

  it('says after a moment that it plans, and nothing where the work is done before', () => {
    const { stream, renderer } = start();
    vi.advanceTimersByTime(200);
    expect(stream.text).toBe('');
    vi.advanceTimersByTime(300);
    expect(screen(stream).lines).toEqual([expect.stringMatching(/^. planning {2}0\.5 s$/)]);
    renderer.stop();
    const quick = start();
    quick.renderer.stop();
    expect(quick.stream.text).toBe('');
  });

  it('stays within the terminal, whatever its size', () => {
    for (const size of [
      { columns: 20, rows: 5 },
      { columns: 40, rows: 8 },
      { columns: 200, rows: 50 },
    ]) {
      const { stream, send, renderer } = start(size);
      send([0, { type: 'planned', total: 40 }]);
      for (let index = 0; index < 40; index++) {
        const one = subject(`image-with-a-long-name-${index}`, String(index));
        send(
          [0, { type: 'started', ...one }],
          [0, { type: 'step', ...one, step: '漢字'.repeat(50), fraction: 0.3 }],
          [0, { type: 'log', ...one, step: 'x', line: 'y'.repeat(300) }],
        );
      }
      vi.advanceTimersByTime(1000);
      const { lines } = screen(stream);
      expect(lines.length).toBeLessThan(size.rows);
      for (const line of lines) expect(line.length).toBeLessThan(size.columns);
      renderer.stop();
    }
  });

  it('draws over lines that a narrower terminal has wrapped', () => {
    const stream = aStream({ columns: 60 });
    const sized = Object.assign(stream, { columns: 60 });
    const sink = createSink(sized, { env: {}, noColor: true });
    const progress = createProgress();
    const renderer = createLiveRenderer({
      sink,
      progress,
      view: () => aView(),
      now: () => Date.now(),
      atExit: () => () => undefined,
    });
    feed(renderer, progress)(
      [0, { type: 'planned', total: 1 }],
      [0, { type: 'started', ...web }],
      [0, { type: 'log', ...web, step: 'x', line: 'y'.repeat(100) }],
    );
    vi.advanceTimersByTime(100);
    sized.columns = 30;
    stream.writes.length = 0;
    stream.emit('resize');
    // Three lines, of which that of the log takes two rows now.
    expect(stream.writes[0]).toMatch(/\r.\[3A.\[0J/);
    renderer.stop();
  });

  it('writes the log above with --verbose', () => {
    const { stream, send } = start(undefined, true);
    send(...aBuild);
    vi.advanceTimersByTime(100);
    expect(screen(stream).lines).toContain('web │ copied 10 files\\x07');
  });
});
