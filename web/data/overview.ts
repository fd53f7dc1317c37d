import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReplyOf } from '#contract/endpoint.ts';
import type { overview } from '#contract/feature.ts';
import type { Range } from '../state/range.ts';
import { comparedRange, type View, whereOf } from '../state/view.ts';
import { question } from './ask.ts';

export type Overview = ReplyOf<typeof overview>;

export const overviewQuestion = (range: Range, where: string) =>
  question<typeof overview>('/api/v1/overview', { from: range.from, to: range.to, where });

/** Totals and features, worst change first, compared as the view asks. */
export function useOverview(view: View) {
  const where = whereOf(view);
  const now = useQuery({ ...overviewQuestion(view, where), placeholderData: keepPreviousData });
  // The reply holds the period right before; any other baseline is a second question.
  const baseline = view.cmp === 'week' ? comparedRange(view, 0) : null;
  const week = useQuery({
    ...overviewQuestion(baseline ?? view, where),
    enabled: baseline !== null,
    placeholderData: keepPreviousData,
  });
  if (!now.data || view.cmp === 'prev') return now;
  return { ...now, data: withBaseline(now.data, view.cmp === 'week' ? week.data : undefined) };
}

/** Name of the score that is shown as quality; empty when nothing was scored, undefined until it is known. */
export const useQualityScore = (view: View, enabled: boolean) =>
  useQuery({ ...overviewQuestion(view, whereOf(view)), enabled, select: reply => reply.quality_score }).data;

function withBaseline(now: Overview, before: Overview | undefined): Overview {
  const features = new Map(before?.features.map(row => [row.feature, row.now]));
  return {
    ...now,
    total: { now: now.total.now, previous: before?.total.now ?? null },
    features: now.features.map(row => ({ ...row, previous: features.get(row.feature) ?? null })),
  };
}
