import { useCallback } from 'react';
import { ChartPanel, type Drawing } from '../../charts/chart-panel.tsx';
import type { ChartSeries } from '../../charts/chart-series.ts';
import type { ChartMarker } from '../../charts/markers.tsx';
import type { Point } from '../../charts/points.ts';
import { DAY_MS, fromWall } from '../../clock.ts';
import type { Outcomes } from '../../data/outcomes.ts';
import { format } from '../../format.ts';
import { Note } from '../../states/note.tsx';
import type { Asked } from '../../states/panel.tsx';

const HEIGHT = 220;
const NO_MARKERS: ChartMarker[] = [];
const nothing = () => undefined;

/** Value against cost by the day of the calls; the last fortnight may still gain value. */
export function OutcomeChart({ query }: { query: Asked<Outcomes> }) {
  const draw = useCallback(outcomeDrawing, []);
  return (
    <ChartPanel
      title={query.data?.total.value_usd === null ? 'Outcomes and cost by day' : 'Value and cost by day'}
      what="the days"
      query={query}
      empty={data => (data.days.length === 0 ? <Note title="No calls in this time." /> : null)}
      draw={draw}
      height={HEIGHT}
      markers={NO_MARKERS}
      onZoom={nothing}
      onBack={nothing}
      onPick={nothing}
    />
  );
}

export function outcomeDrawing(data: Outcomes): Drawing {
  const { zone, days, total } = data;
  const startOf = (day: string) => fromWall(Date.parse(day), zone);
  const points = (of: (day: Outcomes['days'][number]) => number | null): Point[] =>
    days.map(day => [startOf(day.day), of(day)]);
  const money = (usd: string | null) => (usd === null ? null : Number(usd));
  const hasValue = total.value_usd !== null;
  const series: ChartSeries[] = hasValue
    ? [
        { name: 'Value', color: 1, kind: 'bar', points: points(day => money(day.value_usd) ?? 0) },
        { name: 'Cost', color: 2, kind: 'line', points: points(day => money(day.cost_usd)) },
      ]
    : [{ name: 'Outcomes', color: 1, kind: 'bar', points: points(day => day.outcomes) }];
  const first = startOf(days[0]?.day ?? data.from.slice(0, 10));
  const last = startOf(days.at(-1)?.day ?? data.to.slice(0, 10)) + DAY_MS;
  return {
    label: hasValue
      ? `Outcomes were worth ${format.usd(total.value_usd)}, the calls cost ${format.usd(total.cost_usd)}.`
      : `${format.full(total.outcomes)} outcomes.`,
    series,
    scale: { fromMs: first, toMs: last, stepMs: DAY_MS, zone },
    axis: hasValue
      ? { min: 0, ticks: format.usdAxis, value: value => format.usd(value, 'chart') }
      : { min: 0, ticks: () => value => format.count(value), value: value => format.full(value) },
    partialFromMs: Math.max(first, Date.parse(data.open_since)),
    partialToMs: last,
  };
}
