import { describe, expect, test } from 'vitest';
import { createEmitter } from '../../src/events/emit.js';
import { createJsonLines } from '../../src/events/json-lines.js';
import { createRedactor } from '../../src/events/redact.js';
import type { RunEvent, TimedEvent } from '../../src/events/types.js';

const redactor = createRedactor({ TOKEN: 'hunter22', WORD: 'built', KIND: 'finished' });
const subject = { image: 'web', target: 'docker', version: 'ab'.repeat(32) };
const finished: RunEvent = { type: 'finished', outcome: 'built', milliseconds: 5, message: 'was hunter22', ...subject };

describe('createEmitter', () => {
  const collect = (): { readonly events: TimedEvent[]; readonly emit: (event: RunEvent) => void } => {
    const events: TimedEvent[] = [];
    const emit = createEmitter({ run: 'r1', now: () => 1000, onEvent: (event) => events.push(event), redactor });
    return { events, emit };
  };

  test('adds run and time', () => {
    const { events, emit } = collect();
    emit({ type: 'planned', total: 2 });
    expect(events).toEqual([
      { schema: 1, time: '1970-01-01T00:00:01.000Z', run: 'r1', event: { type: 'planned', total: 2 } },
    ]);
  });

  test('masks secrets, but not the words that receivers match on', () => {
    const { events, emit } = collect();
    emit(finished);
    emit({ type: 'log', step: 'run', line: 'it was built with hunter22', ...subject });
    expect(events.map(({ event }) => event)).toEqual([
      { ...finished, message: 'was ***' },
      { type: 'log', step: 'run', line: 'it was *** with ***', ...subject },
    ]);
  });

  test('does nothing where nobody listens', () => {
    expect(() => createEmitter({ run: 'r1', now: () => 0, redactor })(finished)).not.toThrow();
  });
});

test('createJsonLines writes one masked line of JSON an event, in one piece', () => {
  const lines: string[] = [];
  const write = createJsonLines((line) => lines.push(line), redactor);
  const timed = (event: RunEvent): TimedEvent => ({ schema: 1, time: '2026-01-01T00:00:00.000Z', run: 'r1', event });
  write(timed(finished));
  write(timed({ type: 'warning', message: 'two\nlines of "hunter22"' }));
  expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
  expect(lines.map((line) => (JSON.parse(line) as TimedEvent).event)).toEqual([
    { ...finished, message: 'was ***' },
    { type: 'warning', message: 'two\nlines of "***"' },
  ]);
});
