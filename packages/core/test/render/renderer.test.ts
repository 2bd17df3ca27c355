import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/plan/digest.js';
import { compileTemplate, createRenderer, renderTemplate } from '../../src/render/renderer.js';
import { templateSource } from '../../src/render/source.js';

async function fill(
  text: string,
  values: Parameters<Awaited<ReturnType<typeof compileTemplate>>>[0] = {},
): Promise<string> {
  return (await compileTemplate(text, 'x.hbs'))(values);
}

describe('a template', () => {
  it('writes values by the encoder of their language, chooses and repeats', async () => {
    const text =
      '{{#each steps}}{{#if this.run}}RUN {{shell this.run}}\n{{else}}none\n{{/if}}{{/each}}{{#unless no}}{{json {{/unless}}';
    await expect(fill(text)).rejects.toMatchObject({ code: 'ERR_BAKE_TEMPLATE' });
    const good =
      '{{#each steps}}{{#if this.run}}RUN {{shell this.run}}\n{{else}}none\n{{/if}}{{/each}}{{#with a}}{{json b}}{{/with}}';
    expect(await fill(good, { steps: [{ run: "it's" }, { run: null }], a: { b: 1 } })).toBe("RUN 'it'\\''s'\nnone\n1");
  });

  it.each([
    '{{x}}',
    '{{{x}}}',
    '{{&x}}',
    '{{{shell x}}}',
    '{{&shell x}}',
    '{{"text"}}',
    '{{5}}',
    '{{this}}',
    '{{@root.x}}',
    '{{#each a}}{{this}}{{/each}}',
    '{{#each a as |b|}}{{b}}{{/each}}',
    '{{#each a}}{{@key}}{{/each}}',
    '{{#if x}}{{else}}{{x}}{{/if}}',
    '{{#if x}}{{else if y}}{{y}}{{/if}}',
    '{{lookup a "b"}}',
    '{{log x}}',
    '{{#x}}{{/x}}',
    '{{^x}}{{/x}}',
    '{{#shell x}}{{/shell}}',
    '{{> partial}}',
    '{{#> partial}}{{/partial}}',
    '{{* decorator}}',
    '{{#* inline "a"}}{{/inline}}',
    '{{{{raw}}}}{{x}}{{{{/raw}}}}',
    '{{shell}}',
    '{{shell x y}}',
    '{{shell x a=1}}',
    '{{shell (json x)}}',
    '{{#if (shell x)}}{{/if}}',
    '{{./shell x}}',
    '{{this.shell x}}',
  ])('that could write a value as it is does not compile: %s', async (text) => {
    await expect(compileTemplate(`line one\n${text}`, 'x.hbs')).rejects.toMatchObject({ code: 'ERR_BAKE_TEMPLATE' });
  });

  it('names the line of what it refuses', async () => {
    await expect(compileTemplate('a\nb\n  {{x}}', 'x.hbs')).rejects.toMatchObject({
      message: 'x.hbs:3: {{x}} writes a value as it is; name its language, as in {{shell value}}',
      data: { name: 'x.hbs', line: 3 },
    });
    await expect(compileTemplate('a\n{{#if x}}', 'x.hbs')).rejects.toMatchObject({ data: { line: 2 } });
  });

  it.each([
    ['{{shell nope}}', 'nope'],
    ['{{shell a.b}}', 'a.b'],
    ['{{shell constructor}}', 'constructor'],
    ['{{shell a.__proto__}}', 'a.__proto__'],
    ['{{shell none}}', 'none'],
    ['{{#if nope}}{{/if}}', 'nope'],
    ['{{#each nope}}{{/each}}', 'nope'],
    ['{{#with nope}}{{/with}}', 'nope'],
  ])('wants every value that it uses: %s', async (text, field) => {
    await expect(fill(text, { a: {}, none: null })).rejects.toMatchObject({
      code: 'ERR_BAKE_TEMPLATE',
      data: { name: 'x.hbs', field },
    });
  });

  it.each([
    ['{{word a}}', 'a'],
    ['{{#with config}}{{#each this.env}}{{word this}}{{/each}}{{/with}}', 'config.env.TZ'],
    ['{{#with config}}{{#each this.env}}{{word @key}}{{word ../../a}}{{/each}}{{/with}}', 'a'],
    ['{{#each keys}}{{word @key}}{{/each}}', 'the name of keys["x\\ny"]'],
    ['{{#each steps}}{{exec this.words}}{{/each}}', 'steps[0].words[1]'],
    ['{{#each list}}{{word this}}{{/each}}', 'list[0]'],
  ])('names the value that it cannot write: %s', async (text, field) => {
    const bad = 'a\nb';
    const values = {
      a: bad,
      config: { env: { TZ: bad } },
      steps: [{ words: ['x', bad] }],
      list: [bad],
      keys: { 'x\ny': 1 },
    };
    if (field === 'a' && text.includes('../')) values.config.env.TZ = 'fine';
    await expect(fill(text, values)).rejects.toMatchObject({
      code: 'ERR_BAKE_VALUE_UNSAFE',
      data: { field, language: 'a Dockerfile' },
    });
  });

  it('cannot be reached by a value that is called like an encoder or a block', async () => {
    expect(await fill('{{#if if}}{{shell shell}}{{/if}}', { if: true, shell: 'x' })).toBe("'x'");
  });

  it('does not read what it writes as a template', async () => {
    expect(await fill('{{shell a}}', { a: '{{shell b}}', b: 'x' })).toBe("'{{shell b}}'");
  });
});

describe('templates of a project', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'bake-templates-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('go before the built-in ones, and are named by their digest', async () => {
    const builtIn = await templateSource('docker/Dockerfile.hbs', folder);
    expect(builtIn.source).toBe('built-in');
    mkdirSync(path.join(folder, 'docker'));
    writeFileSync(path.join(folder, 'docker/Dockerfile.hbs'), 'FROM {{bare from}}\n');
    expect(await templateSource('docker/Dockerfile.hbs', folder)).toEqual({
      text: 'FROM {{bare from}}\n',
      source: sha256('FROM {{bare from}}\n'),
    });
    const rendered = await renderTemplate('docker/Dockerfile.hbs', { from: 'scratch' }, { templatesDir: folder });
    expect(rendered).toEqual({ text: 'FROM scratch\n', source: sha256('FROM {{bare from}}\n') });
  });

  it('are read once by one renderer', async () => {
    writeFileSync(path.join(folder, 'a.hbs'), '1 {{json x}}');
    const renderer = createRenderer({ templatesDir: folder });
    expect((await renderer.render('a.hbs', { x: 1 })).text).toBe('1 1');
    writeFileSync(path.join(folder, 'a.hbs'), '2 {{json x}}');
    expect((await renderer.render('a.hbs', { x: 2 })).text).toBe('1 2');
  });

  it('are no files outside of their folder, and have to be there', async () => {
    for (const name of ['../secret', '/etc/passwd', 'a/../../b', 'nope.hbs'])
      await expect(templateSource(name, folder)).rejects.toMatchObject({ code: 'ERR_BAKE_TEMPLATE', data: { name } });
    mkdirSync(path.join(folder, 'b.hbs'));
    await expect(templateSource('b.hbs', folder)).rejects.toMatchObject({ code: 'ERR_BAKE_TEMPLATE' });
  });
});
