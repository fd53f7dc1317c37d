import { Link } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import type { TraceDetail } from '#contract/trace.ts';
import { exact, viewerZone } from '../../clock.ts';
import { useReportingZone } from '../../data/onboarding.ts';
import { format } from '../../format.ts';
import { PageTitle } from '../../states/page-title.tsx';
import { classes } from '../../ui/classes.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { StatusIcon } from '../../ui/status.tsx';

/** The trace in figures. */
export function TraceHeader({ trace }: { trace: TraceDetail }) {
  const { summary } = trace;
  const reporting = useReportingZone();
  const start = Date.parse(summary.start_time);
  const [first, ...others] = Object.entries(summary.scores);
  return (
    <>
      <Link
        to="/traces"
        className="mb-1 inline-flex items-center gap-1 text-muted hover:text-ink pointer-coarse:min-h-11"
      >
        <ChevronLeft size={16} aria-hidden />
        Traces
      </Link>
      <PageTitle
        title={summary.feature || summary.name}
        actions={<CopyButton look="plain" text={trace.trace_id} label="Copy trace id" />}
      >
        <p className="mt-1 flex flex-wrap items-center gap-x-2 text-muted">
          {summary.error && (
            <span className="inline-flex items-center gap-1 text-critical">
              <StatusIcon status="critical" size={14} />
              Failed
            </span>
          )}
          <time dateTime={summary.start_time} title={exact(start, reporting)}>
            {exact(start, viewerZone())}
          </time>
          <span>{[summary.service, summary.environment, summary.tenant].filter(Boolean).join(' · ')}</span>
        </p>
      </PageTitle>
      <dl className="mb-4 grid grid-cols-2 gap-px overflow-hidden rounded-card border border-line bg-line sm:grid-cols-3 lg:grid-cols-6">
        <Total label="Duration">{format.latency(summary.duration_ms)}</Total>
        <Total
          label="Cost"
          note={
            summary.unpriced_calls > 0
              ? `${summary.unpriced_calls} of ${summary.calls} calls unpriced`
              : undefined
          }
        >
          {format.usd(summary.cost_usd)}
        </Total>
        <Total label="Input tokens">{format.count(summary.input_tokens)}</Total>
        <Total label="Output tokens">{format.count(summary.output_tokens)}</Total>
        <Total
          label="Model calls"
          note={summary.failed_calls > 0 ? `${summary.failed_calls} failed` : undefined}
        >
          {format.count(summary.calls)}
        </Total>
        <Total
          label={first?.[0] ?? 'Score'}
          note={others.map(([name, value]) => `${name} ${format.score(value)}`).join(', ')}
          quiet
        >
          {format.score(first?.[1])}
        </Total>
      </dl>
    </>
  );
}

interface TotalProps {
  label: string;
  note?: string | undefined;
  /** The note is no warning. */
  quiet?: boolean;
  children: ReactNode;
}

function Total({ label, note, quiet = false, children }: TotalProps) {
  return (
    <div className="min-w-0 bg-bg px-3 py-2">
      <dt className="truncate text-label text-muted" title={label}>
        {label}
      </dt>
      <dd className="truncate text-h1 font-semibold">{children}</dd>
      {note && (
        <dd className={classes('truncate text-label', quiet ? 'text-muted' : 'text-warning')} title={note}>
          {note}
        </dd>
      )}
    </div>
  );
}
