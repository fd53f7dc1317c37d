import { defineConfig } from 'vitest/config';

const resolve = { conditions: ['source', 'node'] };
const shared = { resolve, ssr: { resolve: { conditions: resolve.conditions } } };
const globalSetup = ['test/support/build.ts'];
// Tests wait for engines, browsers and time-outs more than they compute: two at once even on two cores.
const maxWorkers = 2;
const setupFiles = ['test/support/seed.ts'];

export default defineConfig({
  ...shared,
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          globalSetup,
          setupFiles,
          include: [
            '{contract,store,ledger,quality,collector,alerts,api,demo,web}/**/*.test.{ts,tsx}',
            '*.test.ts',
          ],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers,
        },
      },
      {
        ...shared,
        test: {
          name: 'journey',
          globalSetup,
          setupFiles,
          include: ['test/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          maxWorkers,
        },
      },
    ],
  },
});
