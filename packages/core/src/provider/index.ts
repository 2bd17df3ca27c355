/** What provider packages are written with: the contract, and the few helpers that every provider needs. */
export * from './types.js';
export { BakeError, isBakeError, type BakeErrorOptions, type ErrorCode } from '../errors/index.js';
export { canonicalJson, type Json, type JsonObject } from '../plan/json.js';
export { isDigest, sha256, short, type Digest, type OciDigest, type Version } from '../plan/digest.js';
export type * from '../plan/types.js';
export type * from '../definition/types.js';
export type * from '../tree/types.js';
export { chunkSize } from '../tree/types.js';
export { run, type ProcessOptions, type ProcessResult, type RunProcess } from '../process/index.js';
