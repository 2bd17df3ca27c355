import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/definition/init.js';
import { loadDefinition } from '../../src/definition/load.js';
import { starterNames } from '../../src/definition/starter.js';
import { validateDefinition } from '../../src/definition/validate.js';
import { aDefinition, withWeb } from './builders.js';
import { everyKey } from './every-key.js';

let accepts: ValidateFunction;
let schema: { readonly properties: Readonly<Record<string, { readonly description?: string }>> };
beforeAll(() => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bake-schema-'));
  const file = path.join(folder, 'schema.json');
  const script = new URL('../../../../scripts/schema.mjs', import.meta.url).href;
  const code = `import(${JSON.stringify(script)}).then((m) => m.writeSchema(${JSON.stringify(file)}))`;
  execFileSync(process.execPath, ['-e', code]);
  schema = JSON.parse(readFileSync(file, 'utf8')) as typeof schema;
  rmSync(folder, { recursive: true });
  accepts = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(schema);
});

describe('the JSON Schema', () => {
  it('accepts every documented key', () => {
    expect(accepts(everyKey), JSON.stringify(accepts.errors)).toBe(true);
  });

  it('accepts every starter and every example', async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'bake-starters-'));
    for (const template of await starterNames()) await init({ dir: path.join(root, template), template });
    const examples = fileURLToPath(new URL('../../../../examples', import.meta.url));
    const folders = [root, examples].flatMap((folder) => readdirSync(folder).map((name) => path.join(folder, name)));
    let loaded = 0;
    for (const cwd of folders) {
      // An example that only shows a provider has no definition.
      if (!readdirSync(cwd).some((name) => name.startsWith('bake.config.'))) continue;
      const { definition } = await loadDefinition({ cwd });
      expect(accepts(definition), `${cwd}: ${JSON.stringify(accepts.errors)}`).toBe(true);
      loaded++;
    }
    rmSync(root, { recursive: true });
    expect(loaded).toBeGreaterThan(2);
  });

  it('describes every key at the top', () => {
    for (const [key, { description }] of Object.entries(schema.properties)) expect(description, key).toMatch(/\w.*\.$/);
  });

  it('accepts variables where a string has a form', () => {
    const definition = aDefinition({ vars: { m: '0644' } }, { web: { from: '{{vars.m}}', mutable: ['{{ vars.m }}'] } });
    expect(accepts(definition), JSON.stringify(accepts.errors)).toBe(true);
  });

  it.each([
    ['an unknown key', { ...aDefinition(), nmae: 'x' }],
    ['a missing key', { name: 'x', images: {} }],
    ['a bad name', aDefinition({}, { Web: { from: 'scratch' } })],
    ['an unknown key of a step', withWeb({ steps: [{ run: 'x', usr: 'y' }] })],
    ['a step without a kind', withWeb({ steps: [{ name: 'x' }] })],
    ['a step of two kinds', withWeb({ steps: [{ run: 'x', copy: 'y', to: '/z' }] })],
    ['a fetch without a digest', withWeb({ steps: [{ fetch: 'https://x/y', to: '/y' }] })],
    ['a relative destination', withWeb({ steps: [{ copy: 'x', to: 'y' }] })],
    ['a mode that is a number', withWeb({ steps: [{ copy: 'x', to: '/y', mode: 644 }] })],
    ['a port out of range', withWeb({ checks: [{ port: 70000 }] })],
    ['words that are a string', withWeb({ config: { cmd: 'nginx' } })],
    ['an unknown engine', withWeb({ engine: 'magic' })],
  ])('refuses %s, as validation does', (_what, definition) => {
    expect(accepts(definition)).toBe(false);
    expect(() => validateDefinition(definition)).toThrow();
  });
});
