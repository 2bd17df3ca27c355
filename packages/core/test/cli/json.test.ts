import { describe, expect, it } from 'vitest';
import { BakeError } from '../../src/errors/index.js';
import type { Bake } from '../../src/library.js';
import { commandEntries } from '../../src/cli/registry.js';
import { aShowResult } from './show.js';
import { aBuiltImage, aHistoryVersion, aPlannedImage, run, version } from './support.js';

const extra = { secretExtra: 'not part of the contract' };
const artifact = { id: 'sha256:1', digest: 'sha256:1' };
const error = new BakeError('ERR_BAKE_CHECK_FAILED', 'no');

interface Case {
  readonly argv: readonly string[];
  readonly bake: Partial<Bake>;
  /** Keys at the top, and of the members of each list and object, in the order of the contract. */
  readonly shape: Readonly<Record<string, unknown>>;
  /** What it is where nothing came of it. */
  readonly empty: Readonly<Record<string, unknown>>;
}

const version64 = expect.stringMatching(/^[0-9a-f]{64}$/) as unknown;

const cases: Readonly<Record<string, Case>> = {
  plan: {
    argv: ['plan'],
    bake: {
      plan: async () => ({
        images: [
          { ...aPlannedImage({ reasons: [{ input: 'base', kind: 'added', before: null, after: 'x' }] }), ...extra },
        ],
        warnings: ['w'],
      }),
    },
    shape: {
      schema: 1,
      images: [
        {
          image: 'web',
          target: 'docker',
          version: version64,
          platform: 'linux/amd64',
          base: 'image base',
          state: 'present',
          reasons: [{ input: 'base', kind: 'added', before: null, after: 'x' }],
        },
      ],
    },
    empty: { images: [] },
  },
  build: {
    argv: ['build'],
    bake: { build: async () => ({ images: [{ ...aBuiltImage(), ...extra }, aBuiltImage({ artifact: null })] }) },
    shape: {
      schema: 1,
      images: [
        {
          image: 'web',
          target: 'docker',
          version: version64,
          outcome: 'built',
          checks: { passed: 1, failed: 0, notRun: 0 },
          artifact: { id: expect.any(String), digest: expect.any(String), locations: ['oci:/shop/web'] },
          milliseconds: 2400,
        },
        expect.objectContaining({ artifact: null }),
      ],
    },
    empty: { images: [] },
  },
  check: {
    argv: ['check', 'web'],
    bake: {
      check: async () => ({
        version: version('9c'),
        artifact,
        checks: [{ name: 'port 80', outcome: 'passed', detail: null, milliseconds: 1 }],
      }),
    },
    shape: {
      schema: 1,
      version: version64,
      artifact,
      checks: [{ name: 'port 80', outcome: 'passed', detail: null, milliseconds: 1 }],
    },
    empty: { version: null, artifact: null, checks: [] },
  },
  resolve: {
    argv: ['resolve', 'web'],
    bake: {
      resolve: async () => ({
        id: 'sha256:1',
        project: 'shop',
        image: 'web',
        target: 'docker',
        version: version('9c'),
        digest: 'sha256:1',
        location: '',
      }),
    },
    shape: {
      schema: '1',
      id: 'sha256:1',
      project: 'shop',
      image: 'web',
      target: 'docker',
      version: version64,
      digest: 'sha256:1',
      location: '',
    },
    empty: { schema: '1', id: '', project: '', image: '', target: '', version: '', digest: '', location: '' },
  },
  history: {
    argv: ['history'],
    bake: {
      history: async () => ({
        versions: [{ ...aHistoryVersion(), ...extra }, aHistoryVersion({ source: null, artifact: null })],
      }),
    },
    shape: {
      schema: 1,
      versions: [
        {
          image: 'web',
          target: 'docker',
          version: version64,
          createdAt: '2026-03-14T11:48:00.000Z',
          branch: 'main',
          parents: [],
          base: 'debian:12-slim',
          source: { commit: expect.any(String), dirty: false },
          state: 'checked',
          channels: [],
          artifact: { id: expect.any(String), digest: expect.any(String) },
        },
        expect.objectContaining({ source: null, artifact: null }),
      ],
    },
    empty: { versions: [] },
  },
  show: {
    argv: ['show', 'web'],
    bake: { show: async () => aShowResult() },
    shape: {
      schema: 1,
      project: 'shop',
      image: 'web',
      target: 'docker',
      version: version64,
      createdAt: '2026-03-14T11:48:00.000Z',
      branch: 'main',
      parents: [],
      base: 'debian:12-slim',
      source: expect.any(Object),
      state: 'checked',
      channels: ['staging'],
      artifact: expect.any(Object),
      plan: expect.objectContaining({ schema: 1 }),
      record: expect.objectContaining({ actor: 'ada@laptop' }),
      builds: [expect.objectContaining({ milliseconds: 1800 })],
      events: [expect.objectContaining({ type: 'baked' })],
    },
    empty: {
      project: null,
      image: null,
      target: null,
      version: null,
      createdAt: null,
      branch: null,
      parents: [],
      base: null,
      source: null,
      state: null,
      channels: [],
      artifact: null,
      plan: null,
      record: null,
      builds: [],
      events: [],
    },
  },
  explain: {
    argv: ['explain', 'web'],
    bake: { explain: async () => ({ changes: [{ input: 'base', kind: 'removed', before: 'x', after: null }] }) },
    shape: { schema: 1, changes: [{ input: 'base', kind: 'removed', before: 'x', after: null }] },
    empty: { changes: [] },
  },
  logs: {
    argv: ['logs', 'web'],
    bake: { logs: async () => ({ logs: [{ step: 'run', text: 'a\u001b[31mb' }] }) },
    shape: { schema: 1, logs: [{ step: 'run', text: 'a\u001b[31mb' }] },
    empty: { logs: [] },
  },
  render: {
    argv: ['render', 'web'],
    bake: { render: async () => ({ files: [{ name: 'Dockerfile', text: 'FROM scratch\n' }] }) },
    shape: { schema: 1, files: [{ name: 'Dockerfile', text: 'FROM scratch\n' }] },
    empty: { files: [] },
  },
  update: {
    argv: ['update', '--dry-run'],
    bake: {
      update: async () => ({
        changes: [{ image: 'web', target: 'docker', selector: 'debian:12', from: null, to: 'sha256:1' }],
        rebuilds: ['web'],
      }),
    },
    shape: {
      schema: 1,
      changes: [{ image: 'web', target: 'docker', selector: 'debian:12', from: null, to: 'sha256:1' }],
      rebuilds: ['web'],
    },
    empty: { changes: [], rebuilds: [] },
  },
  export: {
    argv: ['export', 'web', 'web.tar'],
    bake: { export: async () => ({ file: '/web.tar', digest: 'sha256:1' }) },
    shape: { schema: 1, file: '/web.tar', digest: 'sha256:1' },
    empty: { file: null, digest: null },
  },
  verify: {
    argv: ['verify'],
    bake: { verify: async () => ({ blobs: 2, events: 3, faults: [] }) },
    shape: { schema: 1, blobs: 2, events: 3, faults: [] },
    empty: { blobs: null, events: null, faults: [] },
  },
  doctor: {
    argv: ['doctor'],
    bake: { doctor: async () => ({ findings: [{ name: 'git', ok: false, detail: 'missing', hint: null }] }) },
    shape: { schema: 1, findings: [{ name: 'git', ok: false, detail: 'missing', hint: null }] },
    empty: { findings: [] },
  },
};

it('every command that has a JSON document is tested here', () => {
  const names = commandEntries.map(({ name }) => name).filter((name) => !['init', 'help', 'completion'].includes(name));
  expect(Object.keys(cases).toSorted()).toEqual(names.toSorted());
});

describe.each(Object.entries(cases))('the JSON document of %s', (name, { argv, bake, shape, empty }) => {
  it('is alone on stdout and has exactly the keys of the contract', async () => {
    const ran = await run([...argv, '--json'], bake);
    expect(ran.exit).toBe(0);
    const document = ran.json();
    expect(document).toEqual(shape);
    expect(Object.keys(document)).toEqual(Object.keys(shape));
    expect(ran.out.endsWith('}\n')).toBe(true);
  });

  it('has the same keys and an error beside them where the command failed', async () => {
    const failing = {
      [name]: async () => {
        throw new BakeError('ERR_BAKE_REF_UNKNOWN', 'nothing there', { data: { ref: 'web' } });
      },
    };
    const ran = await run(['--json', ...argv], failing);
    expect(ran.exit).toBe(1);
    expect(ran.json()).toEqual({
      schema: 1,
      ...empty,
      error: { code: 'ERR_BAKE_REF_UNKNOWN', message: 'nothing there', hint: null, data: { ref: 'web' } },
    });
    expect(ran.err).toContain('error ERR_BAKE_REF_UNKNOWN: nothing there');
  });

  it('has them also where what was typed makes no sense', async () => {
    const ran = await run([...argv, '--json', '--nonsense']);
    expect(ran.exit).toBe(2);
    expect(ran.json()).toMatchObject({ schema: 1, ...empty, error: { code: 'ERR_BAKE_USAGE' } });
  });
});

describe('results that are failures', () => {
  it('of a build have the first error beside the images', async () => {
    const images = [aBuiltImage(), aBuiltImage({ outcome: 'failed', artifact: null, error })];
    const ran = await run(['build', '--json'], { build: async () => ({ images }) });
    expect(ran.json()).toMatchObject({ images: [{}, { outcome: 'failed' }], error: { code: 'ERR_BAKE_CHECK_FAILED' } });
    expect(ran.exit).toBe(3);
  });

  it('of a build have the errors of all images too', async () => {
    const failed = (image: string) =>
      aBuiltImage({ image, outcome: 'failed', error: new BakeError('ERR_BAKE_CHECK_FAILED', `no ${image}`) });
    const ran = await run(['build', '--json'], { build: async () => ({ images: [failed('a'), failed('b')] }) });
    const told = { target: 'docker', code: 'ERR_BAKE_CHECK_FAILED' };
    expect(ran.json()).toMatchObject({
      error: {
        message: 'no a',
        data: {
          errors: [
            { image: 'a', ...told, message: 'no a' },
            { image: 'b', ...told, message: 'no b' },
          ],
        },
      },
    });
  });

  it('of a check name the checks, of verify the faults', async () => {
    const checks = [{ name: 'port 80', outcome: 'failed', detail: 'closed', milliseconds: 1 }] as const;
    const check = async () => ({ version: version('9c'), artifact, checks });
    const checked = await run(['check', 'web', '--json'], { check });
    expect(checked.json()).toMatchObject({
      checks: [{ outcome: 'failed' }],
      error: { code: 'ERR_BAKE_CHECK_FAILED', message: '1 of 1 check failed', data: { checks: ['port 80'] } },
    });
    const faults = [{ kind: 'blob', where: 'x', detail: 'y' }];
    const verified = await run(['verify', '--json'], { verify: async () => ({ blobs: 1, events: 1, faults }) });
    expect(verified.json()).toMatchObject({ faults, error: { code: 'ERR_BAKE_VERIFY_FAILED' } });
  });
});

describe('doctor', () => {
  it('finds that there is no usable definition, and ends well', async () => {
    const openProject = async (): Promise<never> => {
      throw new BakeError('ERR_BAKE_DEFINITION_NOT_FOUND', 'no definition here', { hint: 'bake init' });
    };
    const ran = await run(['doctor', '--json'], {}, { openProject });
    expect(ran.exit).toBe(0);
    expect(ran.json()).toEqual({
      schema: 1,
      findings: [
        { name: 'node', ok: true, detail: process.versions.node, hint: null },
        { name: 'definition', ok: false, detail: 'no definition here', hint: 'bake init' },
      ],
    });
  });
});

describe('init', () => {
  it('has the files it wrote, and none where it failed', async () => {
    const asked: unknown[] = [];
    const init = async (options: unknown) => {
      asked.push(options);
      return { files: ['bake.config.mjs'] };
    };
    const ran = await run(['init', 'shop', '--from', 'Dockerfile', '--json'], {}, { init });
    expect(ran.json()).toEqual({ schema: 1, files: ['bake.config.mjs'] });
    expect(asked).toMatchObject([{ dir: '/shop', from: '/Dockerfile' }]);
    const failing = async () => {
      throw new BakeError('ERR_BAKE_INIT_EXISTS', 'already there');
    };
    const failed = await run(['init', '--json'], {}, { init: failing });
    expect(failed.json()).toMatchObject({ schema: 1, files: [], error: { code: 'ERR_BAKE_INIT_EXISTS' } });
    expect(failed.exit).toBe(2);
  });
});

it('a misspelt command has a document too', async () => {
  const ran = await run(['--json', 'nope']);
  expect(ran.json()).toMatchObject({ schema: 1, error: { code: 'ERR_BAKE_USAGE' } });
});
