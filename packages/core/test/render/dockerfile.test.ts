import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/plan/types.js';
import { DOCKERFILE_TEMPLATE, dockerfileValues, type DockerfileOptions } from '../../src/render/dockerfile.js';
import { createRenderer } from '../../src/render/renderer.js';
import { hostile, hostileLine } from './hostile.js';
import { aContainerPlan, everything } from './plans.js';

const renderer = createRenderer();

async function dockerfile(plan: Plan, options?: DockerfileOptions): Promise<string> {
  return (await renderer.render(DOCKERFILE_TEMPLATE, dockerfileValues(plan, options))).text;
}

/** The instructions of a Dockerfile as its builder splits them: comments out, lines joined after a backslash. */
function instructions(text: string): string[] {
  const joined = text
    .split(/\r?\n/)
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replaceAll(/\\[ \t]*\n/g, '');
  return joined.split('\n').filter((line) => line.trim() !== '');
}

/** Their names. */
const names = (text: string): string[] => instructions(text).map((line) => line.trim().split(/\s/, 1)[0]!);

describe('the Dockerfile', () => {
  it('is this one', async () => {
    const golden = readFileSync(new URL('../golden/Dockerfile', import.meta.url), 'utf8');
    expect(await dockerfile(everything())).toBe(golden);
  });

  it('of nothing is its base', async () => {
    const plan = aContainerPlan([], {}, { base: { kind: 'scratch' } });
    expect(instructions(await dockerfile(plan))).toEqual(['FROM scratch']);
    expect(instructions(await dockerfile(plan, { from: 'bake-parent:x' }))).toEqual(['FROM bake-parent:x']);
  });

  it('names a parent by its version where nothing better is known', async () => {
    const plan = aContainerPlan([], {}, { base: { kind: 'image', version: '7'.repeat(64) } });
    expect(instructions(await dockerfile(plan))).toEqual([`FROM bake-parent:${'7'.repeat(64)}`]);
  });

  it('returns to the user of the base after a step of another', async () => {
    const steps = [
      { kind: 'run', run: ['a'], user: 'x' },
      { kind: 'run', run: ['b'] },
      { kind: 'run', run: ['c'], user: 'x' },
    ] as const;
    const users = async (plan: Plan, options?: DockerfileOptions): Promise<string[]> =>
      instructions(await dockerfile(plan, options)).filter((line) => line.startsWith('USER'));
    expect(await users(aContainerPlan(steps))).toEqual(['USER "x"', 'USER "0"', 'USER "x"', 'USER "0"']);
    expect(await users(aContainerPlan(steps), { user: 'app' })).toEqual([
      'USER "x"',
      'USER "app"',
      'USER "x"',
      'USER "app"',
    ]);
    expect(await users(aContainerPlan(steps, { user: 'me' }))).toEqual([
      'USER "x"',
      'USER "0"',
      'USER "x"',
      'USER "me"',
    ]);
    expect(await users(aContainerPlan([{ kind: 'run', run: ['a'] }]))).toEqual([]);
  });

  it('exports when the steps were made to run anew, to the steps alone', async () => {
    const text = await dockerfile(
      aContainerPlan([{ kind: 'run', run: ['a'] }], {}, { refreshed: '2026-03-14T00:00:00Z' }),
    );
    expect(names(text)).toEqual(['FROM', 'RUN']);
    expect(text).toContain("export BAKE_REFRESHED='2026-03-14T00:00:00Z'; exec");
  });

  it('clears what the base has with empty lists', async () => {
    const text = await dockerfile(aContainerPlan([], { entrypoint: [], cmd: [] }));
    expect(instructions(text).slice(1)).toEqual(['ENTRYPOINT []', 'CMD []']);
  });

  it('switches a health check off, or has its words', async () => {
    const last = async (
      healthcheck: NonNullable<Parameters<typeof aContainerPlan>[1]>['healthcheck'],
    ): Promise<string> => instructions(await dockerfile(aContainerPlan([], { healthcheck: healthcheck! }))).at(-1)!;
    expect(await last({ test: 'none' })).toBe('HEALTHCHECK NONE');
    expect(await last({ test: ['a', 'b c'], retries: 2 })).toBe('HEALTHCHECK --retries=2 CMD ["a", "b c"]');
  });

  it('has no provisioners', () => {
    const step = { kind: 'provisioner', type: 'ansible', config: {}, inputs: '8'.repeat(64) } as const;
    expect(() => dockerfileValues(aContainerPlan([step]))).toThrow(
      expect.objectContaining({ code: 'ERR_BAKE_ENGINE_UNSUPPORTED' }),
    );
  });

  it('copies no file whose name is a pattern', () => {
    const step = {
      kind: 'copy',
      source: { file: '5'.repeat(64), name: '*.conf', mode: '0644', size: 1 },
      to: '/etc/',
    } as const;
    expect(() => dockerfileValues(aContainerPlan([step]))).toThrow(
      expect.objectContaining({ code: 'ERR_BAKE_VALUE_UNSAFE' }),
    );
  });
});

describe('no value', () => {
  const line = fc
    .oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(...hostileLine))
    .filter((text) => !/\p{Cc}/u.test(text));
  const any = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...hostile));

  const planOf = (text: string): Plan =>
    aContainerPlan(
      [
        { kind: 'run', run: [text, text], env: { A: text }, workdir: `/${text}`, user: `u${text}` },
        { kind: 'copy', source: { tree: '4'.repeat(64) }, to: `/${text}` },
      ],
      {
        env: { A: text, [`K${text}`]: text },
        labels: { [`l${text}`]: text },
        volumes: [`/v/${text}/x`],
        user: `u${text}`,
        workdir: `/${text}`,
        healthcheck: { test: text },
        entrypoint: [text],
        cmd: [text, text],
      },
    );
  const expected = 'FROM USER RUN COPY ENV ENV LABEL VOLUME USER WORKDIR HEALTHCHECK ENTRYPOINT CMD'.split(' ');

  it('that can be written adds or removes an instruction', async () => {
    await fc.assert(
      fc.asyncProperty(line, async (text) => {
        fc.pre(text !== 'none');
        expect(names(await dockerfile(planOf(text)))).toEqual(expected);
      }),
    );
  });

  it('at all adds an instruction: it is written, or refused by name', async () => {
    await fc.assert(
      fc.asyncProperty(any, async (text) => {
        fc.pre(text !== 'none');
        try {
          expect(names(await dockerfile(planOf(text)))).toEqual(expected);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_BAKE_VALUE_UNSAFE', data: { field: expect.stringMatching(/./) } });
        }
      }),
    );
  });

  it('changes on its way into a script', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1 }), async (run) => {
        const [, text] = instructions(await dockerfile(aContainerPlan([{ kind: 'run', run }])));
        expect(JSON.parse(text!.slice('RUN '.length))).toEqual(['/bin/sh', '-ec', run.join('\n')]);
      }),
    );
  });

  it('names a flag', async () => {
    const step = { kind: 'copy', source: { tree: '4'.repeat(64) }, to: '/a', owner: 'a --from=x' } as const;
    await expect(dockerfile(aContainerPlan([step]))).rejects.toMatchObject({
      code: 'ERR_BAKE_VALUE_UNSAFE',
      data: { field: 'steps[0].copy.owner' },
    });
  });
});
