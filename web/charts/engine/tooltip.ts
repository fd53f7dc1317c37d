import { bucketLabel, type ChartSeries, type TimeScale, type ValueAxis } from '../chart-series.ts';
import { colorOf, type Palette } from '../palette.ts';

interface TooltipWith {
  scale: TimeScale;
  axis: ValueAxis;
  palette: Palette;
  isProvisional: (wallMs: number) => boolean;
}

/** What the library hands to a tooltip. */
export interface Hovered {
  seriesIndex: number;
  value: [wallMs: number, value: number | null, high?: number | null];
}

/** Built of elements, not of text: names come from senders and must never be read as HTML. */
export function tooltip(
  hovered: readonly Hovered[],
  series: readonly ChartSeries[],
  { scale, axis, palette, isProvisional }: TooltipWith,
): HTMLElement {
  const box = document.createElement('div');
  const wallMs = hovered[0]?.value[0];
  if (wallMs === undefined) return box;
  const head = box.appendChild(document.createElement('div'));
  const provisional = isProvisional(wallMs - scale.stepMs / 2);
  head.textContent = `${bucketLabel(wallMs - scale.stepMs / 2, scale.stepMs)}${provisional ? ', provisional' : ''}`;
  Object.assign(head.style, { color: palette.muted, fontSize: '12px', marginBottom: '4px' });
  for (const { seriesIndex, value } of hovered) {
    const one = series[seriesIndex];
    if (!one || (one.kind === 'bar' && !value[1])) continue;
    // The point at which a line becomes provisional belongs to what is complete.
    if (one.provisional && !provisional) continue;
    const row = box.appendChild(document.createElement('div'));
    Object.assign(row.style, { display: 'flex', gap: '8px', alignItems: 'center', lineHeight: '20px' });
    const dot = row.appendChild(document.createElement('span'));
    Object.assign(dot.style, {
      width: one.kind === 'line' ? '14px' : '10px',
      height: one.kind === 'line' ? '0' : '10px',
      borderTop: one.kind === 'line' ? `2px ${lineStyle(one)} ${colorOf(one.color, palette)}` : '',
      background: one.kind === 'line' ? '' : colorOf(one.color, palette),
      opacity: one.high ? '0.4' : '',
    });
    const name = row.appendChild(document.createElement('span'));
    name.textContent = one.name;
    Object.assign(name.style, { flex: '1', maxWidth: '220px', overflow: 'hidden', textOverflow: 'ellipsis' });
    const figure = row.appendChild(document.createElement('span'));
    figure.textContent = one.high
      ? `${axis.value(value[1])} – ${axis.value(value[2] ?? null)}`
      : axis.value(value[1]);
    Object.assign(figure.style, { fontWeight: '600', fontVariantNumeric: 'tabular-nums' });
  }
  return box;
}

const lineStyle = ({ compare, provisional }: ChartSeries) =>
  provisional ? 'dotted' : compare ? 'dashed' : 'solid';
