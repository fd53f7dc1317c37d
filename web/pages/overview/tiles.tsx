import { type Point, pointsOf } from '../../charts/points.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import type { Overview } from '../../data/overview.ts';
import { useSeries } from '../../data/series.ts';
import type { Subject } from '../../delta.ts';
import { format } from '../../format.ts';
import { useView } from '../../state/use-view.ts';
import { Failure } from '../../states/failure.tsx';
import type { Asked } from '../../states/panel.tsx';
import { DeltaText } from './delta-text.tsx';
import { deltaOf, missingReason, subjectLabels, subjects, textOf } from './figures.ts';

const GRID =
  'mb-4 grid grid-cols-2 gap-2 md:grid-cols-5 md:gap-3 [&>*:last-child]:col-span-2 md:[&>*:last-child]:col-span-1';

/** Five figures with their shape over time and the change in words. */
export function Tiles({ overview }: { overview: Asked<Overview> }) {
  const { view } = useView();
  const score = overview.data?.quality_score ?? '';
  const counts = useSeries(view, { measures: ['calls', 'failed_calls', 'cost_usd', 'latency_p95_ms'] });
  const quality = useSeries(view, { measures: [`score:${score}`], enabled: score !== '' });
  if (!overview.data)
    return overview.error ? (
      <Failure
        what="Could not load the totals."
        error={overview.error}
        onRetry={() => void overview.refetch()}
      />
    ) : (
      <div className="shell-tiles mb-4">
        {subjects.map(subject => (
          <i key={subject} />
        ))}
      </div>
    );
  const rows = counts.data?.rows ?? [];
  const sparks: Record<Subject, Point[]> = {
    quality: pointsOf(quality.data?.rows ?? [], `score:${score}`),
    latency: pointsOf(rows, 'latency_p95_ms'),
    spend: pointsOf(rows, 'cost_usd'),
    requests: pointsOf(rows, 'calls'),
    errors: rows.map(row => [
      Date.parse(String(row.time)),
      row.calls ? Number(row.failed_calls ?? 0) / Number(row.calls) : null,
    ]),
  };
  const { now, previous } = overview.data.total;
  return (
    <ul aria-label="Totals" className={GRID}>
      {subjects.map(subject => {
        const text = textOf(now, subject, 'chart');
        return (
          <li
            key={subject}
            className="relative h-[88px] min-w-0 overflow-hidden rounded-card border border-line px-3 py-[11px]"
          >
            <div className="flex justify-between gap-2 text-label">
              <span className="font-semibold">{subjectLabels[subject]}</span>
              <TileNote subject={subject} now={now} />
            </div>
            <div
              className="truncate text-figure font-semibold"
              title={
                missingReason(now, subject) ?? (subject === 'requests' ? format.full(now.calls) : undefined)
              }
            >
              {text}
            </div>
            {view.cmp !== 'none' && <DeltaText delta={deltaOf(now, previous, subject)} />}
            <Sparkline
              points={sparks[subject]}
              className="absolute right-3 bottom-3 h-6 w-[28%] max-w-20 text-accent max-md:h-5 md:max-xl:hidden"
            />
          </li>
        );
      })}
    </ul>
  );
}

/** The sample behind a score, and money that could not be counted. */
function TileNote({ subject, now }: { subject: Subject; now: Overview['total']['now'] }) {
  if (subject === 'quality' && now.scored_calls > 0)
    return (
      <span className="truncate text-muted" title={`${format.full(now.scored_calls)} scored requests`}>
        n = {format.count(now.scored_calls)}
      </span>
    );
  if (subject === 'spend' && now.unpriced_calls > 0)
    return (
      <span
        className="truncate text-warning"
        title="Requests of models without a known price are not in the sum"
      >
        {format.count(now.unpriced_calls)} unpriced
      </span>
    );
  return null;
}
