import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { commandEntries } from '../../src/cli/registry.js';
import { aDefinition, anImage } from '../../src/testing/index.js';
import { aHistoryVersion, run, version } from './support.js';

const definition = aDefinition({
  images: { web: anImage(), base: anImage() },
  providers: { docker: { use: '@bakehouse/provider-docker' }, aws: { use: '@bakehouse/provider-aws' } },
  channels: { staging: {}, production: { after: 'staging' } },
});
const history = async () => ({
  versions: [aHistoryVersion(), aHistoryVersion({ version: version('e27a5510c9f4'), branch: 'try-trixie' })],
});

/** What is offered for the last word; descriptions left out. */
async function offered(...words: readonly string[]): Promise<{ kind: string; values: string[]; opened: boolean }> {
  const ran = await run(['__complete', ...words], { history }, { loadDefinition: async () => definition });
  expect(ran).toMatchObject({ exit: 0, err: '' });
  const [kind = '', ...lines] = ran.out.trimEnd().split('\n');
  return { kind, values: lines.map((line) => line.split('\t')[0] ?? ''), opened: ran.opened !== undefined };
}

const values = async (...words: readonly string[]) => (await offered(...words)).values;

describe('completion', () => {
  it('offers commands, with what they do', async () => {
    expect(await values('')).toEqual(commandEntries.map(({ name }) => name));
    expect(await values('he')).toEqual(['help']);
    expect(await values('-C', tmpdir(), 'pl')).toEqual(['plan']);
    expect(await values('help', 'ex')).toEqual(['explain', 'export']);
    expect((await run(['__complete', 'plan'])).out).toBe(
      'words\nplan\twhich version each image has, and why it is missing\n',
    );
  });

  it('offers options: those of the command, and those that all have', async () => {
    expect(await values('plan', '--re')).toEqual(['--refresh', '--rehash']);
    expect(await values('plan', '--no')).toEqual(['--no-frozen', '--no-color']);
    expect(await values('--js')).toEqual(['--json']);
    expect(await values('plan', '--', '--re')).toEqual([]);
  });

  it('offers images and targets without opening the project', async () => {
    expect(await offered('plan', '')).toEqual({ kind: 'words', values: ['web', 'base'], opened: false });
    expect(await values('plan', 'web', 'b')).toEqual(['base']);
    expect(await values('render', 'w')).toEqual(['web']);
    expect(await values('render', 'web', '')).toEqual([]);
    expect(await offered('plan', 'web', '--target', '')).toEqual({
      kind: 'words',
      values: ['docker', 'aws'],
      opened: false,
    });
    expect(await values('plan', '--target=a')).toEqual(['--target=aws']);
  });

  it('offers refs: names, and versions once the image is typed', async () => {
    expect(await offered('show', 'w')).toEqual({ kind: 'words', values: ['web', 'web@'], opened: false });
    expect(await offered('show', 'web@')).toEqual({
      kind: 'words',
      values: ['web@latest', 'web@staging', 'web@production', 'web@9c41f7e03b6d', 'web@e27a5510c9f4'],
      opened: true,
    });
    expect(await values('explain', 'web@latest', 'web@e')).toEqual(['web@e27a5510c9f4']);
    expect(await values('show', 'nope@')).toEqual([]);
  });

  it('offers branches, choices and shells', async () => {
    expect(await values('history', '--branch', '')).toEqual(['main', 'try-trixie']);
    expect(await values('build', '--on-failure', '')).toEqual(['remove', 'keep']);
    expect(await values('build', '--on-failure=k')).toEqual(['--on-failure=keep']);
    expect(await values('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  it('leaves files and folders to the shell', async () => {
    expect((await offered('export', 'web', '')).kind).toBe('files');
    expect((await offered('--config', '')).kind).toBe('files');
    expect((await offered('init', '')).kind).toBe('folders');
    expect((await offered('plan', '-C', '')).kind).toBe('folders');
  });

  it('offers nothing, and says nothing, where something is wrong', async () => {
    const broken = async () => {
      throw new Error('no definition');
    };
    expect(await run(['__complete', 'plan', ''], {}, { loadDefinition: broken })).toMatchObject({
      exit: 0,
      out: 'words\n',
      err: '',
    });
    expect(await run(['__complete', 'history', '--branch', ''])).toMatchObject({ exit: 0, out: 'words\n', err: '' });
    expect(await values('nonsense', '')).toEqual([]);
    expect(await values('history', '--limit', '')).toEqual([]);
    expect(await offered()).toMatchObject({ kind: 'words' });
  });
});
