import { describe, expect, it } from 'vitest';
import { substitute } from '../../src/definition/vars.js';
import { validateDefinition } from '../../src/definition/validate.js';
import { aDefinition, errorOf, problemsOf, withWeb } from './builders.js';

const vars = { base: 'debian:12-slim', zone: 'UTC' };

describe('substitute', () => {
  it('replaces variables in any string, also several in one, with or without white space', () => {
    const definition = aDefinition(
      { vars, labels: { where: '{{ vars.zone }}/{{vars.base}}' } },
      { web: { from: '{{vars.base}}', config: { env: { TZ: '{{  vars.zone}}' } } } },
    );
    const result = substitute(definition, {});
    expect(result.images['web']).toEqual({ from: 'debian:12-slim', config: { env: { TZ: 'UTC' } } });
    expect(result.labels).toEqual({ where: 'UTC/debian:12-slim' });
  });

  it('prefers overrides and leaves the declared defaults as they are', () => {
    const result = substitute(aDefinition({ vars }, { web: { from: '{{vars.base}}' } }), { base: 'alpine:3' });
    expect(result.images['web']?.from).toBe('alpine:3');
    expect(result.vars).toEqual(vars);
  });

  it('leaves the bodies of run alone, but not the path of a script', () => {
    const steps = [
      { run: 'echo {{vars.zone}}', env: { ZONE: '{{vars.zone}}' } },
      { run: ['echo {{vars.zone}}'] },
      { run: { script: '{{vars.zone}}.sh' } },
    ];
    const checks = [{ run: 'date +{{vars.zone}}', stdout: '{{vars.zone}}' }];
    const { images } = substitute(aDefinition({ vars }, { web: { from: 'scratch', steps, checks } }));
    expect(images['web']?.steps).toEqual([
      { run: 'echo {{vars.zone}}', env: { ZONE: 'UTC' } },
      { run: ['echo {{vars.zone}}'] },
      { run: { script: 'UTC.sh' } },
    ]);
    expect(images['web']?.checks).toEqual([{ run: 'date +{{vars.zone}}', stdout: 'UTC' }]);
  });

  it('leaves alone what is no variable', () => {
    const config = { env: { A: '{{ .Values.x }} {{vars}} {{user `x`}} ${vars.zone} {vars.zone}' } };
    expect(substitute(withWeb({ config })).images['web']?.config).toEqual(config);
  });

  it('inserts values as they are, replacement patterns included', () => {
    const definition = aDefinition(
      { vars: { x: '' } },
      { web: { from: 'scratch', config: { env: { A: '{{vars.x}}' } } } },
    );
    expect(substitute(definition, { x: "$& $1 $' {{x}}" }).images['web']?.config?.env).toEqual({ A: "$& $1 $' {{x}}" });
  });

  it('reports every unknown variable at once, with a suggestion', () => {
    const definition = aDefinition({ vars }, { web: { from: '{{vars.bsae}}', config: { user: '{{vars.nobody}}' } } });
    const expected = [
      'images.web.from: no variable is called "bsae" (base)',
      'images.web.config.user: no variable is called "nobody"',
    ];
    expect(problemsOf(() => substitute(definition))).toEqual(expected);
    expect(problemsOf(() => validateDefinition(definition))).toEqual(expected);
  });

  it('refuses names that every object has', () => {
    expect(problemsOf(() => substitute(aDefinition({ vars }, { web: { from: '{{vars.constructor}}' } })))).toHaveLength(
      1,
    );
  });

  it('refuses to set what is not declared', () => {
    const error = errorOf(() => substitute(aDefinition({ vars }), { zoen: 'x' }));
    expect(error).toMatchObject({ code: 'ERR_BAKE_USAGE', data: { name: 'zoen', suggestion: 'zone' } });
    expect(error.message).toContain('did you mean "zone"?');
    expect(errorOf(() => substitute(aDefinition(), { toString: 'x' })).code).toBe('ERR_BAKE_USAGE');
  });

  it('refuses variables inside of variables', () => {
    expect(problemsOf(() => validateDefinition(aDefinition({ vars: { a: '{{vars.b}}', b: '' } })))).toEqual([
      'vars.a: cannot use another variable',
    ]);
    expect(errorOf(() => substitute(aDefinition({ vars }), { zone: '{{vars.base}}' })).code).toBe('ERR_BAKE_USAGE');
  });

  it('checks what a variable stands for where it is used', () => {
    const steps = [{ copy: 'site', to: '{{vars.to}}', mode: '{{vars.mode}}' }];
    const definition = aDefinition({ vars: { to: '/srv', mode: '0644' } }, { web: { from: '{{vars.to}}', steps } });
    expect(validateDefinition(definition)).toEqual(definition);
    expect(problemsOf(() => substitute(definition, { to: 'srv', mode: '9' }))).toEqual([
      expect.stringMatching(/^images\.web\.from: no image is called "srv"/),
      'images.web.steps[0].to: must be an absolute path, beginning with /, but is "srv"',
      'images.web.steps[0].mode: must be an octal mode in quotes, such as "0644", but is "9"',
    ]);
  });

  it('changes nothing when done again, nor the definition it was given', () => {
    const definition = aDefinition({ vars }, { web: { from: '{{vars.base}}' } });
    const before = structuredClone(definition);
    const once = substitute(definition);
    expect(substitute(once)).toEqual(once);
    expect(definition).toEqual(before);
  });
});
