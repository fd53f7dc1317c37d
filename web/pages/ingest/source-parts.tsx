import { ago, exact, MINUTE_MS, viewerZone } from '../../clock.ts';
import type { IngestSource } from '../../data/ingest.ts';
import { format, MISSING } from '../../format.ts';
import { statusText } from '../../ui/status.tsx';
import { dialectLabel, versioned } from './words.ts';

interface PartProps {
  source: IngestSource;
}

/** Service, and below it the instrumentation and SDK that speak for it. */
export function SourceName({ source }: PartProps) {
  const scope = versioned(source.scope_name, source.scope_version);
  const sdk = versioned(source.sdk, source.sdk_version);
  return (
    <>
      <span className="block truncate font-semibold" title={source.service}>
        {source.service || '(no service.name)'}
      </span>
      <span
        className="block truncate text-label font-normal text-muted"
        title={[scope, sdk].filter(Boolean).join(', ')}
      >
        {[scope, sdk].filter(Boolean).join(', ') || 'sender says nothing about itself'}
      </span>
    </>
  );
}

export function DialectName({ source }: PartProps) {
  if (source.dialect) return dialectLabel(source.dialect);
  const signals = source.signals.join(', ');
  return (
    <span className="text-muted" title="Nothing about models in it">
      plain {signals}
    </span>
  );
}

/** Items acknowledged a while ago should be stored by now. */
export function Waiting({ source }: PartProps) {
  const late = source.waiting > 0 && Date.now() - Date.parse(source.last_seen) > MINUTE_MS;
  return (
    <span className={late ? statusText.warning : undefined} title={format.full(source.waiting)}>
      {format.count(source.waiting)}
    </span>
  );
}

export function Rejected({ source }: PartProps) {
  return (
    <span
      className={source.rejected > 0 ? statusText.warning : undefined}
      title={format.full(source.rejected)}
    >
      {format.count(source.rejected)}
    </span>
  );
}

export function LastSeen({ source }: PartProps) {
  const ms = Date.parse(source.last_seen);
  return (
    <time dateTime={source.last_seen} title={exact(ms, viewerZone())}>
      {ago(ms, Date.now(), viewerZone())}
    </time>
  );
}

/** From the end of a span to its receipt. */
export function Delay({ source: { delay_mean_ms: mean, delay_max_ms: max } }: PartProps) {
  if (mean === null) return <span title="It sends no spans">{MISSING}</span>;
  return (
    <span title={`${format.latency(mean)} on average, ${format.latency(max)} at most`}>
      {format.latency(mean)}
      <span className="text-muted">, max {format.latency(max)}</span>
    </span>
  );
}
