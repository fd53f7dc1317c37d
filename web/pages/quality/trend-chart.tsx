import { useCallback, useMemo } from 'react';
import { ChartPanel } from '../../charts/chart-panel.tsx';
import type { ChartMarker } from '../../charts/markers.tsx';
import type { TimeChartProps } from '../../charts/time-chart.tsx';
import { useMarkers } from '../../data/markers.ts';
import { useQuality } from '../../data/quality.ts';
import { writeFilters } from '../../state/filters.ts';
import { spanMs } from '../../state/range.ts';
import { useView } from '../../state/use-view.ts';
import { comparedRange, compareOffsetMs, whereOf } from '../../state/view.ts';
import { Empty } from '../../states/empty.tsx';
import type { Asked } from '../../states/panel.tsx';
import { markerText } from '../overview/recent-changes.tsx';
import { MOST_DASHED, SHOWN, type Trend, trendDrawing, trendInterval } from './trend.ts';

interface TrendChartProps extends Pick<TimeChartProps, 'onZoom' | 'onBack' | 'onPick'> {
  score: string;
  /** Features that carry the score, the most scores first. */
  features: readonly string[];
}

/** More names than this do not fit an address. */
const MOST_OTHERS = 50;

/** The score over time, each feature with its interval. */
export function TrendChart({ score, features, ...actions }: TrendChartProps) {
  const { view, zone } = useView();
  const query = useTrend(score, features);
  const { data: seen } = useMarkers(view);
  const markers = useMemo<ChartMarker[]>(
    () => (seen ?? []).map(one => ({ atMs: Date.parse(one.at), kind: one.kind, label: markerText(one) })),
    [seen],
  );
  const draw = useCallback((trend: Trend) => trendDrawing(trend, view, zone), [view, zone]);
  return (
    <ChartPanel
      {...actions}
      title={`${score} over time`}
      what="the score over time"
      query={query}
      markers={markers}
      height={280}
      empty={trend => (trend.now.some(({ value }) => value !== null) ? null : <Empty what="scores" />)}
      draw={draw}
    />
  );
}

function useTrend(score: string, features: readonly string[]): Asked<Trend> {
  const { view } = useView();
  const now = Date.now();
  const many = features.length > SHOWN + 1;
  const names = useMemo(() => (many ? features.slice(0, SHOWN) : [...features]), [features, many]);
  const rest = many ? features.slice(SHOWN, SHOWN + MOST_OTHERS) : [];
  const whereIn = (values: readonly string[]) =>
    writeFilters([
      ...view.filters.filter(({ dimension }) => dimension !== 'feature'),
      ...(view.env ? [{ dimension: 'environment' as const, value: view.env }] : []),
      ...values.map(value => ({ dimension: 'feature' as const, value })),
    ]);
  const asked = {
    score,
    interval: trendInterval(spanMs(view, now)),
    tz: view.tz || undefined,
    limit: 10_000,
  };
  const where = many ? whereIn(names) : whereOf(view);
  const shown = useQuality({ ...asked, from: view.from, to: view.to, group_by: 'feature', where });
  const range = comparedRange(view, now);
  // What is not drawn is not asked for.
  const compared = range !== null && names.length <= MOST_DASHED;
  const before = useQuality(
    { ...asked, ...(range ?? { from: view.from, to: view.to }), group_by: 'feature', where },
    compared,
  );
  const other = useQuality({ ...asked, from: view.from, to: view.to, where: whereIn(rest) }, rest.length > 0);
  const offsetMs = compareOffsetMs(view, now) ?? 0;
  const data = useMemo(
    () =>
      shown.data && {
        now: shown.data.rows,
        other: (rest.length > 0 && other.data?.rows) || NO_ROWS,
        before: (compared && before.data?.rows) || NO_ROWS,
        names,
        askedMs: shown.dataUpdatedAt,
        completeUntil: shown.data.complete_until,
        offsetMs,
      },
    [shown.data, shown.dataUpdatedAt, other.data, before.data, rest.length, compared, names, offsetMs],
  );
  return { ...shown, data };
}

const NO_ROWS: Trend['before'] = [];
