import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import * as prettier from 'prettier';
import { init } from '../../src/definition/init.js';
import { loadDefinition } from '../../src/definition/load.js';
import { definitionSource } from '../../src/definition/source-text.js';
import { projectName, starterNames } from '../../src/definition/starter.js';
import { everyKey } from './every-key.js';
import type { Json } from '../../src/plan/json.js';

let dir: string;
beforeEach(() => {
  dir = path.join(fs.mkdtempSync(path.join(tmpdir(), 'bake-init-')), 'My Shop');
});
afterEach(() => {
  fs.rmSync(path.dirname(dir), { recursive: true, force: true });
});

const read = (name: string): string => fs.readFileSync(path.join(dir, name), 'utf8');
/** Every file and folder below `dir`, or `undefined` where it is not there. */
const tree = (): string[] | undefined =>
  fs.existsSync(dir) ? (fs.readdirSync(dir, { recursive: true }) as string[]).sort() : undefined;
function put(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    fs.writeFileSync(path.join(dir, name), text);
  }
}

describe('init', () => {
  it('starts with a container, in a folder that it makes', async () => {
    expect(await init({ dir })).toEqual({ files: ['.gitignore', 'bake.config.mjs', 'site/index.html'] });
    expect(read('.gitignore')).toBe('.bake/\n');
    const { definition, root } = await loadDefinition({ cwd: dir });
    expect(definition.name).toBe('my-shop');
    expect(root).toBe(fs.realpathSync(dir));
  });

  it.each(['container', 'minimal', 'yaml'])('has the starter %s, valid and formatted', async (template) => {
    expect(await starterNames()).toContain(template);
    const { files } = await init({ dir, template });
    expect(files).toEqual(tree()!.filter((name) => fs.statSync(path.join(dir, name)).isFile()));
    const { definition, file } = await loadDefinition({ cwd: dir });
    for (const image of Object.values(definition.images)) {
      expect(image.from).toBe('scratch');
      expect(image.checks?.length).toBeGreaterThan(0);
      for (const step of image.steps ?? [])
        if ('copy' in step) expect(fs.existsSync(path.join(dir, step.copy))).toBe(true);
    }
    const text = fs.readFileSync(file, 'utf8');
    expect(await prettier.format(text, { filepath: file, printWidth: 120, singleQuote: true })).toBe(text);
  });

  it('has the same project in JavaScript and YAML', async () => {
    await init({ dir, template: 'container' });
    const { definition } = await loadDefinition({ cwd: dir });
    fs.rmSync(dir, { recursive: true });
    await init({ dir, template: 'yaml' });
    expect((await loadDefinition({ cwd: dir })).definition).toEqual(definition);
  });

  it('suggests the starter that was meant', async () => {
    await expect(init({ dir, template: 'contaner' })).rejects.toMatchObject({
      code: 'ERR_BAKE_USAGE',
      message: expect.stringContaining('did you mean "container"?'),
      hint: expect.stringContaining('container, minimal, yaml'),
    });
    await expect(init({ dir, template: '../docker' })).rejects.toMatchObject({ code: 'ERR_BAKE_USAGE' });
    expect(tree()).toBeUndefined();
  });

  it('overwrites nothing, names all that is there, and writes nothing then', async () => {
    put({ 'bake.config.mjs': 'mine', 'site/index.html': 'mine' });
    await expect(init({ dir })).rejects.toMatchObject({
      code: 'ERR_BAKE_INIT_EXISTS',
      data: { files: ['bake.config.mjs', 'site/index.html'] },
    });
    expect(read('bake.config.mjs')).toBe('mine');
    expect(tree()).toEqual(['bake.config.mjs', 'site', 'site/index.html']);
  });

  it.each([
    ['bake.config.yaml', 'name: x'],
    ['package.json', '{"bake": {}}'],
  ])('leaves a project alone that has a definition in %s', async (name, text) => {
    put({ [name]: text });
    await expect(init({ dir })).rejects.toMatchObject({ code: 'ERR_BAKE_INIT_EXISTS', data: { files: [name] } });
    expect(tree()).toEqual([name]);
  });

  it('goes beside other files', async () => {
    put({ 'package.json': '{"name": "bake"}', 'README.md': 'x' });
    expect((await init({ dir, template: 'minimal' })).files).toEqual(['.gitignore', 'bake.config.mjs', 'hello.txt']);
  });

  it.each([
    ['node_modules/', 'node_modules/\n.bake/\n'],
    ['a\r\nb\r\n', 'a\r\nb\r\n.bake/\r\n'],
    ['', '.bake/\n'],
  ])('adds to a .gitignore that is %j', async (before, after) => {
    put({ '.gitignore': before });
    fs.chmodSync(path.join(dir, '.gitignore'), 0o640);
    expect((await init({ dir })).files).toContain('.gitignore');
    expect(read('.gitignore')).toBe(after);
    expect(fs.statSync(path.join(dir, '.gitignore')).mode & 0o777).toBe(0o640);
  });

  it.each(['.bake', '.bake/', '/.bake', 'x\n/.bake/\ny'])('leaves a .gitignore alone that has %j', async (text) => {
    put({ '.gitignore': text });
    expect((await init({ dir })).files).not.toContain('.gitignore');
    expect(read('.gitignore')).toBe(text);
  });

  it('writes through a .gitignore that is a link', async () => {
    put({ 'shared/ignore': 'x\n' });
    fs.symlinkSync('shared/ignore', path.join(dir, '.gitignore'));
    await init({ dir });
    expect(read('shared/ignore')).toBe('x\n.bake/\n');
    expect(fs.lstatSync(path.join(dir, '.gitignore')).isSymbolicLink()).toBe(true);
  });

  it('leaves nothing behind where it fails on the way', async () => {
    put({ keep: '' });
    // Adding to it fails last, when all files are written.
    fs.mkdirSync(path.join(dir, '.gitignore'));
    await expect(init({ dir })).rejects.toThrow();
    expect(tree()).toEqual(['.gitignore', 'keep']);
  });

  it('leaves nothing behind where it is interrupted', async () => {
    await expect(init({ dir, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ERR_BAKE_ABORTED' });
    expect(tree()).toBeUndefined();
  });

  it('does not take a file for the folder', async () => {
    fs.writeFileSync(dir, 'a file');
    await expect(init({ dir })).rejects.toMatchObject({ code: 'ERR_BAKE_INIT_EXISTS' });
    expect(fs.readFileSync(dir, 'utf8')).toBe('a file');
  });
});

describe('init --from', () => {
  it.each([
    ['Dockerfile', 'FROM scratch\n'],
    ['app/Dockerfile', 'FROM scratch\n'],
    ['docker-bake.hcl', 'variable "A" { default = "it\'s" }\ntarget "web" {\n  args = { A = A }\n  tags = ["x"]\n}\n'],
    ['docker-bake.json', '{"target": {"web": {}}}'],
    ['web.pkr.hcl', 'source "amazon-ebs" "x" {}\nbuild {\n  provisioner "shell" { script = "keep.sh" }\n}\n'],
  ])('%s writes a definition that loads, is formatted, and changes nothing else', async (from, text) => {
    put({ [from]: text, 'keep.sh': 'true' });
    const needs = from.includes('.pkr.') ? 'packer' : 'docker';
    expect(await init({ dir, from })).toEqual({ files: ['.gitignore', 'bake.config.mjs'], needs });
    const { definition, file } = await loadDefinition({ cwd: dir });
    expect(definition.name).toBe('my-shop');
    expect(read(from)).toBe(text);
    const source = fs.readFileSync(file, 'utf8');
    expect(await prettier.format(source, { filepath: file, printWidth: 120, singleQuote: true })).toBe(source);
  });

  it.each([
    ['nope', undefined, 'there is no such file'],
    ['README.md', 'x', 'it is no Dockerfile, docker-bake file or Packer template'],
    ['docker-bake.hcl', 'target "web" {\n  args = upper("x")\n}', 'docker-bake.hcl:2: '],
    ['Dockerfile', 'hello', 'it has no FROM'],
    ['../outside/Dockerfile', 'FROM scratch', 'it lies outside of'],
  ])('refuses %s', async (from, text, message) => {
    fs.mkdirSync(dir);
    if (text !== undefined) put({ [from]: text });
    const before = tree();
    await expect(init({ dir, from })).rejects.toMatchObject({
      code: 'ERR_BAKE_USAGE',
      message: expect.stringContaining(message),
    });
    expect(tree()).toEqual(before);
  });

  it('says what is wrong also for a folder that is not there yet', async () => {
    const from = path.join(path.dirname(dir), 'Dockerfile');
    fs.writeFileSync(from, 'FROM scratch\n');
    await expect(init({ dir, from })).rejects.toMatchObject({
      code: 'ERR_BAKE_USAGE',
      message: expect.stringContaining('it lies outside of'),
    });
    expect(tree()).toBeUndefined();
  });

  it('goes without a template', async () => {
    await expect(init({ dir, from: 'Dockerfile', template: 'yaml' })).rejects.toMatchObject({ code: 'ERR_BAKE_USAGE' });
  });
});

describe('projectName', () => {
  it.each([
    ['/x/My Shop', 'my-shop'],
    ['/x/2fast', 'fast'],
    ['/x/___', 'project'],
    ['/', 'project'],
    ['/x/constructor', 'project'],
    ['/x/Größe-', 'gr-e'],
  ])('of %s is %s', (folder, name) => {
    expect(projectName(folder)).toBe(name);
  });
});

describe('definitionSource', () => {
  it('is JavaScript that says the same, as prettier would write it', async () => {
    const source = definitionSource(everyKey as unknown as Json, { '': ['Made.'], 'images.web': ['The shop.'] });
    const url = `data:text/javascript,${encodeURIComponent(source)}`;
    expect(((await import(/* @vite-ignore */ url)) as { default: unknown }).default).toEqual(everyKey);
    expect(source).toContain('    // The shop.\n    web: {');
  });

  it('says the same for any text, and no comment ends early', async () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom("'", '"', '\\', '\\"', "\\'", '`${x}`', '\u2028', '*/', '\n'),
    );
    const texts = nasty.filter((text) => text.isWellFormed());
    await fc.assert(
      fc.asyncProperty(fc.dictionary(texts, texts), texts, async (labels, note) => {
        fc.pre(!Object.hasOwn(labels, '__proto__'));
        const source = definitionSource({ labels }, { '': [note], labels: [`x${note}\nthrow 1`] });
        const url = `data:text/javascript,${encodeURIComponent(source)}`;
        expect(((await import(/* @vite-ignore */ url)) as { default: unknown }).default).toEqual({ labels });
      }),
    );
  });
});
