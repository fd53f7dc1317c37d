import { useCallback, useMemo } from 'react';
import { ChartPanel } from '../../charts/chart-panel.tsx';
import type { ChartMarker } from '../../charts/markers.tsx';
import type { TimeChartProps } from '../../charts/time-chart.tsx';
import { useMarkers } from '../../data/markers.ts';
import type { Overview } from '../../data/overview.ts';
import { useView } from '../../state/use-view.ts';
import { Empty } from '../../states/empty.tsx';
import type { Asked } from '../../states/panel.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { axes, drawing, groups, lines, scaleOf } from './drawings.ts';
import { markerText } from './recent-changes.tsx';
import { type Compared, useCompared } from './use-compared.ts';

const HEIGHT = 220;

interface ChartsProps extends Pick<TimeChartProps, 'onZoom' | 'onBack' | 'onPick'> {
  /** Names the score that is shown as quality, empty when nothing was scored. */
  overview: Asked<Overview>;
}

/** Quality, latency, spend and requests over the same time, whole or by feature.*/
export function Charts(props: ChartsProps) {
  const { view, setView } = useView();
  return (
    <section aria-label="Charts" className="mb-4">
      <div className="mb-3 flex justify-end">
        <Segmented
          label="Show the charts"
          value={view.byFeature ? 'feature' : 'all'}
          options={[
            { value: 'all', label: 'Total' },
            { value: 'feature', label: 'By feature' },
          ]}
          onChange={value => setView({ g: value === 'feature' ? 'feature' : undefined })}
        />
      </div>
      <div className="grid gap-3 lg:grid-cols-2">
        <QualityChart {...props} />
        <SpendChart {...props} />
        <LatencyChart {...props} />
        <RequestsChart {...props} />
      </div>
    </section>
  );
}

/** What the four charts share: markers, view, and the words for nothing. */
function useChart() {
  const { view, zone } = useView();
  const { data } = useMarkers(view);
  const markers = useMemo<ChartMarker[]>(
    () => (data ?? []).map(one => ({ atMs: Date.parse(one.at), kind: one.kind, label: markerText(one) })),
    [data],
  );
  const group = view.byFeature ? (['feature'] as const) : ([] as const);
  return { view, zone, markers, groupBy: [...group], height: HEIGHT };
}

const nothing = (what: string) => (data: Compared) =>
  data.now.rows.length === 0 ? <Empty what={what} dataUntil={data.now.meta.data_until} /> : null;

function QualityChart({ overview, ...actions }: ChartsProps) {
  const { view, zone, groupBy, ...chart } = useChart();
  const qualityScore = overview.data?.quality_score ?? '';
  const measure = `score:${qualityScore}` as const;
  const weight = `scored:${qualityScore}` as const;
  const query = useCompared(view, {
    measures: [measure, weight],
    groupBy,
    compare: !view.byFeature,
    enabled: qualityScore !== '',
  });
  const draw = useCallback(
    (data: Compared) => {
      const scale = scaleOf(data.now, view, zone);
      const series = view.byFeature
        ? groups(data.now, scale, { measure, weight, kind: 'line', group: 'feature' })
        : lines(data, view, scale, [{ name: 'Mean score', measure, color: 'accent', empty: null }]);
      return drawing('Quality', series, scale, axes.quality, data.now.meta.complete_until);
    },
    [view, zone, measure, weight],
  );
  const scored = (data: Compared) =>
    data.now.rows.some(row => row[measure] !== null && row[measure] !== undefined);
  return (
    <ChartPanel
      {...actions}
      {...chart}
      title={qualityScore ? `Quality: ${qualityScore}` : 'Quality'}
      what="the quality"
      query={
        overview.data
          ? qualityScore
            ? query
            : { ...query, data: NOTHING }
          : { ...overview, data: undefined }
      }
      empty={data => (scored(data) ? null : <Empty what="scores" dataUntil={data.now.meta.data_until} />)}
      draw={draw}
    />
  );
}

const NOTHING: Compared = {
  now: {
    rows: [],
    meta: { from: '', to: '', tz: 'UTC', data_until: null, complete_until: null, truncated: false },
  },
  before: null,
};

function LatencyChart({ overview: _, ...actions }: ChartsProps) {
  const { view, zone, groupBy, ...chart } = useChart();
  const query = useCompared(view, {
    measures: ['latency_p50_ms', 'latency_p95_ms', 'calls'],
    groupBy,
    compare: !view.byFeature,
  });
  const draw = useCallback(
    (data: Compared) => {
      const scale = scaleOf(data.now, view, zone);
      if (view.byFeature) {
        const series = groups(data.now, scale, {
          measure: 'latency_p95_ms',
          weight: 'calls',
          kind: 'line',
          group: 'feature',
        });
        return drawing('Latency p95', series, scale, axes.latency, data.now.meta.complete_until);
      }
      const p95 = lines(data, view, scale, [
        { name: 'p95', measure: 'latency_p95_ms', color: 'accent', empty: null },
      ]);
      const p50 = lines({ now: data.now, before: null }, view, scale, [
        { name: 'p50', measure: 'latency_p50_ms', color: 'muted', empty: null },
      ]);
      return drawing('Latency', [...p95, ...p50], scale, axes.latency, data.now.meta.complete_until);
    },
    [view, zone],
  );
  return (
    <ChartPanel
      {...actions}
      {...chart}
      title={view.byFeature ? 'Latency p95' : 'Latency'}
      what="the latency"
      query={query}
      empty={nothing('requests')}
      draw={draw}
    />
  );
}

function SpendChart({ overview: _, ...actions }: ChartsProps) {
  const { view, zone, groupBy: _whole, ...chart } = useChart();
  // Within one feature the models are what money is spent on.
  const group = view.filters.some(one => one.dimension === 'feature') ? 'model' : 'feature';
  const query = useCompared(view, {
    measures: ['cost_usd', 'unpriced_calls'],
    groupBy: [group],
    compare: false,
  });
  const draw = useCallback(
    (data: Compared) => {
      const scale = scaleOf(data.now, view, zone);
      return drawing(
        'Spend',
        groups(data.now, scale, { measure: 'cost_usd', kind: 'bar', group }),
        scale,
        axes.spend,
        data.now.meta.complete_until,
      );
    },
    [view, zone, group],
  );
  return (
    <ChartPanel
      {...actions}
      {...chart}
      title={`Spend by ${group}`}
      what="the spend"
      query={query}
      empty={nothing('requests')}
      draw={draw}
    />
  );
}

function RequestsChart({ overview: _, ...actions }: ChartsProps) {
  const { view, zone, groupBy, ...chart } = useChart();
  const query = useCompared(view, { measures: ['calls', 'failed_calls'], groupBy, compare: !view.byFeature });
  const draw = useCallback(
    (data: Compared) => {
      const scale = scaleOf(data.now, view, zone);
      if (view.byFeature) {
        const bars = groups(data.now, scale, { measure: 'calls', kind: 'bar', group: 'feature' });
        return drawing('Requests', bars, scale, axes.requests, data.now.meta.complete_until);
      }
      const all = lines(data, view, scale, [{ name: 'All', measure: 'calls', color: 'accent', empty: 0 }]);
      const failed = lines({ now: data.now, before: null }, view, scale, [
        { name: 'Failed', measure: 'failed_calls', color: 'critical', empty: 0 },
      ]);
      return drawing('Requests', [...all, ...failed], scale, axes.requests, data.now.meta.complete_until);
    },
    [view, zone],
  );
  return (
    <ChartPanel
      {...actions}
      {...chart}
      title="Requests"
      what="the requests"
      query={query}
      empty={nothing('requests')}
      draw={draw}
    />
  );
}
