import { Link } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import { useEffect, useState } from 'react';
import { ago, viewerZone } from '../../clock.ts';
import type { Onboarding } from '../../data/onboarding.ts';
import { format } from '../../format.ts';
import { Disclosure } from '../../ui/disclosure.tsx';
import { StatusIcon } from '../../ui/status.tsx';

const MINUTE_MS = 60_000;

/** Waits for the first span and says what arrived, or after a minute what to check. */
export function FirstSpan({ state }: { state: Onboarding }) {
  const { first_span: first } = state;
  return (
    <section aria-label="First span" aria-live="polite" className="rounded-card border border-line p-4">
      {first ? (
        <>
          <p className="flex items-center gap-2 text-lead font-semibold">
            <StatusIcon status="good" size={20} />
            Got it
          </p>
          <p className="mt-1">
            {[
              first.feature || first.service || first.name,
              format.latency(first.duration_ms),
              first.cost_usd === null ? 'no price known' : format.usd(first.cost_usd),
            ].join(', ')}
          </p>
          <Link
            to="/traces/$traceId"
            params={{ traceId: first.trace_id }}
            className="mt-2 inline-flex items-center gap-1 text-accent hover:underline pointer-coarse:min-h-11"
          >
            Open the trace <ArrowRight size={14} aria-hidden />
          </Link>
        </>
      ) : (
        <p className="flex items-center gap-3 text-lead font-semibold">
          <span className="pulse size-3 shrink-0 rounded-full bg-accent" />
          Waiting for the first span…
        </p>
      )}
      {!first && <NothingYet state={state} />}
    </section>
  );
}

/** What usually is wrong, once it has taken long enough to wonder. */
function NothingYet({ state }: { state: Onboarding }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), MINUTE_MS);
    return () => clearTimeout(timer);
  }, []);
  const reject = state.last_reject;
  return (
    <>
      {reject && (
        <div className="mt-4 border-t border-line pt-3">
          <p className="flex items-center gap-2 font-semibold">
            <StatusIcon status="warning" />A request was refused{' '}
            {ago(Date.parse(reject.at), Date.now(), viewerZone())}
          </p>
          <p className="mt-1 text-muted">{reject.reason}</p>
          {reject.sample && (
            <code className="mt-1 block font-mono text-label break-all text-muted">{reject.sample}</code>
          )}
          <Link to="/ingest" className="mt-1 inline-flex text-accent hover:underline pointer-coarse:min-h-11">
            What was refused, and what to do
          </Link>
        </div>
      )}
      <div className="mt-4 border-t border-line pt-2">
        <Disclosure summary="Nothing after a minute?" open={late}>
          <ul className="mt-1 flex list-disc flex-col gap-2 pl-5 text-muted">
            <li>
              Address: <code className="font-mono text-ink break-all">{state.otlp_http}</code> for OTLP over
              HTTP (protobuf or JSON), <code className="font-mono text-ink break-all">{state.otlp_grpc}</code>{' '}
              for gRPC. The two are not interchangeable.
            </li>
            <li>
              Protocol: <code className="font-mono text-ink">OTEL_EXPORTER_OTLP_PROTOCOL</code> must be{' '}
              <code className="font-mono text-ink">http/protobuf</code>,{' '}
              <code className="font-mono text-ink">http/json</code> or{' '}
              <code className="font-mono text-ink">grpc</code>, as the exporter in use.
            </li>
            <li>
              {state.key_required
                ? 'Key: every request needs an ingest key in the authorization header.'
                : 'Key: none is needed here; Driftline listens to this machine only.'}
            </li>
            <li>Short programs: shut the SDK down before exit, or its last spans are never sent.</li>
            {!reject && <li>No request has been refused so far, so probably none has reached this port.</li>}
          </ul>
        </Disclosure>
      </div>
    </>
  );
}
