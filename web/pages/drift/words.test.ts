import { expect, test } from 'vitest';
import type { ShapeComparison } from '#contract/drift-shape.ts';
import type { QuietSeries } from '#contract/quiet-drift.ts';
import { driftSentence, latestText, seriesWords, stateLook } from './words.ts';

const shape = (given: Partial<ShapeComparison>): ShapeComparison => ({
  shape: 'input_length',
  label: 'Input length',
  state: 'compared',
  now_n: 600,
  reference_n: 9_000,
  reference_days: 28,
  psi: 0.01,
  js_distance: 0.02,
  w1_per_sd: 0.01,
  centroid_distance: null,
  band: 'steady',
  text: '',
  bins: [],
  ...given,
});
const moved = shape({ band: 'moved' });
const far = shape({ band: 'far', shape: 'input_topic', label: 'Topics of inputs' });
const unknown = shape({
  state: 'no_content',
  band: null,
  shape: 'input_language',
  label: 'Language of inputs',
});

test('a series is said by what moved furthest, and what is not known is never called steady', () => {
  expect(seriesWords([moved, far])).toEqual({
    text: 'Topics of inputs moved far, input length moved',
    status: 'warning',
  });
  expect(seriesWords([shape({})])).toEqual({ text: 'As before', status: 'good' });
  expect(seriesWords([shape({}), unknown]).text).toBe('What is known is as before; texts are not captured');
  expect(seriesWords([unknown])).toEqual({ text: 'Nothing to compare yet', status: 'neutral' });
  expect(stateLook(unknown)).toEqual({ label: 'No content captured', status: 'neutral' });
});

const series: QuietSeries = {
  kind: 'usage',
  feature: 'chat',
  environment: 'production',
  metric: 'usage:requests',
  metric_label: 'Requests',
  cohort_by: '',
  cohort: '',
  state: 'watching',
  learning_days: null,
  evaluated_until: '2026-11-20T10:00:00.000Z',
  evidence_share: 0.1,
  finding_id: null,
  points: [
    { at: '2026-11-19T00:00:00.000Z', value: 0.514, n: 300 },
    { at: '2026-11-20T00:00:00.000Z', value: 1.4, n: 20 },
  ],
};

test('the last whole day of usage and the last gap, each in its unit', () => {
  expect(latestText(series)).toBe('51 % of usual');
  expect(latestText({ ...series, kind: 'fairness', points: [{ at: '', value: 0.0812, n: 90 }] })).toBe(
    '+8.1 points',
  );
  expect(latestText({ ...series, state: 'learning', learning_days: 3 })).toBe('learning, day 3 of 14');
});

test('the page in a sentence', () => {
  const times = { from: '', to: '', reference_from: '', rolled_up_until: null, truncated: false };
  const one = { feature: 'chat', model: 'm', environment: 'e' };
  const nothing = { series: [], findings: [], truncated: false };
  expect(driftSentence({ ...times, series: [{ ...one, shapes: [moved] }] }, nothing)).toBe(
    'Nothing here has moved far.',
  );
  expect(driftSentence({ ...times, series: [{ ...one, shapes: [far] }] }, nothing)).toBe(
    'Inputs or outputs of 1 series have moved far.',
  );
  expect(driftSentence(undefined, nothing)).toBe('');
  for (const shapes of [[], [unknown]])
    expect(driftSentence({ ...times, series: [{ ...one, shapes }] }, nothing)).toBe(
      'There is nothing to compare yet.',
    );
  expect(driftSentence({ ...times, series: [] }, { ...nothing, series: [series] })).toBe(
    'Nothing here has moved far.',
  );
});
