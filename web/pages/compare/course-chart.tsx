import { useCallback } from 'react';
import type { Comparison } from '#contract/compare.ts';
import { ChartPanel, type Drawing } from '../../charts/chart-panel.tsx';
import type { ChartMarker } from '../../charts/markers.tsx';
import type { Point } from '../../charts/points.ts';
import { format } from '../../format.ts';
import { absolute } from '../../state/range.ts';
import { useView } from '../../state/use-view.ts';
import { Note } from '../../states/note.tsx';
import type { Asked } from '../../states/panel.tsx';
import { differenceText } from './words.ts';

const NO_MARKERS: ChartMarker[] = [];

/** How the difference in quality stood after each part of the time: an interval that narrows as calls arrive. */
export function CourseChart({ query }: { query: Asked<Comparison> }) {
  const { zone, setView } = useView();
  const draw = useCallback((data: Comparison) => courseDrawing(data, zone), [zone]);
  return (
    <ChartPanel
      title="Difference in quality, as it became known"
      what="the course of the difference"
      query={query}
      height={220}
      markers={NO_MARKERS}
      empty={({ series }) =>
        series.some(({ difference }) => difference !== null) ? null : (
          <Note title="Too few scores of both to show a course." />
        )
      }
      draw={draw}
      onZoom={(fromMs, toMs) => setView(absolute(fromMs, toMs))}
      onBack={() => undefined}
      onPick={() => undefined}
    />
  );
}

function courseDrawing({ series, from, to, checks }: Comparison, zone: string): Drawing {
  const times = series.map(({ time }) => Date.parse(time));
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const stepMs = times.length > 1 ? (times[1] as number) - (times[0] as number) : toMs - fromMs;
  // A point stands at the end of its part; buckets begin at their start.
  const points = (field: 'difference' | 'low' | 'high') =>
    series.map((one, at): Point => [(times[at] as number) - stepMs, one[field]]);
  const quality = checks.find(({ metric }) => metric === 'quality');
  const margin = quality ? (quality.worse === 'lower' ? -quality.margin : quality.margin) : null;
  const write = (value: number | null) => differenceText(format, 'quality', value);
  const last = series.findLast(({ difference }) => difference !== null);
  const flat = (value: number): Point[] => points('low').map(([ms]) => [ms, value]);
  return {
    label: last
      ? `The difference in quality is ${write(last.difference)}, between ${write(last.low)} and ${write(last.high)}.`
      : 'No difference in quality is known.',
    series: [
      { name: 'Difference with its interval', color: 'accent', kind: 'line', points: points('difference') },
      { name: 'Interval', color: 'accent', kind: 'interval', points: points('low'), high: points('high') },
      ...(margin === null
        ? []
        : [
            { name: 'Margin', color: 'critical', kind: 'line', compare: true, points: flat(margin) } as const,
          ]),
    ],
    scale: { fromMs, toMs, stepMs, zone },
    axis: { min: null, ticks: () => write, value: write },
    partialFromMs: null,
  };
}
