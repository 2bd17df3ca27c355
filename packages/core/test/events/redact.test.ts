import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRedactor } from '../../src/events/redact.js';

const key = [
  '-----BEGIN PRIVATE KEY-----',
  'MIIEvQIBADANBgkqhkiG9w0B',
  'AQEFAASCBKcwggSjAgEAAoIB',
  '-----END PRIVATE KEY-----',
];

/** Everything that this file promises to find, each as a program would print it. */
const encodings: Readonly<Record<string, (text: string) => readonly string[]>> = {
  raw: (text) => [text],
  base64: (text) => ['', 'a', 'ab'].map((before) => base64Core(before, text)),
  base64url: (text) =>
    ['', 'a', 'ab'].map((before) => base64Core(before, text).replaceAll('+', '-').replaceAll('/', '_')),
  url: (text) => [
    encodeURIComponent(text),
    encodeURIComponent(text).replace(/%../g, (escape) => escape.toLowerCase()),
    new URLSearchParams({ '': text }).toString().slice(1),
    Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
    encodeURIComponent(encodeURIComponent(text)),
  ],
  json: (text) => [
    inner(text),
    inner(inner(text)),
    inner(text).replaceAll('/', '\\/'),
    text.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  ],
  urlInJson: (text) => [inner(encodeURIComponent(text)), encodeURIComponent(inner(text))],
};
const inner = (text: string): string => JSON.stringify(text).slice(1, -1);
/** The characters of the Base64 of `before + text + anything` that depend on `text` alone. */
function base64Core(before: string, text: string): string {
  const whole = Buffer.from(before + text);
  return whole.toString('base64').slice(Math.ceil((before.length * 8) / 6), Math.floor((whole.length * 8) / 6));
}
const allForms = (text: string): readonly string[] => Object.values(encodings).flatMap((encode) => encode(text));

/** A secret that no other text holds by chance, and that a mask cannot be part of. */
const aSecret = fc
  .string({ unit: fc.constantFrom(...Array.from('aZ09 +/\\"\'%&=\n\r\té€😀{}$')), minLength: 8, maxLength: 60 })
  .map((text) => text.trim())
  .filter((text) => text.length >= 8);
const aText = fc.string({ unit: 'grapheme', maxLength: 40 });

describe('redact', () => {
  test('masks a secret wherever it stands', () => {
    const { redact } = createRedactor({ TOKEN: 'hunter22' });
    expect(redact('hunter22')).toBe('***');
    expect(redact('a=hunter22&b=hunter22!')).toBe('a=***&b=***!');
    expect(redact('nothing here')).toBe('nothing here');
  });

  test('lets no canary survive in any encoding, between any other text', () => {
    fc.assert(
      fc.property(aSecret, aText, aText, (secret, before, after) => {
        const { redact } = createRedactor({ SECRET: secret });
        for (const form of allForms(secret)) {
          const masked = redact(before + form + after);
          expect(masked).not.toContain(form);
          expect(masked).toContain('***');
        }
      }),
      { numRuns: 300 },
    );
  });

  test('lets no canary survive in the Base64 of other data that holds it', () => {
    fc.assert(
      fc.property(
        aSecret,
        fc.uint8Array({ maxLength: 9 }),
        fc.uint8Array({ maxLength: 9 }),
        (secret, before, after) => {
          const { redact } = createRedactor({ SECRET: secret });
          const data = Buffer.concat([before, Buffer.from(secret), after]);
          for (const encoding of ['base64', 'base64url'] as const) {
            const masked = redact(data.toString(encoding));
            for (const core of ['', 'a', 'ab'].map((shift) => base64Core(shift, secret)))
              expect(masked).not.toContain(core);
            // What is left are the bytes around it, and at most the few bits that share a character with them.
            expect(masked.length).toBeLessThanOrEqual(3 + Math.ceil(((before.length + after.length) * 8) / 6) + 8);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('masks nothing where no secret is', () => {
    fc.assert(
      fc.property(aText, (text) => {
        fc.pre(!text.includes('***'));
        expect(createRedactor({ SECRET: 'quite-another-thing' }).redact(text)).toBe(text);
      }),
    );
  });

  test('makes one mask of secrets that overlap, and leaves no rest of either', () => {
    const { redact } = createRedactor({ SHORT: 'abcd', LONG: 'cdefgh', INNER: 'cdef' });
    expect(redact('-abcdefgh-')).toBe('-***-');
    expect(redact('-cdefgh-cdef-')).toBe('-***-***-');
    expect(createRedactor({ A: 'aaaa' }).redact('-aaaaaaa-')).toBe('-***-');
  });

  test('masks each line of a secret with several, each by itself too', () => {
    const { redact } = createRedactor({ KEY: `${key.join('\n')}\n` });
    for (const line of key) expect(redact(`| ${line} |`)).toBe('| *** |');
    expect(redact(key.join('\r\n'))).not.toMatch(/MII|AQE/);
    expect(redact(JSON.stringify({ key: key.join('\n') }))).toBe('{"key":"***"}');
  });

  test('masks the lines that base64 and openssl break a long secret into', () => {
    const secret = Array.from({ length: 12 }, (_, index) => `part ${index} of a long secret;`).join('');
    const { redact } = createRedactor({ LONG: secret });
    const encoded = Buffer.from(secret).toString('base64').replace(/=+$/, '');
    for (const width of [64, 76])
      for (const line of encoded.match(new RegExp(`.{1,${width}}`, 'g')) ?? []) {
        const masked = redact(`  ${line}`);
        expect(masked.replace('***', '').trim().length).toBeLessThan(4);
      }
  });

  test('masks a secret of any length', () => {
    const secret = Array.from({ length: 500 }, (_, index) => `${index}/é"`).join('');
    const { redact } = createRedactor({ HUGE: secret });
    expect(redact(`<${secret}>`)).toBe('<***>');
    expect(redact(`<${inner(secret)}>`)).toBe('<***>');
    expect(redact(`<${encodeURIComponent(secret)}>`)).toBe('<***>');
    expect(redact(Buffer.from(secret).toString('base64')).length).toBeLessThan(8);
  });

  test('takes no account of white space around a secret, as files and variables have it', () => {
    expect(createRedactor({ TOKEN: ' hunter22\n' }).redact('[hunter22]')).toBe('[***]');
  });

  test('finds a secret that a shell quoted', () => {
    expect(createRedactor({ TOKEN: "it's-me" }).redact(String.raw`+ login 'it'\''s-me'`)).toBe("+ login '***'");
  });

  test('leaves secrets of less than four characters, and says so once each, without their values', () => {
    const warnings: string[] = [];
    const { redact } = createRedactor(
      { PIN: 'q7x', EMPTY: '', TOKEN: 'hunter22' },
      { warn: (text) => warnings.push(text) },
    );
    expect(redact('q7x hunter22')).toBe('q7x ***');
    redact('q7x');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('PIN');
    expect(warnings[0]).not.toContain('q7x');
  });

  test('takes time that grows with the text and not with the patience of an attacker', () => {
    const { redact } = createRedactor({
      SLASHES: `${'\\'.repeat(40)}n${'\\"'.repeat(40)}x`,
      PERCENT: '%25'.repeat(40),
    });
    const from = performance.now();
    redact('\\'.repeat(20_000));
    redact(`${'\\"'.repeat(5000)}y`);
    redact('%25'.repeat(5000));
    expect(performance.now() - from).toBeLessThan(5000);
  });
});

describe('redactJson', () => {
  test('masks strings and names at any depth and keeps the rest', () => {
    const { redactJson } = createRedactor({ TOKEN: 'hunter22' });
    const value = { a: ['x hunter22', 1, null, true], 'is hunter22': { b: 'hunter22' } };
    expect(redactJson(value)).toEqual({ a: ['x ***', 1, null, true], 'is ***': { b: '***' } });
    expect(value.a[0]).toBe('x hunter22');
  });

  test('survives members named like parts of every object', () => {
    const { redactJson } = createRedactor({ TOKEN: 'hunter22' });
    const value = JSON.parse('{"__proto__":{"a":"hunter22"}}') as Record<string, unknown>;
    expect(JSON.stringify(redactJson(value))).toBe('{"__proto__":{"a":"***"}}');
  });

  test('lets no canary survive in what is then written as JSON', () => {
    fc.assert(
      fc.property(aSecret, fc.jsonValue(), (secret, other) => {
        const text = JSON.stringify(
          createRedactor({ SECRET: secret }).redactJson({ other, deep: [{ [secret]: secret }] }),
        );
        expect(text).not.toContain(inner(secret));
        expect(JSON.parse(text)).toBeDefined();
      }),
    );
  });
});

describe('stream', () => {
  const cut = (text: string, places: readonly number[]): readonly string[] => {
    const at = [...new Set([0, ...places.map((place) => place % (text.length + 1)), text.length])].sort(
      (a, b) => a - b,
    );
    return at.slice(1).map((end, index) => text.slice(at[index], end));
  };

  test('gives what redact gives for the whole, wherever the text is cut', () => {
    const secrets = fc.array(
      fc.oneof(aSecret, fc.string({ unit: fc.constantFrom(...Array.from('ab\\"')), minLength: 4, maxLength: 6 })),
      {
        minLength: 1,
        maxLength: 3,
      },
    );
    fc.assert(
      fc.property(
        secrets,
        fc.array(
          fc.tuple(fc.nat(), fc.nat(), fc.string({ unit: fc.constantFrom(...Array.from('ab\\"😀 ')), maxLength: 8 })),
          {
            maxLength: 30,
          },
        ),
        fc.array(fc.nat(), { maxLength: 40 }),
        (values, parts, places) => {
          const redactor = createRedactor(Object.fromEntries(values.map((value, index) => [`S${index}`, value])));
          const text = parts
            .map(([which, form, other]) => {
              const forms = allForms(values[which % values.length] ?? '');
              return other + forms[form % forms.length];
            })
            .join('');
          const stream = redactor.stream();
          const given = cut(text, places).map((chunk) => stream.push(chunk));
          expect(given.join('') + stream.end()).toBe(redactor.redact(text));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('masks a secret that arrives one character at a time', () => {
    const stream = createRedactor({ TOKEN: 'hunter22' }).stream();
    const given = Array.from(`a hunter22 b ${'.'.repeat(1000)}`, (character) => stream.push(character));
    expect(given.join('') + stream.end()).toBe(`a *** b ${'.'.repeat(1000)}`);
    expect(given.join('')).toContain('a *** b');
  });

  test('never gives half a character', () => {
    const stream = createRedactor({ TOKEN: 'hunter22' }).stream();
    for (let index = 0; index < 3000; index++) expect(stream.push('😀').isWellFormed()).toBe(true);
  });

  test('holds back no more than one secret could still cover, however long a run of secrets is', () => {
    const stream = createRedactor({ A: 'aaaa' }).stream();
    expect(stream.push('a'.repeat(10_000))).toBe('***');
    expect(stream.push('a'.repeat(10_000))).toBe('');
    expect(stream.push('.'.repeat(10_000)).length).toBeGreaterThan(9000);
  });

  test('passes everything on at once where there are no secrets', () => {
    expect(createRedactor({}).stream().push('text')).toBe('text');
  });
});
