import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { OtlpMetric } from '../../data/otlp-metrics.ts';
import { classes } from '../../ui/classes.ts';
import { TextField } from '../../ui/text-field.tsx';
import { kindWords, unitWords } from './metric-words.ts';

/** From as many on it is quicker to type than to look. */
const MANY = 9;

interface MetricListProps {
  metrics: readonly OtlpMetric[];
  selected: OtlpMetric | undefined;
}

/** Every metric received, with its unit and who sends it. */
export function MetricList({ metrics, selected }: MetricListProps) {
  const [text, setText] = useState('');
  const words = text.toLowerCase().split(/\s+/);
  const shown = metrics.filter(metric => {
    const about = `${metric.name} ${metric.services.join(' ')}`.toLowerCase();
    return words.every(word => about.includes(word));
  });
  return (
    <>
      {metrics.length >= MANY && (
        <TextField
          label="Find a metric"
          quietLabel
          type="search"
          placeholder="Find by name or service"
          className="px-4 pb-2"
          value={text}
          onChange={event => setText(event.target.value)}
        />
      )}
      <ul aria-label="Metrics">
        {shown.map(metric => (
          <MetricItem
            key={`${metric.name} ${metric.unit} ${metric.kind} ${metric.monotonic}`}
            metric={metric}
            chosen={metric === selected}
          />
        ))}
      </ul>
      <p role="status" className={shown.length === 0 ? 'px-4 py-3 text-muted' : 'sr-only'}>
        {shown.length === 0 ? 'No metric is called so.' : text && `${shown.length} metrics`}
      </p>
    </>
  );
}

function MetricItem({ metric, chosen }: { metric: OtlpMetric; chosen: boolean }) {
  const { name, unit, kind, services, without_spans } = metric;
  return (
    <li className="border-t border-line">
      <Link
        to="/metrics"
        search={old => ({
          ...old,
          m: name,
          u: unit || undefined,
          k: kind,
          by: undefined,
          s: undefined,
          show: undefined,
        })}
        resetScroll={false}
        aria-current={chosen ? 'true' : undefined}
        className={classes(
          'block px-4 py-2 hover:bg-surface focus-visible:-outline-offset-2',
          chosen && 'bg-surface shadow-[inset_3px_0_0_var(--accent)]',
        )}
      >
        <span className={classes('block break-words', chosen && 'font-semibold')}>{name}</span>
        <span className="block text-label text-muted">
          {[kindWords(metric), unitWords(unit), services.slice(0, 3).join(', ') || 'unnamed service']
            .filter(Boolean)
            .join(' · ')}
          {services.length > 3 && ` and ${services.length - 3} more`}
        </span>
        {without_spans.length > 0 && (
          <span className="block text-label">
            {without_spans.length === services.length
              ? 'No spans from this sender: charts only'
              : 'No spans from some senders: charts only'}
          </span>
        )}
      </Link>
    </li>
  );
}
