import { chmodSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import * as path from 'node:path';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aDefinition } from './builders.js';
import { everyKey } from './every-key.js';
import { nativeLoader, type Loader, type Outcome } from './native.js';

let loader: Loader;
beforeAll(async () => {
  loader = await nativeLoader();
});
afterAll(() => {
  loader[Symbol.dispose]();
});

const json = JSON.stringify(everyKey);
const forms: Readonly<Record<string, string>> = {
  'bake.config.mjs': `export default ${json}`,
  'bake.config.ts': `const value: { name: string } = ${json} as const; export default value;`,
  'bake.config.json': json,
  'bake.config.yaml': stringify(everyKey),
  'bake.config.yml': stringify(everyKey),
  'package.json': JSON.stringify({ name: 'x', bake: everyKey }),
};

/** What one file with this text comes to. */
function loadFile(name: string, text: string): Outcome {
  return loader.load({ cwd: loader.folder({ [name]: text }) })[0]!;
}

describe('loadDefinition', () => {
  it.each(Object.entries(forms))('reads %s, with the same value as every other form', (name, text) => {
    const cwd = loader.folder({ [name]: text });
    const [outcome] = loader.load({ cwd });
    expect(outcome).toEqual({
      definition: everyKey,
      file: path.join(realpathSync(cwd), name),
      root: realpathSync(cwd),
    });
  });

  it.each([
    ['ES module', `export default ${json}`],
    ['CommonJS', `module.exports = ${json}`],
    ['compiled CommonJS', `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = ${json}`],
  ])('reads bake.config.js as %s', (_kind, text) => {
    expect(loadFile('bake.config.js', text).definition).toEqual(everyKey);
  });

  it('looks upwards, past package.json without the key, and takes the nearest', () => {
    const outer = loader.folder({
      'bake.config.json': JSON.stringify(aDefinition({ name: 'outer' })),
      'inner/package.json': JSON.stringify({ name: 'bake', keywords: ['bake'] }),
      'inner/deep/x': '',
    });
    const [found] = loader.load({ cwd: path.join(outer, 'inner/deep') });
    expect(found).toMatchObject({ definition: { name: 'outer' }, root: realpathSync(outer) });
  });

  it('begins above where a folder does not exist yet', () => {
    const outer = loader.folder({ 'bake.config.json': JSON.stringify(aDefinition()) });
    expect(loader.load({ cwd: path.join(outer, 'not/there') })[0]?.root).toBe(realpathSync(outer));
  });

  it('takes a file by name, relative to cwd', () => {
    const cwd = loader.folder({ 'config/other.yaml': stringify(aDefinition()), 'a/x': '' });
    const [found] = loader.load({ cwd: path.join(cwd, 'a'), config: '../config/other.yaml' });
    expect(found).toMatchObject({ definition: aDefinition(), root: path.join(realpathSync(cwd), 'config') });
  });

  it('has a root without symbolic links', () => {
    const cwd = loader.folder({ 'real/bake.config.json': JSON.stringify(aDefinition()) });
    symlinkSync('real', path.join(cwd, 'link'));
    expect(loader.load({ cwd: path.join(cwd, 'link') })[0]?.root).toBe(path.join(realpathSync(cwd), 'real'));
  });

  it.each(['bake.config.mjs', 'bake.config.ts', 'bake.config.js'])('sees edits of %s between two loads', (name) => {
    const cwd = loader.folder();
    const text = (project: string): string => {
      const value = JSON.stringify(aDefinition({ name: project }));
      return name.endsWith('.js') ? `module.exports = ${value}` : `export default ${value}`;
    };
    const names = loader.load(
      { cwd, write: { [name]: text('one') } },
      { cwd, write: { [name]: text('two') } },
      { cwd, write: { [name]: text('one') } },
    );
    expect(names.map(({ definition }) => (definition as { name: string }).name)).toEqual(['one', 'two', 'one']);
  });

  it('passes over no definition that it cannot read', () => {
    const outer = loader.folder({
      'bake.config.json': JSON.stringify(aDefinition()),
      'inner/bake.config.mjs': 'import { readFileSync } from "node:fs";\n\nreadFileSync("/no/such/file");',
    });
    expect(loader.load({ cwd: path.join(outer, 'inner') })[0]).toMatchObject({
      code: 'ERR_BAKE_DEFINITION_LOAD',
      line: 3,
    });
    mkdirSync(path.join(outer, 'folder/bake.config.js'), { recursive: true });
    expect(loader.load({ cwd: path.join(outer, 'folder') })[0]?.message).toMatch(/it is a folder$/);
  });

  it.skipIf(process.getuid?.() === 0)('says that it may not read a definition', () => {
    const cwd = loader.folder({ 'bake.config.json': '{}' });
    chmodSync(path.join(cwd, 'bake.config.json'), 0);
    expect(loader.load({ cwd })[0]?.message).toMatch(/it cannot be read$/);
  });

  it('says where it looked in vain', () => {
    const cwd = loader.folder();
    expect(
      loader.load(
        { cwd },
        { cwd, config: 'x.js' },
        { cwd, config: '.' },
        { cwd, config: 'f.toml', write: { 'f.toml': '' } },
      ),
    ).toEqual([
      expect.objectContaining({ code: 'ERR_BAKE_DEFINITION_NOT_FOUND', hint: 'Write one with: bake init' }),
      expect.objectContaining({ code: 'ERR_BAKE_DEFINITION_NOT_FOUND', hint: 'Check the path given as --config.' }),
      expect.objectContaining({ code: 'ERR_BAKE_DEFINITION_LOAD', message: expect.stringMatching(/it is a folder$/) }),
      expect.objectContaining({
        code: 'ERR_BAKE_DEFINITION_LOAD',
        message: expect.stringContaining('its name ends in none'),
      }),
    ]);
  });

  it('names the file in problems of the definition', () => {
    expect(loadFile('bake.config.yaml', 'name: 5').message).toMatch(/bake\.config\.yaml has 3 problems:\n/);
  });
});

describe('a definition that does not load', () => {
  const cases: readonly (readonly [name: string, text: string, line: number | null, message: string])[] = [
    ['bake.config.js', '', null, 'it is empty'],
    ['bake.config.ts', '\n', null, 'it is empty'],
    ['bake.config.json', ' ', null, 'it is empty'],
    ['bake.config.yaml', '# nothing\n', null, 'it is empty'],
    ['bake.config.json', '{\n "a": 1,\n}', 3, 'it is not JSON'],
    ['bake.config.json', '{\n "a": 1', 2, 'it is not JSON'],
    ['package.json', '{"bake": ', 1, 'it is not JSON'],
    ['bake.config.mjs', 'export default {\n v: 1,,\n}', 2, 'SyntaxError: Unexpected token'],
    ['bake.config.js', 'module.exports = {\n v: 1,,\n}', 2, 'SyntaxError: Unexpected token'],
    ['bake.config.ts', 'export default {\n v: 1,,\n}', 2, 'Unexpected token'],
    ['bake.config.mjs', '\n\nthrow new Error("boom\\nmore")', 3, 'boom'],
    ['bake.config.js', '\nthrow new TypeError("boom")', 2, 'TypeError: boom'],
    ['bake.config.ts', '\nthrow new Error("boom")', 2, 'boom'],
    ['bake.config.mjs', 'throw "text"', null, 'it threw text'],
    [
      'bake.config.mjs',
      'export const images = {}, name = 1',
      null,
      'it has no default export; it exports images, name',
    ],
    ['bake.config.mjs', 'export default undefined', null, 'it has no default export'],
    ['bake.config.js', '// nothing', null, 'it exports an empty object'],
    ['bake.config.mjs', 'export default () => ({})', null, 'it exports a function'],
    ['bake.config.mjs', 'export default Promise.resolve({})', null, 'it exports a promise'],
    ['bake.config.yaml', 'a: 1\nb: 2\na: 3', 3, 'Map keys must be unique'],
    ['bake.config.yaml', 'a: 1\nb: !secret x', 2, 'Unresolved tag: !secret'],
    ['bake.config.yaml', 'a: 1\n---\nb: 2', 2, 'multiple documents'],
    ['bake.config.yaml', '? [a]\n: 1', 1, 'keys must be strings'],
    ['bake.config.yaml', 'a: [1,\n b', 2, 'not usable YAML'],
  ];
  // One process for all: starting one takes longer than loading anything.
  let outcomes: readonly Outcome[];
  beforeAll(() => {
    outcomes = loader.load(...cases.map(([name, text]) => ({ cwd: loader.folder({ [name]: text }) })));
  });

  it.each(cases.map((item, index) => [...item, index] as const))('%s %j', (name, _text, line, message, index) => {
    const outcome = outcomes[index]!;
    expect(outcome).toMatchObject({ code: 'ERR_BAKE_DEFINITION_LOAD', line });
    expect(outcome.message).toContain(`${name}${line === null ? '' : `:${line}`}: `);
    expect(outcome.message).toContain(message);
  });

  it('because of a package that only adds types', () => {
    const outcome = loadFile('bake.config.mjs', 'import { x } from "@bakehouse/absent"; export default x');
    expect(outcome.hint).toContain('npm install @bakehouse/absent');
  });
});

describe('YAML', () => {
  it('is read as JSON would be: dates and yes are strings', () => {
    const labels = 'labels:\n  date: 2026-03-14\n  yes: yes\n  80: on\n  n: "1"\n';
    const outcome = loadFile('bake.config.yaml', `${stringify(aDefinition())}${labels}`);
    expect((outcome.definition as { labels: unknown }).labels).toEqual({
      date: '2026-03-14',
      yes: 'yes',
      80: 'on',
      n: '1',
    });
  });

  it('refuses what JSON cannot hold', () => {
    const outcome = loadFile('bake.config.yaml', `${stringify(aDefinition())}retain: { days: .nan }\n`);
    expect(outcome.message).toContain('retain.days: is NaN');
    expect(loadFile('bake.config.yaml', `${stringify(aDefinition())}labels: !!binary aGk=\n`).message).toContain(
      'labels: ',
    );
  });

  it('refuses aliases that grow without end', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level++)
      lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
    expect(loadFile('bake.config.yaml', lines.join('\n')).message).toContain('not usable YAML');
  });
});
