import { ago, viewerZone } from '../../clock.ts';
import { useHealth } from '../../data/health.ts';
import { format } from '../../format.ts';
import { Failure } from '../../states/failure.tsx';
import { StatusIcon } from '../../ui/status.tsx';

/** Whether everything runs, and what has come in. */
export function HealthFacts() {
  const { data, error, refetch } = useHealth();
  if (!data)
    return error ? (
      <Failure what="Could not load the health." error={error} onRetry={() => void refetch()} />
    ) : null;
  const { ingest, engine } = data;
  const rejected = Object.entries(ingest.rejected).filter(([, count]) => count > 0);
  const facts: [string, string][] = [
    ['Version', data.version],
    ['Store', engine.status === 'ok' ? `ClickHouse ${engine.version ?? ''}` : 'does not answer'],
    [
      'Received',
      `${format.count(ingest.acked)}, ${format.count(ingest.stored)} stored, ${format.count(ingest.waiting)} waiting`,
    ],
    [
      'Last received',
      ingest.last_received_at ? ago(Date.parse(ingest.last_received_at), Date.now(), viewerZone()) : 'never',
    ],
    [
      'Refused',
      rejected.length
        ? rejected.map(([reason, count]) => `${format.count(count)} ${reason}`).join(', ')
        : 'none',
    ],
  ];
  return (
    <>
      <p className="flex items-center gap-2 font-semibold">
        <StatusIcon status={data.status === 'ok' ? 'good' : 'warning'} />
        {data.status === 'ok' ? 'Everything runs' : data.problems.join(' ')}
      </p>
      <dl className="mt-2">
        {facts.map(([name, value]) => (
          <div key={name} className="flex flex-wrap gap-x-4 border-t border-line py-1.5">
            <dt className="w-32 text-muted">{name}</dt>
            <dd className="min-w-0 flex-1 break-words">{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
