import { useMemo } from 'react';
import type { BudgetWithState } from '#contract/budget.ts';
import type { SpendRow } from '#contract/spend.ts';
import { ChartPanel } from '../../charts/chart-panel.tsx';
import type { ChartMarker } from '../../charts/markers.tsx';
import { type MonthForecast, useSpend } from '../../data/spend.ts';
import { iso } from '../../state/range.ts';
import { Note } from '../../states/note.tsx';
import type { Asked } from '../../states/panel.tsx';
import { type ChartData, STEP_MS, spendDrawing } from './drawing.ts';
import { groupLabels } from './search.ts';
import type { SpendView } from './use-spend-view.ts';
import { isDimension, narrowed, writeWhere } from './where.ts';

const HEIGHT = 260;
const SHOWN = 6;
const NO_MARKERS: ChartMarker[] = [];
interface ChartProps {
  view: SpendView;
  /** The dearest first. */
  keys: readonly string[];
  budget: BudgetWithState | null;
  forecast: MonthForecast | undefined;
  onPick: (fromMs: number, toMs: number) => void;
}

/** Spend per day, hour or week, stacked by group, against the pace of the budget and the forecast. */
export function SpendChart({ view, keys, budget, forecast, onPick }: ChartProps) {
  const complete = keys.length <= SHOWN + 1;
  const query = useChartData(view, complete ? keys : keys.slice(0, SHOWN), complete);
  const draw = useMemo(
    () => (data: ChartData) => spendDrawing(data, view, { budget, forecast }, Date.now()),
    [view, budget, forecast],
  );
  return (
    <ChartPanel
      title={`Spend by ${groupLabels[view.by].toLowerCase()}`}
      what="the spend over time"
      query={query}
      empty={data => (data.all.rows.length === 0 ? <Note title="No spend in this month." /> : null)}
      draw={draw}
      height={HEIGHT}
      markers={NO_MARKERS}
      onZoom={(fromMs, toMs) => onPick(fromMs, toMs)}
      onBack={() => undefined}
      onPick={fromMs => onPick(fromMs, fromMs + STEP_MS[view.step])}
    />
  );
}

/** Two questions: the whole, and the dearest groups. What they leave over is "Other", so no group is ever left out. */
function useChartData(view: SpendView, keys: readonly string[], complete: boolean): Asked<ChartData> {
  const base = {
    ...view.range,
    interval: view.step,
    tz: view.zone,
    measures: 'cost_usd',
    limit: 100_000,
  } as const;
  const all = useSpend({ ...base, where: view.where });
  const dimension = isDimension(view.by) ? view.by : null;
  const groups = useSpend(
    {
      ...base,
      group_by: view.by,
      where: dimension ? writeWhere(narrowed(view.conditions, dimension, keys)) : view.where,
    },
    keys.length > 0 && view.by !== 'user',
  );
  const rows = view.by === 'user' || keys.length === 0 ? NO_ROWS : groups.data?.rows;
  const data = useMemo(
    () =>
      all.data && rows ? { all: all.data, groups: rows, complete: complete && rows.length > 0 } : undefined,
    [all.data, rows, complete],
  );
  return {
    data,
    error: all.error ?? groups.error,
    isFetching: all.isFetching || groups.isFetching,
    dataUpdatedAt: all.dataUpdatedAt,
    refetch: () => Promise.all([all.refetch(), groups.refetch()]),
  };
}

const NO_ROWS: readonly SpendRow[] = [];

/** The part of the month a bucket is, for the address. */
export const partOf = (fromMs: number, toMs: number) => `${iso(fromMs)}/${iso(toMs)}`;
