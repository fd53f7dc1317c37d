import type { Marker } from '#contract/feature.ts';
import { exact } from '../clock.ts';
import { GRID, type TimeScale } from './chart-series.ts';

/** A vertical line with a letter: the first sight of something new, or an alert. */
export interface ChartMarker {
  atMs: number;
  kind: Marker['kind'];
  label: string;
}

export const markerLetters: Record<ChartMarker['kind'], string> = {
  prompt: 'P',
  model: 'M',
  release: 'R',
  finish_reason: 'F',
  error_type: 'E',
  tool: 'T',
  alert: 'A',
};

const FLAG_PX = 20;

interface MarkersProps {
  markers: readonly ChartMarker[];
  scale: TimeScale;
  /** Pixels from the left of an instant. */
  place: (ms: number) => number;
  plotWidth: number;
}

/** Markers over a chart. Those that would cover each other become one with their number. */
export function Markers({ markers, scale, place, plotWidth }: MarkersProps) {
  const shown = markers.filter(({ atMs }) => atMs >= scale.fromMs && atMs < scale.toMs);
  const gapMs = (FLAG_PX / Math.max(plotWidth, 1)) * (scale.toMs - scale.fromMs);
  return clusters(shown, gapMs).map(cluster => {
    const first = cluster[0] as ChartMarker;
    const alert = cluster.every(one => one.kind === 'alert');
    const title = cluster.map(one => `${one.label}, ${exact(one.atMs, scale.zone)}`).join('\n');
    return (
      <div
        key={`${first.atMs} ${first.kind} ${first.label}`}
        className={alert ? 'text-critical' : 'text-muted'}
        style={{ position: 'absolute', left: place(first.atMs), top: 0, bottom: GRID.bottom }}
      >
        <div className="pointer-events-none absolute inset-y-0 w-px bg-current opacity-60" />
        <div
          title={title}
          className="absolute -left-2 top-0 flex h-4 min-w-4 items-center justify-center rounded-[4px] border border-current bg-bg px-0.5 text-[0.6875rem]/none font-semibold"
        >
          {cluster.length === 1 ? markerLetters[first.kind] : cluster.length}
        </div>
      </div>
    );
  });
}

/** Neighbours closer than the gap to the first of their group. */
export function clusters(markers: readonly ChartMarker[], gapMs: number): ChartMarker[][] {
  const groups: ChartMarker[][] = [];
  for (const marker of [...markers].sort((a, b) => a.atMs - b.atMs)) {
    const group = groups.at(-1);
    if (group && marker.atMs - (group[0] as ChartMarker).atMs < gapMs) group.push(marker);
    else groups.push([marker]);
  }
  return groups;
}
