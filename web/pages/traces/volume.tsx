import { useMemo, useRef } from 'react';
import { bucketLabel } from '../../charts/chart-series.ts';
import { fillGaps, pointsOf } from '../../charts/points.ts';
import { useWidth } from '../../charts/use-size.ts';
import { toWall } from '../../clock.ts';
import { useSeries } from '../../data/series.ts';
import { format } from '../../format.ts';
import { absolute } from '../../state/range.ts';
import { useView } from '../../state/use-view.ts';
import { scaleOf } from '../overview/drawings.ts';

const HEIGHT = 40;

/** Requests over the shown time; a bar narrows the time to its bucket. */
export function Volume() {
  const { view, zone, setView } = useView();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const { data } = useSeries(view, { measures: ['calls', 'failed_calls'] });
  const drawn = useMemo(() => {
    if (!data || data.rows.length === 0) return null;
    const scale = scaleOf(data, view, zone);
    const failed = new Map(pointsOf(data.rows, 'failed_calls'));
    const bars = fillGaps(pointsOf(data.rows, 'calls'), scale.stepMs, 0, scale.toMs);
    return { scale, bars, failed, max: Math.max(1, ...bars.map(([, calls]) => calls ?? 0)) };
  }, [data, view, zone]);
  const step = drawn ? (width * drawn.scale.stepMs) / (drawn.scale.toMs - drawn.scale.fromMs) : 0;
  return (
    <div ref={box} className="mb-4 border-b border-line" style={{ height: HEIGHT }}>
      {drawn && width > 0 && (
        <svg
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={summary(drawn.bars.map(([, calls]) => calls ?? 0))}
        >
          {drawn.bars.map(([ms, calls]) => {
            const height = ((calls ?? 0) / drawn.max) * (HEIGHT - 4);
            const failedHeight = ((drawn.failed.get(ms) ?? 0) / drawn.max) * (HEIGHT - 4);
            const x = ((ms - drawn.scale.fromMs) / drawn.scale.stepMs) * step;
            return (
              // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut of the pointer; keys have [ ] and z
              <g
                key={ms}
                className="group cursor-pointer"
                onClick={() => setView(absolute(ms, ms + drawn.scale.stepMs))}
              >
                <title>
                  {`${bucketLabel(toWall(ms, zone), drawn.scale.stepMs)}: ${format.count(calls)} requests, ${format.count(drawn.failed.get(ms) ?? 0)} failed`}
                </title>
                <rect
                  x={x}
                  y={0}
                  width={Math.max(1, step)}
                  height={HEIGHT}
                  className="fill-transparent group-hover:fill-surface"
                />
                <rect
                  x={x + step * 0.1}
                  y={HEIGHT - height}
                  width={Math.max(1, step * 0.8)}
                  height={height}
                  className="fill-accent"
                />
                <rect
                  x={x + step * 0.1}
                  y={HEIGHT - failedHeight}
                  width={Math.max(1, step * 0.8)}
                  height={failedHeight}
                  className="fill-critical"
                />
              </g>
            );
          })}
        </svg>
      )}
    </div>
  );
}

const summary = (calls: number[]) =>
  `Requests over time: ${format.count(calls.reduce((sum, one) => sum + one, 0))} in all, at most ${format.count(Math.max(...calls))} in one bucket.`;
