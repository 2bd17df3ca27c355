import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseVariables, readSecrets } from '../../src/cli/values.js';

describe('--set', () => {
  it('takes everything behind the first = as the value', () => {
    expect(parseVariables(['a=1', 'b=x=y', 'c='])).toEqual({ a: '1', b: 'x=y', c: '' });
  });

  it('lets the last of two win', () => {
    expect(parseVariables(['a=1', 'a=2'])).toEqual({ a: '2' });
  });

  it.each(['a', '=1', ''])('refuses %j', (text) => {
    expect(() => parseVariables([text])).toThrow(/--set wants NAME=VALUE/);
  });
});

describe('--secret', () => {
  let cwd: string;
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'bake-secret-'));
  });
  afterEach(() => rmSync(cwd, { recursive: true }));

  const env = { token: 'from-name', NPM_TOKEN: 'from-variable', EMPTY: '' };
  const read = (...texts: readonly string[]) => readSecrets(texts, { env, cwd });

  it('reads the variable of the same name, or another one', () => {
    expect(read('token', 'npm=env:NPM_TOKEN')).toEqual({ token: 'from-name', npm: 'from-variable' });
  });

  it.each([
    ['one line without its end', 'hunter2\n', 'hunter2'],
    ['one line as Windows ends it', 'hunter2\r\n', 'hunter2'],
    ['several lines as they are', '-----BEGIN\nabc\n-----END\n', '-----BEGIN\nabc\n-----END\n'],
    ['blanks as they are', ' a \n', ' a '],
  ])('takes from a file %s', (_name, text, expected) => {
    writeFileSync(join(cwd, 'secret'), text);
    expect(read('key=file:secret')).toEqual({ key: expected });
  });

  it.each([
    ['token2', 'ERR_BAKE_SECRET_MISSING'],
    ['token=env:EMPTY', 'ERR_BAKE_SECRET_MISSING'],
    ['token=file:nowhere', 'ERR_BAKE_SECRET_MISSING'],
    ['=x', 'ERR_BAKE_USAGE'],
  ])('refuses %s', (text, code) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('refuses a value on the command line and never repeats it', () => {
    for (const text of ['token=hunter2', 'token=hunter2:x', 'token=hunter2=y']) {
      try {
        read(text);
        expect.unreachable();
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_BAKE_USAGE' });
        expect(JSON.stringify(error) + String(error) + (error as { hint: string }).hint).not.toContain('hunter2');
      }
    }
  });

  it('refuses bytes that are no text, and a name that is given twice', () => {
    writeFileSync(join(cwd, 'secret'), Uint8Array.of(0xff, 0xfe, 0x80));
    expect(() => read('key=file:secret')).toThrow(/not text in UTF-8/);
    expect(() => read('token', 'token')).toThrow(/given twice/);
  });
});
