import { ago, exact, HOUR_MS, lasted, MINUTE_MS, timeNear, viewerZone } from '../../clock.ts';
import type { IngestSource } from '../../data/ingest.ts';
import { useWatermarks } from '../../data/watermarks.ts';
import { format, MISSING } from '../../format.ts';
import { statusText } from '../../ui/status.tsx';
import { sourceKey } from './source-sort.ts';
import { dialectLabel, versioned } from './words.ts';

interface PartProps {
  source: IngestSource;
}

/** Service, and below it the instrumentation that speaks for it. */
export function SourceName({ source }: PartProps) {
  const scope = versioned(source.scope_name, source.scope_version) || 'no instrumentation scope';
  return (
    <>
      <span className="block truncate font-semibold" title={source.service}>
        {source.service || '(no service.name)'}
      </span>
      <Second text={isRefusedOnly(source) ? 'refused before more was read' : scope} />
    </>
  );
}

/** Of refused items no more is known than their service. */
const isRefusedOnly = ({ acked, scope_name, sdk }: IngestSource) =>
  acked === 0 && scope_name === '' && sdk === '';

/** The words it speaks, and below them the SDK that sends them. */
export function Speaks({ source }: PartProps) {
  const { dialect, signals } = source;
  return (
    <>
      {dialect ? (
        <span className="block truncate">{dialectLabel(dialect)}</span>
      ) : (
        <span className="block truncate text-muted" title="Nothing about models in it">
          Plain {signals.join(', ')}
        </span>
      )}
      {!isRefusedOnly(source) && <Second text={versioned(source.sdk, source.sdk_version) || 'unknown SDK'} />}
    </>
  );
}

function Second({ text }: { text: string }) {
  return (
    <span className="block truncate text-label font-normal text-muted" title={text}>
      {text}
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
      <Standing source={source} />
    </time>
  );
}

/** Whether charts and checks wait for it; nothing for one that reports as it usually does. */
function Standing({ source }: PartProps) {
  const mark = useWatermarks().data?.sources.find(one => sourceKey(one) === sourceKey(source));
  if (!mark || mark.state === 'current') return null;
  const until = timeNear(Date.parse(mark.complete_until), Date.now(), viewerZone());
  const waited = mark.holds ? 'later figures are provisional' : 'nobody waits for it';
  return (
    <span className="block text-label text-warning" title={`Complete up to ${until}; ${waited}`}>
      {mark.state}
    </span>
  );
}

/** From the end of a span to its receipt: on average, and at most. */
export function Delay({ source: { delay_mean_ms: mean, delay_max_ms: max } }: PartProps) {
  if (mean === null) return <span title="No span was accepted">{MISSING}</span>;
  return (
    <>
      <span className="block">{duration(mean)}</span>
      <span className="block text-label text-muted">max {duration(max ?? mean)}</span>
    </>
  );
}

// History that is sent afterwards has delays of days, where a latency would count hours and minutes.
const duration = (ms: number) => (ms < 2 * HOUR_MS ? format.latency(ms) : lasted(ms));
