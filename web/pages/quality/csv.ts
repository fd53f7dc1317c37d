import type { Fairness } from '#contract/fairness.ts';
import type { ScoreEstimate } from '#contract/quality.ts';
import { csvOf } from '../../data/download.ts';
import type { Change } from './change.ts';
import type { FeatureLine } from './feature-panel.tsx';

export interface ScoreLine {
  name: string;
  /** Evaluators that gave it. */
  by: readonly string[];
  estimate: ScoreEstimate | null;
  change: Change | null;
}

const HEAD = [
  'feature',
  'score',
  'mean',
  'low',
  'high',
  'scores',
  'effective_scores',
  'calls',
  'coverage',
  'basis',
  'change',
  'change_low',
  'change_high',
];

/** The table of features as CSV (RFC 4180), scores and changes in the unit of the score; what is missing is empty. */
export function featuresCsv(score: string, lines: readonly FeatureLine[]): string {
  const rows = lines.map(({ feature, now, change }) => [
    ...[feature, score, now.value, now.low, now.high, now.n, now.effective_n, now.calls, now.coverage],
    ...[now.basis, change?.difference ?? null, change?.low ?? null, change?.high ?? null],
  ]);
  return csvOf([HEAD, ...rows]);
}

/** How each score does over all features, as CSV. */
export const scoresCsv = (lines: readonly ScoreLine[]): string =>
  csvOf([
    ['score', 'evaluators', ...HEAD.slice(2)],
    ...lines.map(({ name, by, estimate: now, change }) => [
      ...[name, by.join(' '), now?.value ?? null, now?.low ?? null, now?.high ?? null, now?.n ?? null],
      ...[now?.effective_n ?? null, now?.calls ?? null, now?.coverage ?? null, now?.basis ?? null],
      ...[change?.difference ?? null, change?.low ?? null, change?.high ?? null],
    ]),
  ]);

/** Gaps between cohorts as CSV: a line for each cohort and measure. */
export const gapsCsv = ({ by, cohorts }: Pick<Fairness, 'by' | 'cohorts'>): string =>
  csvOf([
    ['cohort_by', 'cohort', 'calls', 'measure', 'value', 'others', 'gap', 'low', 'high', 'flagged'],
    ...cohorts.flatMap(({ value, calls, gaps }) =>
      gaps.map(gap => [
        ...[by, value, calls, gap.measure, gap.value, gap.others, gap.gap, gap.low, gap.high],
        String(gap.flagged),
      ]),
    ),
  ]);
