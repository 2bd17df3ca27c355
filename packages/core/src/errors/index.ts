export { BakeError, isBakeError, type BakeErrorOptions } from './bake-error.js';
export { codeEntry, codes, type ErrorCode, type ErrorCodeEntry } from './codes.js';
