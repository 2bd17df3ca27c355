import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, repositoryFiles, type RepositoryFile } from './source.js';

const sources = repositoryFiles(/^packages\/[^/]+\/src\/.*\.ts$/);
const core = sources.filter(({ path }) => path.startsWith('packages/core/src/'));

/** Paths of the modules that import something that fits. Relative specifiers are resolved to paths first. */
function importers(modules: readonly RepositoryFile[], fits: (specifier: string) => boolean): readonly string[] {
  return modules.filter((file) => importsFrom(file).some((specifier) => fits(specifier))).map(({ path }) => path);
}

function importsFrom({ path, text }: RepositoryFile): readonly string[] {
  return importsOf(text).map((specifier) =>
    specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier,
  );
}

const isPackage =
  (...names: readonly string[]) =>
  (specifier: string): boolean =>
    names.some((name) => specifier === name || specifier.startsWith(`${name}/`));

describe('the boundaries between parts', () => {
  it('are looked at in all packages', () => {
    expect(core.length).toBeGreaterThan(50);
    expect(importers(core, isPackage('execa')).length).toBeGreaterThan(0);
  });

  it('keep the command out of the library: nothing imports cli/ but cli/ itself', () => {
    const outside = sources.filter(({ path }) => !path.startsWith('packages/core/src/cli/'));
    expect(importers(outside, (specifier) => specifier.startsWith('packages/core/src/cli/'))).toEqual([]);
  });

  it.each(['execa', 'handlebars', 'jiti', 'commander'])('let one folder import %s', (name) => {
    const folders = new Set(importers(sources, isPackage(name)).map((path) => posix.dirname(path)));
    expect([...folders].slice(1)).toEqual([]);
  });

  it('keep cloud and engine SDKs out of core', () => {
    const sdks = isPackage('@aws-sdk', '@google-cloud', 'dockerode', 'googleapis', '@azure');
    expect(importers(core, sdks)).toEqual([]);
  });

  it('let providers see of core what is published for them', () => {
    const providers = sources.filter(({ path }) => !path.startsWith('packages/core/'));
    const other = (specifier: string): boolean =>
      specifier.startsWith('packages/core/') ||
      (isPackage('@bakehouse/core')(specifier) && specifier !== '@bakehouse/core/provider');
    expect(importers(providers, other)).toEqual([]);
  });

  it('keep plan/ pure: no file system, network, process or clock', () => {
    const plan = core.filter(({ path }) => path.startsWith('packages/core/src/plan/'));
    const effects = ['fs', 'net', 'http', 'https', 'child_process', 'os', 'process', 'timers', 'worker_threads'];
    expect(importers(plan, (specifier) => effects.some((name) => isPackage(`node:${name}`, name)(specifier)))).toEqual(
      [],
    );
    const impure = /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\brandomUUID\b|\bprocess\.|\bfetch\(/;
    expect(plan.filter(({ text }) => impure.test(text)).map(({ path }) => path)).toEqual([]);
  });

  it('let only cli/print write to stdout and stderr, which the entry hands to it', () => {
    const speaking = /\bconsole\.|\bprocess\.(?:stdout|stderr)\b/;
    const allowed = /^packages\/core\/src\/cli\/(?:print\/|main\.ts$)/;
    const found = sources.filter(({ path, text }) => speaking.test(text) && !allowed.test(path));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  it('let the library take no environment, arguments or signals but where it is opened', () => {
    const ambient = /\bprocess\.(?:env|argv|exit)\b|\bprocess\.(?:on|once)\('SIG/;
    const allowed = /^packages\/core\/src\/(?:cli\/|open\.ts$)/;
    const code = ({ text }: RepositoryFile): string => text.replaceAll(/\/\*.*?\*\/|\/\/.*$/gms, '');
    const found = sources.filter((file) => ambient.test(code(file)) && !allowed.test(file.path));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  it('keep vitest out of what is published', () => {
    expect(importers(sources, isPackage('vitest', 'jest', 'mocha', 'node:test'))).toEqual([]);
  });
});

describe('modules', () => {
  it('have 250 lines at most', () => {
    const long = sources.filter(({ text }) => text.trimEnd().split('\n').length > 250);
    expect(long.map(({ path, text }) => `${path}: ${text.trimEnd().split('\n').length} lines`)).toEqual([]);
  });
});
