import { Link } from '@tanstack/react-router';
import { FlaskConical, X } from 'lucide-react';
import { useHealth } from '../data/health.ts';
import { useUndelivered } from '../data/notifications.ts';
import { useOnboarding } from '../data/onboarding.ts';
import { format } from '../format.ts';
import { useStored } from '../state/stored.ts';
import { StatusIcon } from '../ui/status.tsx';

const STRIP = 'flex min-h-9 items-center gap-2 border-b border-line px-4 py-1.5 md:px-6';

/** What a reader must know about everything on the page. */
export function Banners() {
  return (
    <>
      <DemoBanner />
      <HealthBanner />
      <DeliveryBanner />
      <LocalBanner />
    </>
  );
}

/** Figures that are made up are never taken for real ones: a label and a hatched edge on every page. */
function DemoBanner() {
  const demo = useOnboarding().data?.demo;
  if (!demo || demo.state === 'off') return null;
  return (
    <section aria-label="Demo data" className={`${STRIP} relative bg-surface`}>
      <span className="hatch absolute inset-y-0 left-0 w-2" />
      <span className="inline-flex shrink-0 items-center gap-1 rounded-control border border-warning bg-bg px-2 py-0.5 text-label font-semibold text-warning">
        <FlaskConical size={14} aria-hidden />
        Demo data
      </span>
      <span className="min-w-0">
        {demo.state === 'filling' ? (
          <>Writing eight weeks of history, {format.percent(Math.floor(demo.progress * 100) / 100)}</>
        ) : (
          <span>
            <span className="max-md:hidden">
              Services named demo-… are generated, with one planted regression.{' '}
            </span>
            <Link to="/settings" className="text-accent underline hover:no-underline">
              Remove<span className="sr-only"> the demo data</span>
            </Link>
          </span>
        )}
      </span>
    </section>
  );
}

function HealthBanner() {
  const health = useHealth();
  const problems = health.data?.problems ?? [];
  if (problems.length === 0) return null;
  return (
    <section aria-label="Health" className={STRIP}>
      <StatusIcon status="warning" />
      <span className="min-w-0">
        {problems.join(' ')}{' '}
        <Link to="/ingest" className="text-accent underline hover:no-underline">
          Look at ingest
        </Link>
      </span>
    </section>
  );
}

/** An alert nobody heard of is worse than none: it is said on every page. */
function DeliveryBanner() {
  const undelivered = useUndelivered().data ?? 0;
  if (undelivered === 0) return null;
  return (
    <section aria-label="Deliveries" className={STRIP}>
      <StatusIcon status="critical" />
      <span className="min-w-0">
        {undelivered === 1 ? 'An alert message was' : `${undelivered} alert messages were`} not delivered.{' '}
        <Link
          to="/deliveries"
          search={{ status: 'failed' }}
          className="text-accent underline hover:no-underline"
        >
          Look at deliveries
        </Link>
      </span>
    </section>
  );
}

function LocalBanner() {
  const local = useOnboarding().data?.local_mode;
  const [dismissed, setDismissed] = useStored('local-mode-seen');
  if (!local || dismissed) return null;
  return (
    <section aria-label="Local mode" className={`${STRIP} text-label text-muted`}>
      <span className="min-w-0 flex-1">Local mode: no sign-in, this machine only.</span>
      <button
        type="button"
        aria-label="Hide the note about local mode"
        onClick={() => setDismissed('yes')}
        className="inline-flex size-6 shrink-0 items-center justify-center rounded-control hover:text-ink pointer-coarse:size-11 pointer-coarse:-my-2"
      >
        <X size={14} aria-hidden />
      </button>
    </section>
  );
}
