import { Link, useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { useCallback } from 'react';
import { ChartPanel } from '../../charts/chart-panel.tsx';
import { ago, exact, viewerZone } from '../../clock.ts';
import { type MetricSeries, type OtlpMetric, useOtlpMetricSeries } from '../../data/otlp-metrics.ts';
import { format } from '../../format.ts';
import { absolute } from '../../state/range.ts';
import { useView } from '../../state/use-view.ts';
import { Note } from '../../states/note.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { type HistogramFigure, histogramFigures } from './figures.ts';
import { drawMetric, mostShown } from './metric-drawing.ts';
import { isHistogram, kindWords, unitWords } from './metric-words.ts';

const HEIGHT = 300;

const FIGURES: Record<HistogramFigure, string> = { quantiles: 'Percentiles', count: 'Count', sum: 'Sum' };

/** One metric: its chart, by whatever its points tell apart, and who sends it. */
export function MetricView({ metric }: { metric: OtlpMetric }) {
  const { by = '', s = '', show: figure = 'quantiles' } = useSearch({ from: '/metrics' });
  const { view, zone, setView } = useView();
  const router = useRouter();
  const groupBy = by === 'service' || metric.attributes.includes(by) ? by : '';
  const service = metric.services.includes(s) ? s : '';
  const query = useOtlpMetricSeries(view, { ...metric, groupBy, service });
  const stepMs = (query.data?.interval_s ?? 60) * 1000;
  const zoom = (fromMs: number, toMs: number) => setView(absolute(fromMs, Math.max(toMs, fromMs + stepMs)));
  const draw = useCallback(
    (data: MetricSeries) => drawMetric(data, figure, view, zone, Date.now()),
    [figure, view, zone],
  );
  const drawn = query.data ? draw(query.data) : null;
  return (
    <section aria-label={metric.name} className="flex min-w-0 flex-col gap-3">
      <div>
        <Link
          to="/metrics"
          search={old => ({
            ...old,
            m: undefined,
            u: undefined,
            k: undefined,
            by: undefined,
            s: undefined,
            show: undefined,
          })}
          className="inline-flex min-h-8 items-center gap-1 text-accent hover:underline lg:hidden pointer-coarse:min-h-11"
        >
          <ArrowLeft size={16} aria-hidden />
          All metrics
        </Link>
        <h2 className="text-lead break-words">{metric.name}</h2>
        <p className="text-muted">{[kindWords(metric), unitWords(metric.unit)].filter(Boolean).join(', ')}</p>
      </div>
      <Controls metric={metric} groupBy={groupBy} service={service} figure={figure} />
      <ChartPanel
        title={drawn?.title ?? 'Over time'}
        what="the metric"
        query={query}
        height={HEIGHT}
        markers={[]}
        empty={data =>
          data.series.length === 0 ? (
            <Note title="No points in this time range that can be drawn.">
              A cumulative counter needs two points.
            </Note>
          ) : null
        }
        draw={draw}
        onZoom={zoom}
        onBack={() => router.history.back()}
        onPick={startMs => zoom(startMs, startMs + stepMs)}
      />
      {drawn !== null && drawn.left > 0 && (
        <p className="text-muted">
          The {mostShown} groups with most points are drawn, {drawn.left} more are not.
        </p>
      )}
      <Senders metric={metric} />
    </section>
  );
}

interface ControlsProps {
  metric: OtlpMetric;
  groupBy: string;
  service: string;
  figure: HistogramFigure;
}

function Controls({ metric, groupBy, service, figure }: ControlsProps) {
  const navigate = useNavigate({ from: '/metrics' });
  const change = (search: {
    by?: string | undefined;
    s?: string | undefined;
    show?: HistogramFigure | undefined;
  }) => void navigate({ resetScroll: false, replace: true, search: old => ({ ...old, ...search }) });
  const figures =
    metric.kind === 'summary' ? histogramFigures.filter(one => one !== 'quantiles') : histogramFigures;
  const groups = [
    ...(metric.services.length > 1 ? ['service'] : []),
    ...metric.attributes.filter(key => key !== 'service'),
  ];
  const hasFigures = isHistogram(metric.kind) || metric.kind === 'summary';
  if (!hasFigures && groups.length === 0) return null;
  return (
    <div className="flex flex-wrap items-center gap-2">
      {hasFigures && (
        <Segmented
          label="Figure"
          value={metric.kind === 'summary' && figure === 'quantiles' ? 'count' : figure}
          options={figures.map(value => ({ value, label: FIGURES[value] }))}
          onChange={value => change({ show: value === 'quantiles' ? undefined : value })}
        />
      )}
      {groups.length > 0 && (
        <Select
          label="Group by"
          value={groupBy}
          options={[
            { value: '', label: 'Not grouped' },
            ...groups.map(value => ({ value, label: `By ${value}` })),
          ]}
          onChange={value => change({ by: value || undefined })}
        />
      )}
      {metric.services.length > 1 && (
        <Select
          label="Service"
          value={service}
          options={[
            { value: '', label: 'All services' },
            ...metric.services.map(value => ({ value, label: value || '(unnamed)' })),
          ]}
          onChange={value => change({ s: value || undefined })}
        />
      )}
    </div>
  );
}

function Senders({ metric }: { metric: OtlpMetric }) {
  const seenMs = Date.parse(metric.last_seen);
  return (
    <div className="rounded-card border border-line px-4 py-3">
      <h3 className="text-body">Sent by</h3>
      <ul className="mt-1">
        {metric.services.map(service => (
          <li key={service} className="flex flex-wrap items-center gap-x-2">
            <span className="break-all">{service || '(unnamed service)'}</span>
            {metric.without_spans.includes(service) && (
              <span className="text-muted">no spans from this service: charts only</span>
            )}
          </li>
        ))}
      </ul>
      <p className="mt-2 text-muted">
        {format.count(metric.points)} {metric.points === 1 ? 'point' : 'points'} in this time, the last{' '}
        <span title={exact(seenMs, viewerZone())}>{ago(seenMs, Date.now(), viewerZone())}</span>
      </p>
    </div>
  );
}
