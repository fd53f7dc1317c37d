import { expect, test } from 'vitest';
import type { TrainingRun } from '../../data/training.ts';
import { bytesText, countsText, filterText, leftOut, runState } from './words.ts';

const counts = {
  ...{ calls: 40, without_text: 3, without_partner: 0, duplicates: 20, near_duplicates: 4, left_out: 0 },
  ...{ pairs: 13, corrected: 2, redacted: 1 },
};

test('every call is accounted for: a pair, or left out for a reason', () => {
  expect(countsText(counts)).toBe(
    '13 pairs of 40 calls, 2 corrected, private values replaced in 1; 27 left out',
  );
  expect(leftOut(counts).map(({ count }) => count)).toEqual([3, 20, 4]);
  expect(countsText({ ...counts, ...{ without_text: 0, duplicates: 0, near_duplicates: 0 } })).not.toContain(
    'left',
  );
});

test('a filter is said in words', () => {
  expect(filterText({ score: 'quality', score_at_least: 0.8, where: 'feature:bot' })).toBe(
    'quality at least 0.8 of feature:bot',
  );
  expect(filterText({ corrected_only: true, score: 'quality', label: 'ok:yes' })).toBe(
    'corrected answers, label ok:yes',
  );
});

const run: TrainingRun = {
  ...{
    run_id: 'r',
    period: '2026-11-20',
    asked: 'schedule',
    queued_at: '2026-11-21T06:00:00Z',
    export: null,
  },
  ...{ failing_cases: null, attempts: 0, next_attempt_at: null, done_at: null, failed_at: null, error: null },
};

test('a run is good when it arrived, critical when it was given up, and neither before', () => {
  const at = '2026-11-21T06:01:00Z';
  expect(runState(run, true)).toEqual({ status: 'neutral', words: 'waiting' });
  expect(runState({ ...run, attempts: 1 }, true).words).toBe('being made');
  expect(runState({ ...run, attempts: 2, error: 'refused' }, true)).toEqual({
    status: 'warning',
    words: 'attempt 2 failed',
  });
  expect(runState({ ...run, done_at: at }, false)).toEqual({ status: 'good', words: 'made' });
  expect(runState({ ...run, done_at: at, failing_cases: 0 }, true).words).toBe('made and received');
  expect(runState({ ...run, failed_at: at, attempts: 11, error: 'refused' }, true)).toEqual({
    status: 'critical',
    words: 'given up after 11 attempts',
  });
});

test('sizes of files', () => {
  expect([12, 1_234, 913_380, 1_498_296].map(bytesText)).toEqual(['12 B', '1.2 kB', '913.4 kB', '1.5 MB']);
});
