import fc from 'fast-check';

// The same run finds the same failures; `DRIFTLINE_TEST_SEED=$RANDOM DRIFTLINE_TEST_RUNS=10000 npm test` looks elsewhere.
const { DRIFTLINE_TEST_SEED: seed = '20261121', DRIFTLINE_TEST_RUNS: runs = '100' } = process.env;
fc.configureGlobal({ seed: Number(seed), numRuns: Number(runs) });
