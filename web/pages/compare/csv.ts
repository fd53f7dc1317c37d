import type { Comparison } from '#contract/compare.ts';
import { csvOf } from '../../data/download.ts';

const HEAD = [
  'metric',
  'control',
  'candidate',
  'control_value',
  'control_calls',
  'candidate_value',
  'candidate_calls',
  'difference',
  'low',
  'high',
  'confidence',
  'margin',
  'state',
  'calls_needed',
];

/** The checks as CSV, in the units of the API: scores, shares, USD; the difference of cost is a ratio. */
export const checksCsv = (
  { checks }: Pick<Comparison, 'checks'>,
  { a, b }: { a: string; b: string },
): string =>
  csvOf([
    HEAD,
    ...checks.map(({ metric, control, candidate, difference, low, high, ...rest }) => [
      ...[metric, a, b, control.value, control.calls, candidate.value, candidate.calls],
      ...[difference, low, high, rest.confidence, rest.margin, rest.state, rest.calls_needed],
    ]),
  ]);
