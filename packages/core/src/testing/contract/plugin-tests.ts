import assert from 'node:assert/strict';
import { isBakeError, type ErrorCode } from '../../errors/index.js';
import { canonicalJson, type Json } from '../../plan/json.js';
import { capabilityNames } from '../../provider/types.js';
import type { ProviderContractOptions } from '../provider-contract.js';
import type { TestRunner } from '../runner.js';
import { inSession, never } from './session.js';

/** What holds before anything is built: options, selectors, identity, engines, bases. */
export function pluginTests<Options>({ it }: TestRunner, options: ProviderContractOptions<Options>): void {
  const { plugin, images } = options;

  it('has a kind, an apiVersion and engines that can be told apart', async () => {
    assert.equal(plugin.apiVersion, 1);
    assert.match(plugin.kind, /^[a-z][a-z0-9-]*$/);
    const names = plugin.engines.map(({ name }) => name);
    assert.deepEqual(names, [...new Set(names)], 'two engines have one name');
    for (const { name, revision } of plugin.engines)
      assert(Number.isSafeInteger(revision) && revision > 0, `the revision of ${name} is not a positive whole number`);
  });

  it('has an engine for every image, judged from the definition alone', async () => {
    for (const { definition } of images) {
      const supporting = (): string[] =>
        plugin.engines.filter((engine) => engine.supports(frozen(definition))).map(({ name }) => name);
      assert.notDeepEqual(supporting(), [], 'no engine supports an image of the list');
      assert.deepEqual(supporting(), supporting());
    }
  });

  it('parses options without changing them', async () => {
    const once = plugin.parseOptions(frozen(options.options));
    assert.deepEqual(plugin.parseOptions(frozen(options.options)), once);
  });

  it('reports all problems of its options at once', async () => {
    const { input, mentions } = options.invalidOptions ?? {
      input: { ...(options.options as object), nobodyKnowsThis: 1, norThat: 2 } as Json,
      mentions: ['nobodyKnowsThis', 'norThat'],
    };
    const error = thrown(() => plugin.parseOptions(frozen(input)), 'ERR_BAKE_PROVIDER_OPTIONS');
    for (const name of mentions) {
      const reported = `${error.message}\n${canonicalJson(error.data)}`;
      assert(reported.includes(name), `the problem with "${name}" is not reported: ${reported}`);
    }
  });

  it('gives a selector one stable key', async () => {
    const selector = plugin.parseSelector(frozen(options.goodSelector));
    assert.deepEqual(plugin.parseSelector(frozen(options.goodSelector)), selector);
    assert.notEqual(selector.key, '');
    assert.notEqual(plugin.parseSelector(options.unknownSelector).key, selector.key);
    assert.equal(canonicalJson(JSON.parse(canonicalJson(selector.value))), canonicalJson(selector.value));
  });

  it('refuses a malformed selector with its code', async () => {
    thrown(() => plugin.parseSelector(options.invalidSelector ?? 17), 'ERR_BAKE_SELECTOR_INVALID');
  });

  it('has an identity that is pure, stable and JSON', async () => {
    const parsed = (): Options => frozen(plugin.parseOptions(options.options));
    for (const { definition } of images) {
      const once = canonicalJson(plugin.identity(parsed(), frozen(definition)));
      assert.equal(canonicalJson(plugin.identity(parsed(), frozen(structuredClone(definition)))), once);
    }
  });

  it('declares exactly its capabilities', async () => {
    await inSession(options, async ({ provider }) => {
      const present = capabilityNames.filter((name) => typeof provider[name] === 'function');
      assert.deepEqual(present.toSorted(), options.capabilities.toSorted());
    });
  });

  it('resolves a base twice to one id', async () => {
    await inSession(options, async ({ provider, open }) => {
      const selector = plugin.parseSelector(options.goodSelector);
      const { id } = await provider.resolveBase(selector, never);
      assert.notEqual(id, '');
      assert.equal((await provider.resolveBase(selector, never)).id, id);
      assert.equal((await open().resolveBase(selector, never)).id, id);
    });
  });

  it('rejects an unknown base with its code', async () => {
    await inSession(options, async ({ provider }) => {
      const selector = plugin.parseSelector(options.unknownSelector);
      await assert.rejects(provider.resolveBase(selector, never), (error) => hasCode(error, 'ERR_BAKE_BASE_UNKNOWN'));
    });
  });

  it('can be disposed of twice', async () => {
    await inSession(options, async ({ provider }) => {
      await provider[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    });
  });
}

/** Fails, and shows the error, unless it is a BakeError (of this code). */
export function hasCode(error: unknown, code?: ErrorCode): true {
  if (isBakeError(error, code)) return true;
  throw new assert.AssertionError({
    message: `expected a BakeError${code === undefined ? '' : ` ${code}`}, got: ${String(error)}`,
    actual: error,
    expected: code,
  });
}

function thrown(call: () => unknown, code: ErrorCode): { readonly message: string; readonly data: object } {
  try {
    call();
  } catch (error) {
    if (isBakeError(error) && hasCode(error, code)) return error;
    throw error;
  }
  return assert.fail(`expected ${code}, but nothing was thrown`);
}

/** The same value, of which nothing can be changed any more. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) frozen(member);
  }
  return value;
}
