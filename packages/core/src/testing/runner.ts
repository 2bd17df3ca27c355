/**
 * What a contract suite needs of a test runner: the `describe` and `it` of vitest, jest, mocha or node:test.
 * Assertions are those of node:assert, so nothing else is asked of it.
 */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: () => Promise<void>) => unknown;
}
