import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBakeError } from '../../src/errors/index.js';
import { bare, encoders, exec, hcl, hclPlain, json, paths, script, shell, word } from '../../src/render/encode.js';
import { hostile, hostileLine } from './hostile.js';

const texts = fc
  .oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom(...hostile))
  .filter((text) => !text.includes('\0'));
const lines = texts.filter((text) => !/\p{Cc}/u.test(text));

/** What a Dockerfile's builder makes of a double-quoted word. */
function readWord(text: string): string {
  expect(text).toMatch(/^"(?:[^"\\$]|\\[\\"$])*"$/su);
  return text.slice(1, -1).replaceAll(/\\([\\"$])/g, '$1');
}

/** What a shell-like reader makes of a word without quotes. */
function readBareWord(text: string): string {
  expect(text).toMatch(/^(?:[^"'\\$]|\\.)*$/su);
  return text.replaceAll(/\\(.)/gsu, '$1');
}

describe('shell', () => {
  it('comes back from a real shell as it was', () => {
    fc.assert(
      fc.property(fc.array(texts, { minLength: 1, maxLength: 20 }), (values) => {
        const words = values.map((value) => shell(value, 'x')).join(' ');
        const output = execFileSync('sh', ['-c', `printf '%s\\0' ${words}`], { encoding: 'utf8' });
        expect(output.split('\0').slice(0, -1)).toEqual(values);
      }),
      { numRuns: 60 },
    );
  });

  it('comes back from sh -c, printf %s, one at a time', () => {
    for (const value of hostile)
      expect(execFileSync('sh', ['-c', `printf %s ${shell(value, 'x')}`], { encoding: 'utf8' })).toBe(value);
  });
});

describe('Dockerfile words', () => {
  it('hold any line, and no line break', () => {
    fc.assert(
      fc.property(lines, (value) => {
        const text = word(value, 'x');
        expect(text).not.toMatch(/\p{Cc}/u);
        expect(readWord(text)).toBe(value);
      }),
    );
  });

  it('in exec form are JSON on one line, without anything that looks like a here-document', () => {
    fc.assert(
      fc.property(fc.array(lines), (values) => {
        const text = exec(values, 'x');
        expect(text).not.toMatch(/[\n\r]|<</);
        expect(JSON.parse(text)).toEqual(values);
      }),
    );
  });

  it('in scripts may have lines and tabs', () => {
    expect(script(['a\n\tb\r\nc'], 'x')).toBe('["a\\n\\tb\\r\\nc"]');
    for (const bad of ['a\rb', 'a\u0007', '\u0085']) expect(() => script([bad], 'x')).toThrow(/control character/);
  });

  it('in paths are read like a shell after JSON', () => {
    fc.assert(
      fc.property(fc.array(lines), (values) => {
        const words = JSON.parse(paths(values, 'x')) as string[];
        expect(words.map(readBareWord)).toEqual(values);
      }),
    );
  });
});

describe('HCL', () => {
  const composed = texts.filter((text) => text.normalize('NFC') === text);

  const decode = (text: string): string => {
    // What HCL does: escapes of the string, then of its templates.
    expect(text).toMatch(/^"(?:[^"\\\p{Cc}]|\\(?:["\\nrt]|u[0-9a-f]{4}))*"$/su);
    expect(text.replaceAll(/\$\$\{|%%\{/g, '')).not.toMatch(/[$%]\{/);
    return (JSON.parse(text) as string).replaceAll(/\$\$\{/g, '${').replaceAll('%%{', '%{');
  };

  it('has no interpolation and no control characters', () => {
    fc.assert(
      fc.property(
        composed.filter((text) => !/[\u007f-\u009f]/.test(text)),
        (value) => {
          expect(decode(hclPlain(value, 'x'))).toBe(value);
        },
      ),
    );
  });

  it('opens no Go template but the one that writes its opening', () => {
    fc.assert(
      fc.property(composed, (value) => {
        const text = hcl(value, 'x');
        expect(text.replaceAll('{{`{{`}}', '')).not.toContain('{{');
      }),
    );
  });

  it('writes numbers and booleans as they are', () => {
    expect([hcl(5, 'x'), hcl(true, 'x'), hclPlain(1.5, 'x')]).toEqual(['5', 'true', '1.5']);
  });

  it('refuses what its reader would normalise', () => {
    expect(() => hcl('e\u0301', 'x')).toThrow(/normal form C/);
    expect(hcl('\u00e9', 'x')).toBe('"\u00e9"');
  });

  const packer = spawnSync('packer', ['version'], { env: { ...process.env, CHECKPOINT_DISABLE: '1' } }).status === 0;
  it.skipIf(!packer)('comes back from Packer as it was', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'bake-hcl-'));
    const values = [...hostile, ...fc.sample(composed, { numRuns: 30, seed: 1 })].map((value) => `.${value}`);
    const sources = values.map(
      (value, index) =>
        `source "file" "x${index}" {\n  content = ${hcl(value, 'x')}\n  target = ${hcl(path.join(folder, String(index)), 'x')}\n}\n`,
    );
    const names = values.map((_value, index) => `"source.file.x${index}"`).join(', ');
    const template = path.join(folder, 'x.pkr.hcl');
    writeFileSync(template, `${sources.join('')}build {\n  sources = [${names}]\n}\n`);
    try {
      execFileSync('packer', ['build', template], { env: { ...process.env, CHECKPOINT_DISABLE: '1' }, stdio: 'pipe' });
      expect(values.map((_value, index) => readFileSync(path.join(folder, String(index)), 'utf8'))).toEqual(values);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('bare words', () => {
  it('are those that mean the same everywhere', () => {
    expect(bare('registry.example.com:5000/a/b@sha256:0', 'x')).toBe('registry.example.com:5000/a/b@sha256:0');
    for (const value of ['', 'a b', 'a"b', '$x', 'a\nb', "a'b", 'a\\', '{{x}}'])
      expect(() => bare(value, 'x')).toThrow(/bare word/);
  });
});

describe('every encoder', () => {
  const refused: Readonly<Record<string, readonly unknown[]>> = {
    text: ['\0', 'a\0b', '\ud800', {}, [], Symbol('x')],
    lists: ['x', {}, ['\0'], ['\ud800'], [{}]],
    json: [() => 1, Symbol('x')],
  };

  it.each([
    ...['hcl', 'hclPlain', 'word', 'dockerfile', 'bare', 'shell'].map((name) => [name, refused['text']!] as const),
    ...['exec', 'script', 'paths'].map((name) => [name, refused['lists']!] as const),
    ['json', refused['json']!] as const,
  ])('%s names the field that it refuses', (name, values) => {
    for (const value of values) {
      let thrown: unknown;
      try {
        encoders[name]!(value, 'config.env.X');
      } catch (error) {
        thrown = error;
      }
      expect(isBakeError(thrown, 'ERR_BAKE_VALUE_UNSAFE'), String(value)).toBe(true);
      expect(thrown).toMatchObject({
        message: expect.stringMatching(/^config\.env\.X/),
        data: { field: expect.stringMatching(/^config\.env\.X/) },
      });
    }
  });

  it('refuses control characters where a language has no way to write them', () => {
    for (const control of ['\n', '\r', '\t', '\u0001', '\u007f', '\u0085'])
      for (const encode of [word, bare]) expect(() => encode(`a${control}b`, 'x')).toThrow(/U\+|bare word/);
  });

  it('writes JSON as JSON', () => {
    expect(json({ a: ['"', 1] }, 'x')).toBe('{"a":["\\"",1]}');
  });
});

it('knows hostile lines', () => {
  expect(hostileLine.every((text) => !/\p{Cc}/u.test(text))).toBe(true);
});
