import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

const resolve = { conditions: ['source', 'node'] };
const shared = { resolve, ssr: { resolve: { conditions: resolve.conditions } } };
const globalSetup = ['test/support/build.ts'];
// Tests wait for engines, browsers and time-outs a quarter of their time: three at once keep two cores busy.
const maxWorkers = 3;
const setupFiles = ['test/support/seed.ts'];
// Limits are patience and no measure: they end what hangs, and a machine that is five times slower or pauses passes all the same.
const patience = { testTimeout: 900_000, hookTimeout: 600_000, expect: { poll: { timeout: 120_000 } } };

/**
 * Journeys that start rooms in their own process instead of the program. They share one with the unit tests, since to load every room takes
 * longer than many of them.
 */
const roomsInProcess = [
  'browser-channels',
  'browser-outcomes',
  'browser-review',
  'browser-spend-zones',
  'feedback-snippet',
  'otlp-metrics',
].map(name => `test/journeys/${name}.test.ts`);

// A sequencer of one's own knows of no shuffling.
const isShuffled = process.argv.some(argument => argument.startsWith('--sequence.shuffle'));

export default defineConfig({
  ...shared,
  test: {
    ...(!isShuffled && { sequence: { sequencer: LongestFirst } }),
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          globalSetup,
          setupFiles: [...setupFiles, 'test/support/whole-collector.ts'],
          include: [
            '{contract,store,ledger,quality,collector,alerts,api,demo,web}/**/*.test.{ts,tsx}',
            '*.test.ts',
            ...roomsInProcess,
          ],
          // Nothing in them outlives its file, so files share a process and what it has loaded.
          isolate: false,
          ...patience,
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
          exclude: roomsInProcess,
          ...patience,
          maxWorkers,
        },
      },
    ],
  },
});
