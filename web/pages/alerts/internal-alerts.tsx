import { Link } from '@tanstack/react-router';
import type { InternalAlert } from '#contract/alert.ts';
import { timeNear, viewerZone } from '../../clock.ts';
import { StatusIcon } from '../../ui/status.tsx';

/** What is or was wrong with Driftline itself, apart from the incidents of features. */
export function InternalAlerts({ alerts, nowMs }: { alerts: readonly InternalAlert[]; nowMs: number }) {
  const at = (time: string) => timeNear(Date.parse(time), nowMs, viewerZone());
  return (
    <ul aria-label="Driftline itself" className="mb-4 flex flex-col gap-2">
      {alerts.map(({ id, state, severity, title, detail, since, resolved_at }) => (
        <li
          key={id}
          className={`rounded-card border px-4 py-3 ${borders[state === 'firing' ? severity : 'none']}`}
        >
          <p className="flex items-start gap-2 text-lead font-semibold">
            {state === 'firing' && (
              <span className="flex h-6 items-center">
                <StatusIcon status={severity} />
              </span>
            )}
            {title}
          </p>
          <p className="mt-0.5 max-w-text">{detail}</p>
          <p className="mt-0.5 text-muted">
            Since {at(since)}
            {resolved_at && ` · resolved ${at(resolved_at)}`} ·{' '}
            <Link to="/ingest" className="underline">
              Ingest
            </Link>
          </p>
        </li>
      ))}
    </ul>
  );
}

const borders = { critical: 'border-critical', warning: 'border-warning', none: 'border-line' };
