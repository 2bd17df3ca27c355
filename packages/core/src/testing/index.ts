/** For those who write providers and stores, and for tests of projects: suites, an in-memory provider, builders. */
export type { TestRunner } from './runner.js';
export { providerContract, type ContractImage, type ProviderContractOptions } from './provider-contract.js';
export { storeContract, type StoreFactory } from './store-contract.js';
export { memoryProvider, type MemoryOptions, type MemoryPlugin, type MemorySetup } from './memory-provider.js';
export {
  memoryWorld,
  worldKey,
  type Hook,
  type MemoryFile,
  type MemoryImage,
  type MemoryWorld,
  type Moment,
} from './memory-world.js';
export {
  aborts,
  dies,
  fails,
  failsTimes,
  latch,
  on,
  ProcessDied,
  takes,
  type Latch,
  type MomentFilter,
} from './hooks.js';
export { aDefinition, anArtifact, anImage, aPlan, type PlanOverrides } from './builders.js';
export { aTree, inputsOf, type FileSpec, type MemoryTree, type TreeSpec } from './tree.js';
