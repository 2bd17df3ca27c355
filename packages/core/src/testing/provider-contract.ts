import type { Check, ImageDefinition } from '../definition/types.js';
import type { Json } from '../plan/json.js';
import type { Plan } from '../plan/types.js';
import type { Capabilities, Destination, ProviderContext, ProviderPlugin, ResolvedBase } from '../provider/types.js';
import type { InputReader } from '../tree/types.js';
import { abortTests } from './contract/abort-tests.js';
import { artifactTests } from './contract/artifact-tests.js';
import { capabilityTests } from './contract/capability-tests.js';
import { failureTests } from './contract/failure-tests.js';
import { pluginTests } from './contract/plugin-tests.js';
import type { TestRunner } from './runner.js';

/** An image that the suite builds. */
export interface ContractImage {
  readonly definition: ImageDefinition;
  /**
   * Its plan; a function of the resolved base where it has an external one. Where the base is an image, it must be an
   * earlier one of the list.
   */
  readonly plan: Plan | ((base: ResolvedBase) => Plan);
  /** Default: a reader of nothing. */
  readonly inputs?: InputReader;
  /** The external base, as the definition has it. */
  readonly selector?: Json;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** What the suite is told about a provider. */
export interface ProviderContractOptions<Options> {
  readonly plugin: ProviderPlugin<Options>;
  /** As the definition has them, without `use` and `platform`. */
  readonly options: Json;
  /** All capabilities that the provider has: no more and no fewer. */
  readonly capabilities: readonly (keyof Capabilities)[];
  /** Called for every trial: a new `stateDir`, which need not exist. Removing it afterwards is the caller's. */
  makeContext(): ProviderContext | Promise<ProviderContext>;
  /** A base that exists, as the definition has it. */
  readonly goodSelector: Json;
  /** A base that is well written but does not exist. */
  readonly unknownSelector: Json;
  /** A base that is not well written. Default: a number. */
  readonly invalidSelector?: Json;
  /** Options with several problems, and what each is reported by. Default: two options that no provider knows. */
  readonly invalidOptions?: { readonly input: Json; readonly mentions: readonly string[] };
  /** At least one; the first with a step that reads inputs. */
  readonly images: readonly ContractImage[];
  /** An image whose build fails by itself, say at a `run` step. */
  readonly failing?: ContractImage;
  /** Checks of the first image that pass, and that fail. What cannot be run here may be `notRun` instead. */
  readonly checks?: { readonly passing?: readonly Check[]; readonly failing?: readonly Check[] };
  /** Where `publish` goes to; needed where the provider has it. */
  readonly destination?: Destination;
  /** How many moments of a build are tried for aborts and faults, spread evenly. Default: all. */
  readonly moments?: number;
}

/**
 * The suite that every provider passes. Runs on any test runner with `describe` and `it`:
 *
 *     import { describe, it } from 'node:test';
 *     providerContract({ describe, it }, { plugin: provider, … });
 */
export function providerContract<Options>(runner: TestRunner, options: ProviderContractOptions<Options>): void {
  runner.describe(`the provider contract, kept by ${options.plugin.kind}`, () => {
    pluginTests(runner, options);
    artifactTests(runner, options);
    failureTests(runner, options);
    abortTests(runner, options);
    capabilityTests(runner, options);
  });
}
