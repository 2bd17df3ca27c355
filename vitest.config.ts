import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@bakehouse\/core$/, replacement: source('packages/core/src/index.ts') },
      { find: /^@bakehouse\/core\/provider$/, replacement: source('packages/core/src/provider/index.ts') },
      { find: /^@bakehouse\/core\/testing$/, replacement: source('packages/core/src/testing/index.ts') },
      { find: /^@bakehouse\/provider-docker$/, replacement: source('packages/provider-docker/src/index.ts') },
    ],
  },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    pool: 'forks',
  },
});
