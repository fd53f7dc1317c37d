import { defineConfig } from 'vitest/config';

const resolve = { conditions: ['source', 'module', 'node', 'import', 'default'] };
const shared = { resolve, ssr: { resolve: { conditions: resolve.conditions } } };

export default defineConfig({
  ...shared,
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['{contract,store,collector,alerts,api,demo,web}/**/*.test.{ts,tsx}', '*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'journey',
          include: ['test/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
