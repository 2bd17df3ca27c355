import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateDefinition } from '../../src/definition/validate.js';
import { aDefinition, errorOf, problemsOf, withWeb } from './builders.js';
import { everyKey } from './every-key.js';

const problems = (value: unknown): string[] => problemsOf(() => validateDefinition(value));

describe('validateDefinition', () => {
  it('accepts every documented key and returns an equal copy', () => {
    const result = validateDefinition(everyKey);
    expect(result).toEqual(everyKey);
    expect(result).not.toBe(everyKey);
  });

  it('lists all problems at once, in the order of the definition, one a line', () => {
    const error = errorOf(() =>
      validateDefinition({
        name: 'Shop',
        providers: { docker: { use: 'x' } },
        images: { web: { form: 'debian:12', steps: [{ copy: 'a', to: 'b' }] } },
        retian: {},
      }),
    );
    expect(error.code).toBe('ERR_BAKE_DEFINITION_INVALID');
    expect(error.message).toBe(
      [
        'The definition has 5 problems:',
        '  name: must be a name of lower-case letters, digits and -, beginning with a letter, but is "Shop"',
        '  images.web: has no base: it needs from (an image, a reference, scratch), dockerfile or packer',
        '  images.web.form: unknown key; did you mean "from"?',
        '  images.web.steps[0].to: must be an absolute path, beginning with /, but is "b"',
        '  retian: unknown key; did you mean "retain"?',
      ].join('\n'),
    );
    expect((error.data['problems'] as unknown[])[2]).toEqual({
      path: 'images.web.form',
      message: 'unknown key',
      suggestion: 'from',
    });
    expect(error.data['file']).toBeNull();
  });

  it('names the file it is told', () => {
    const error = errorOf(() => validateDefinition({}, '/x/bake.config.js'));
    expect(error.message).toMatch(/^\/x\/bake\.config\.js has 3 problems:\n/);
    expect(error.data['file']).toBe('/x/bake.config.js');
  });

  it.each([
    ['top level', aDefinition({ chanels: {} }), 'chanels: unknown key (channels)'],
    ['channel', aDefinition({ channels: { staging: { hodl: true } } }), 'channels.staging.hodl: unknown key (hold)'],
    ['retain', aDefinition({ retain: { lats: 1 } }), 'retain.lats: unknown key (last)'],
    ['image', withWeb({ cheks: [] }), 'images.web.cheks: unknown key (checks)'],
    ['config', withWeb({ config: { entripoint: [] } }), 'images.web.config.entripoint: unknown key (entrypoint)'],
    [
      'healthcheck',
      withWeb({ config: { healthcheck: { test: 'x', retires: 1 } } }),
      'images.web.config.healthcheck.retires: unknown key (retries)',
    ],
    ['step', withWeb({ steps: [{ run: 'x', usr: 'y' }] }), 'images.web.steps[0].usr: unknown key (user)'],
    ['script', withWeb({ steps: [{ run: { scirpt: 'x' } }] }), 'images.web.steps[0].run.scirpt: unknown key (script)'],
    ['check', withWeb({ checks: [{ run: 'x', tiemout: 1 }] }), 'images.web.checks[0].tiemout: unknown key (timeout)'],
    ['base', withWeb({ from: { image: 'a/b', channel: 'c', chanel: 'd' } }), 'images.web.from.chanel: unknown key'],
  ])('suggests the key that was meant: %s', (_where, definition, expected) => {
    expect(problems(definition)).toContain(expected);
  });

  it('does not suggest a key that is there already', () => {
    expect(problems(aDefinition({ imags: {} }))).toEqual(['imags: unknown key']);
  });

  it('reports several unknown keys of one object', () => {
    expect(problems(aDefinition({ a: 1, b: 2 }))).toEqual(['a: unknown key', 'b: unknown key']);
  });
});

describe('steps and checks', () => {
  it('are told apart by their key, so that only problems of that kind are reported', () => {
    expect(problems(withWeb({ steps: [{ copy: 'x' }, { fetch: 'https://x/y', to: '/y' }] }))).toEqual([
      'images.web.steps[0].to: is missing',
      'images.web.steps[1].sha256: is missing',
    ]);
  });

  it('need a kind, and no more than one', () => {
    expect(problems(withWeb({ steps: [{ rnu: 'x' }, { run: 'x', copy: 'y', bad: 1 }, 'x'], checks: [{}] }))).toEqual([
      'images.web.steps[0]: is no step: it needs one of run, copy, fetch, ansible or packer (run)',
      'images.web.steps[1]: is several steps in one (run and copy); write one step for each',
      'images.web.steps[2]: must be a step: an object with run, copy, fetch, ansible or packer, but is a string',
      'images.web.checks[0]: is no check: it needs one of run, http, port, file or package',
    ]);
  });

  it('know their targets', () => {
    expect(problems(withWeb({ steps: [{ run: 'x', only: ['dokcer'] }], checks: [{ run: 'x', only: [] }] }))).toEqual([
      'images.web.steps[0].only[0]: no target is called "dokcer" (docker)',
      'images.web.checks[0].only: must name a target, or be left out for all of them',
    ]);
  });

  it.each([
    [{ copy: 'a', to: 'b' }, 'to: must be an absolute path'],
    [{ copy: 'a', to: '/a/../b' }, 'to: must not climb with ..'],
    [{ copy: 'a', to: '/a\nb' }, 'to: must not hold control characters'],
    [{ copy: 'a', to: '/a\0b' }, 'to: holds a NUL character'],
    [{ copy: '', to: '/a' }, 'copy: must not be empty'],
    [{ copy: 'a', to: '/a', mode: '0999' }, 'mode: must be an octal mode'],
    [{ copy: 'a', to: '/a', mode: 644 }, 'mode: must be a string, but is the number 644; quote it: "644"'],
    [{ copy: 'a', to: '/a', owner: 'a\u{85}b' }, 'owner: must not hold control characters'],
    [{ fetch: 'ftp://x/y', sha256: 'a'.repeat(64), to: '/y' }, 'fetch: must be an http:// or https:// address'],
    [{ fetch: 'https://', sha256: 'a'.repeat(64), to: '/y' }, 'fetch: must be an http:// or https:// address'],
    [{ fetch: 'https://x/y', sha256: 'A'.repeat(64), to: '/y' }, 'sha256: must be 64 lower-case hex digits'],
    [{ run: '' }, 'run: must not be empty'],
    [{ run: [] }, 'run: must have a line'],
    [{ run: 5 }, 'run: must be a shell line, a list of lines or { script: PATH }, but is the number 5'],
    [{ run: 'x', env: { 'A B': 'x' } }, 'env["A B"]: must be a name of letters, digits and _'],
    [{ run: 'x', env: ['A=1'] }, 'env: must be an object, but is a list'],
    [{ run: 'x', secrets: ['a b'] }, 'secrets[0]: must be a name'],
  ])('refuse %j', (step, expected) => {
    expect(problems(withWeb({ steps: [step] }))).toEqual([expect.stringContaining(`images.web.steps[0].${expected}`)]);
  });

  it.each([
    [{ port: 0 }, 'port: must be a port from 1 to 65535, but is 0'],
    [{ port: 65536 }, 'port: must be a port'],
    [{ port: '80' }, 'port: must be a number, but is the string "80"'],
    [{ http: 'localhost:80' }, 'http: must be an http:// or https:// address'],
    [{ http: 'http://x/', status: 42 }, 'status: must be a status'],
    [{ file: 'etc' }, 'file: must be an absolute path'],
    [{ run: 'x', timeout: 0 }, 'timeout: must be a number of seconds greater than 0'],
  ])('refuse the check %j', (check, expected) => {
    expect(problems(withWeb({ checks: [check] }))).toEqual([
      expect.stringContaining(`images.web.checks[0].${expected}`),
    ]);
  });

  it('have check names once', () => {
    const checks = [{ run: 'x', name: 'a' }, { run: 'y' }, { run: 'z', name: 'a' }];
    expect(problems(withWeb({ checks }))).toEqual(['images.web.checks[2].name: another check is called "a" too']);
  });
});

describe('bases', () => {
  it.each(['debian:12', 'ghcr.io/x/y', 'oci:base', 'archive:x.tar', 'rootfs:x.tar', 'scratch', '{{vars.b}}'])(
    'may be %s',
    (from) => {
      expect(() => validateDefinition(aDefinition({ vars: { b: 'x:1' } }, { web: { from } }))).not.toThrow();
    },
  );

  it('are no download when a word is misspelt', () => {
    expect(problems(aDefinition({}, { base: { from: 'scratch' }, web: { from: 'bsae' } }))).toEqual([
      'images.web.from: no image is called "bsae" (base)',
    ]);
    expect(problems(aDefinition({}, { web: { from: 'debian' } }))).toEqual([
      'images.web.from: no image is called "debian"; to use one from a registry write its tag too: "debian:TAG"',
    ]);
    expect(problems(aDefinition({}, { web: { from: 'constructor' } }))).toHaveLength(1);
  });

  it('are needed, once', () => {
    expect(problems(aDefinition({}, { web: {} }))).toHaveLength(1);
    expect(problems(withWeb({ dockerfile: 'D', packer: 'p.hcl' }))).toEqual([
      'images.web.dockerfile: cannot be given together with from; choose one',
      'images.web.packer: cannot be given together with from; choose one',
    ]);
    expect(problems(aDefinition({}, { web: { dockerfile: 'D', steps: [], inputs: [] } }))).toEqual([
      'images.web.steps: goes with from, and this image has dockerfile',
      'images.web.inputs: goes with packer, and this image has dockerfile',
    ]);
  });

  it('per target name targets', () => {
    expect(
      problems(aDefinition({}, { base: { from: 'scratch' }, web: { from: { dockr: 'x:1', docker: 'base' } } })),
    ).toEqual([
      'images.web.from.dockr: no target is called "dockr" (docker)',
      'images.web.from.docker: is an image of this definition; write from: "base", and targets to limit it',
    ]);
    expect(problems(withWeb({ from: {} }))).toEqual(['images.web.from: must have a base for a target']);
  });

  it('cover the targets of the image', () => {
    const definition = aDefinition(
      { providers: { docker: { use: 'x' }, aws: { use: 'y' } } },
      { web: { from: { docker: 'x:1' }, targets: ['docker', 'aws', 'docker', 'gcp'] } },
    );
    expect(problems(definition)).toEqual([
      'images.web.targets[1]: from has no base for the target "aws"',
      'images.web.targets[2]: "docker" is listed twice',
      'images.web.targets[3]: no target is called "gcp"',
    ]);
  });

  it('in a circle have a code of their own where nothing else is wrong', () => {
    const circle = { a: { from: 'b' }, b: { from: 'c' }, c: { from: 'b' }, d: { from: 'd' } };
    const error = errorOf(() => validateDefinition(aDefinition({}, circle)));
    expect(error.code).toBe('ERR_BAKE_DEFINITION_CYCLE');
    expect(problems(aDefinition({}, circle))).toEqual([
      'images.b.from: goes round in a circle: b → c → b',
      'images.d.from: goes round in a circle: d → d',
    ]);
    expect(errorOf(() => validateDefinition(aDefinition({ x: 1 }, circle))).code).toBe('ERR_BAKE_DEFINITION_INVALID');
  });
});

describe('names', () => {
  it.each(['Web', '1web', 'we_b', '', 'we b'])('of images cannot be %j', (name) => {
    expect(problems(aDefinition({}, { [name]: { from: 'scratch' } }))[0]).toContain('must be a name of lower-case');
  });

  it('that would be read as something else are refused', () => {
    expect(problems(aDefinition({ providers: { image: { use: 'x' } } }, { scratch: { from: 'scratch' } }))).toEqual([
      'providers.image: is a key of { image, channel }; choose another name',
      'images.scratch: stands for an empty base; choose another name',
    ]);
  });

  it('of channels are no versions, not latest, and known', () => {
    expect(problems(aDefinition({ channels: ['staging', 'cafe', 'latest', 'staging', 'Prod'] }))).toEqual([
      'channels[1]: "cafe" could be the beginning of a version (hex digits); choose another',
      'channels[2]: "latest" is kept for the newest version; choose another name',
      'channels[3]: "staging" is listed twice',
      expect.stringContaining('channels[4]: must be a name'),
    ]);
    expect(
      problems(aDefinition({ channels: { staging: { after: 'prod' }, prod: { after: 'stagin' }, x: { after: 'x' } } })),
    ).toEqual([
      'channels.prod.after: no channel is called "stagin" (staging)',
      'channels.x.after: goes round in a circle: x → x',
    ]);
  });
});

describe('plain data', () => {
  class Thing {
    readonly member = 1;
  }
  const loop: Record<string, unknown> = {};
  loop['self'] = loop;
  it.each([
    ['a function', () => 1, 'is a function'],
    ['a Date', new Date(0), 'is a Date, but a definition is plain data; write it as a string'],
    ['an instance', new Thing(), 'is a Thing'],
    ['a Map', new Map(), 'is a Map'],
    ['a promise', Promise.resolve(1), 'is a promise, but a definition is plain data; await it first'],
    ['a BigInt', 1n, 'is a BigInt'],
    ['a symbol', Symbol('x'), 'is a symbol'],
    ['a cycle', loop, 'contains itself'],
    ['NaN', Number.NaN, 'is NaN'],
    ['a number too large', 2 ** 60, 'too large to be exact'],
    ['half a surrogate pair', '\ud800', 'not well-formed'],
    ['a symbol as key', { [Symbol('x')]: 1 }, 'has a symbol as a key'],
    ['a gap', [undefined], 'is undefined'],
  ])('refuses %s by path', (_name, value, message) => {
    const found = problems(aDefinition({ providers: { docker: { use: 'x', option: value } } }));
    expect(found).toEqual([expect.stringMatching(new RegExp(`^providers\\.docker\\.option[^:]*: .*${message}`))]);
  });

  it('leaves out what is undefined, and minus zero', () => {
    const result = validateDefinition(aDefinition({ catalog: undefined, retain: { last: -0 } }));
    expect(Object.hasOwn(result, 'catalog')).toBe(false);
    expect(Object.is(result.retain?.last, 0)).toBe(true);
  });

  it('takes the same object in two places', () => {
    const check = { run: 'true' };
    expect(() => validateDefinition(withWeb({ checks: [check, check] }))).not.toThrow();
  });

  it('is not fooled by keys of prototypes', () => {
    const hostile = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as object;
    const images = JSON.parse(
      '{"web": {"from": "scratch"}, "__proto__": {"from": "scratch"}, "constructor": {"from": "scratch"}}',
    ) as object;
    const fault = 'is a name that JavaScript keeps for itself; choose another';
    expect(problems({ ...aDefinition(), images, labels: hostile })).toEqual([
      `images.__proto__: ${fault}`,
      `images.constructor: ${fault}`,
      `labels.__proto__: ${fault}`,
      `labels.constructor: ${fault}`,
    ]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('survives hostile nesting', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(problems(aDefinition({ providers: { docker: { use: 'x', deep } } }))).toHaveLength(1);
  });

  it('is the only thing ever thrown about, whatever the value', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
        (value) => {
          for (const candidate of [
            value,
            aDefinition({ images: value }),
            withWeb({ steps: value, from: value, checks: [value] }),
          ])
            try {
              validateDefinition(candidate);
            } catch (error) {
              expect(error).toMatchObject({ name: 'BakeError', code: expect.stringMatching(/^ERR_BAKE_DEFINITION_/) });
            }
        },
      ),
    );
  });
});
