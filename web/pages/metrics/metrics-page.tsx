import { Link, useSearch } from '@tanstack/react-router';
import { type OtlpMetric, useOtlpMetrics } from '../../data/otlp-metrics.ts';
import { useNarrow } from '../../state/use-media.ts';
import { useView } from '../../state/use-view.ts';
import { Note } from '../../states/note.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import { Panel } from '../../states/panel.tsx';
import { controlClasses } from '../../ui/button.tsx';
import { MetricList } from './metric-list.tsx';
import { MetricView } from './metric-view.tsx';

/** What do senders count themselves? */
export function MetricsPage() {
  const { view } = useView();
  const search = useSearch({ from: '/metrics' });
  const query = useOtlpMetrics(view);
  const narrow = useNarrow();
  const asked = query.data?.find(metric => isAsked(metric, search));
  // There is room for a chart beside the list, so the first is drawn unasked; below it one would have to scroll.
  const selected = asked ?? (narrow || search.m ? undefined : query.data?.[0]);
  const missing = search.m !== undefined && query.data !== undefined && asked === undefined;
  return (
    <>
      <PageTitle title="Metrics">
        <p className="mt-1 max-w-text text-muted">
          Figures that senders count themselves, as OTLP metrics. They are for charts only: tokens, calls and
          money on the other pages come from spans alone, and nothing here is added to them.
        </p>
      </PageTitle>
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,340px)_minmax(0,1fr)]">
        {!(narrow && selected) && (
          <Panel
            title={query.data?.length ? `Received (${query.data.length})` : 'Received'}
            what="the metrics"
            query={query}
            height={160}
            empty={metrics => (metrics.length === 0 ? <Nothing /> : null)}
          >
            {metrics => <MetricList metrics={metrics} selected={selected} />}
          </Panel>
        )}
        {selected && (
          <MetricView key={`${selected.name} ${selected.unit} ${selected.kind}`} metric={selected} />
        )}
        {missing && (
          <Note title={`${search.m} was not received in this time range.`}>
            Choose a longer one, or another metric.
          </Note>
        )}
      </div>
    </>
  );
}

function isAsked(metric: OtlpMetric, { m, u, k }: { m?: string; u?: string; k?: string }): boolean {
  if (metric.name !== m) return false;
  return k === undefined || (metric.kind === k && metric.unit === (u ?? ''));
}

function Nothing() {
  return (
    <Note title="No OTLP metric in this time range.">
      <p className="max-w-text">
        An SDK sends them with <code className="font-mono text-label">OTEL_METRICS_EXPORTER=otlp</code> to the
        same address as spans.
      </p>
      <Link to="/get-started" className={controlClasses()}>
        Where to send
      </Link>
    </Note>
  );
}
