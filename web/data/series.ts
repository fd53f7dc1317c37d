import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Dimension } from '#contract/dimension.ts';
import type { ReplyOf } from '#contract/endpoint.ts';
import type { MeasureName, measures } from '#contract/measure.ts';
import { intervalFor, type Range, spanMs } from '../state/range.ts';
import { comparedRange, type View, whereOf } from '../state/view.ts';
import { question } from './ask.ts';

type Measures = typeof measures;
export type Series = ReplyOf<Measures>;

interface Wanted {
  measures: MeasureName[];
  groupBy?: Dimension[];
  /** The compared period instead of the view's own. */
  compared?: boolean;
  enabled?: boolean;
}

/** Measures over the view's time, in buckets that fit a chart. */
export function useSeries(view: View, { measures, groupBy = [], compared = false, enabled = true }: Wanted) {
  const range: Range | null = compared ? comparedRange(view, Date.now()) : view;
  return useQuery({
    ...question<Measures>('/api/v1/measures', {
      measures: measures.join(','),
      group_by: groupBy.join(','),
      interval: intervalFor(spanMs(view, Date.now())),
      from: (range ?? view).from,
      to: (range ?? view).to,
      where: whereOf(view),
      tz: view.tz || undefined,
    }),
    enabled: enabled && range !== null && measures.length > 0,
    placeholderData: keepPreviousData,
  });
}

/** The most used values of a dimension in the view, with their calls: the choices of a filter. */
export function useValues(view: View, dimension: Dimension, enabled: boolean) {
  return useQuery({
    ...question<Measures>('/api/v1/measures', {
      measures: 'calls',
      group_by: dimension,
      from: view.from,
      to: view.to,
      where: whereOf({ env: view.env, filters: view.filters.filter(one => one.dimension !== dimension) }),
      limit: 1000,
    }),
    enabled,
    select: reply =>
      reply.rows
        .map(row => ({ value: String(row[dimension] ?? ''), calls: Number(row.calls ?? 0) }))
        .sort((a, b) => b.calls - a.calls)
        .slice(0, 200),
  });
}
