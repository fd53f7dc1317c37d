import { useRouter } from '@tanstack/react-router';
import { useCallback } from 'react';
import { ChartPanel, type Drawing } from '../../charts/chart-panel.tsx';
import type { ChartSeries, TimeScale, ValueAxis } from '../../charts/chart-series.ts';
import { fillGaps, type Point } from '../../charts/points.ts';
import type { Ingest } from '../../data/ingest.ts';
import { format } from '../../format.ts';
import { absolute, instantMs } from '../../state/range.ts';
import { useView } from '../../state/use-view.ts';
import type { Asked } from '../../states/panel.tsx';
import { drawing } from '../overview/drawings.ts';
import { NothingReceived } from './nothing-received.tsx';

const HEIGHT = 220;
const axis: ValueAxis = { min: 0, ticks: () => format.count, value: format.count };

/** What was acknowledged, stored and rejected over time. */
export function Throughput({ query }: { query: Asked<Ingest> }) {
  const { view, zone, setView } = useView();
  const router = useRouter();
  const stepMs = (query.data?.interval_s ?? 60) * 1000;
  const show = (fromMs: number, toMs: number) => setView(absolute(fromMs, Math.max(toMs, fromMs + stepMs)));
  const draw = useCallback((data: Ingest) => drawn(data, view, zone, Date.now()), [view, zone]);
  return (
    <ChartPanel
      title={query.data ? `Items per ${stepName(query.data.interval_s)}` : 'Items over time'}
      what="the items over time"
      query={query}
      height={HEIGHT}
      markers={[]}
      empty={data => (data.series.length === 0 ? <NothingReceived ingest={data} /> : null)}
      draw={draw}
      onZoom={show}
      onBack={() => router.history.back()}
      onPick={startMs => show(startMs, startMs + stepMs)}
    />
  );
}

function drawn(data: Ingest, view: { from: string; to: string }, zone: string, nowMs: number): Drawing {
  const stepMs = data.interval_s * 1000;
  const scale: TimeScale = {
    fromMs: Math.floor(instantMs(view.from, nowMs) / stepMs) * stepMs,
    toMs: instantMs(view.to, nowMs),
    stepMs,
    zone,
  };
  const line = (name: string, key: 'acked' | 'stored' | 'rejected', color: ChartSeries['color']) => ({
    name,
    color,
    kind: key === 'acked' ? ('bar' as const) : ('line' as const),
    points: fillGaps(
      data.series.map((bucket): Point => [Date.parse(bucket.time), bucket[key]]),
      stepMs,
      0,
      scale.toMs,
    ),
  });
  const series = [
    line('Acked', 'acked', 'accent'),
    line('Stored', 'stored', 2),
    line('Rejected', 'rejected', 'critical'),
  ];
  return drawing('Items received', series, scale, axis);
}

function stepName(seconds: number): string {
  if (seconds < 3600) return seconds === 60 ? 'minute' : `${seconds / 60} min`;
  if (seconds < 86_400) return seconds === 3600 ? 'hour' : `${seconds / 3600} h`;
  return seconds === 86_400 ? 'day' : 'week';
}
