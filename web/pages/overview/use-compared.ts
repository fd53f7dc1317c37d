import { useMemo } from 'react';
import type { Dimension } from '#contract/dimension.ts';
import type { MeasureName } from '#contract/measure.ts';
import { type Series, useSeries } from '../../data/series.ts';
import type { View } from '../../state/view.ts';
import type { Asked } from '../../states/panel.tsx';

export interface Compared {
  now: Series;
  /** Null without a comparison, or until it has arrived: the chart does not wait for it. */
  before: Series | null;
}

interface Wanted {
  measures: MeasureName[];
  groupBy?: Dimension[];
  compare: boolean;
  enabled?: boolean;
}

/** One question about the shown and the compared time. */
export function useCompared(view: View, { compare, ...wanted }: Wanted): Asked<Compared> {
  const now = useSeries(view, wanted);
  const before = useSeries(view, { ...wanted, compared: true, enabled: compare && (wanted.enabled ?? true) });
  const beforeData = compare && view.cmp !== 'none' ? (before.data ?? null) : null;
  const data = useMemo(
    () => (now.data ? { now: now.data, before: beforeData } : undefined),
    [now.data, beforeData],
  );
  return { ...now, data };
}
