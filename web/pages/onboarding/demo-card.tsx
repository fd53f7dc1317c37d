import { useStartDemo, useStopDemo } from '../../data/demo.ts';
import type { Onboarding } from '../../data/onboarding.ts';
import { format } from '../../format.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';

/** Starts, shows and removes demo traffic. */
export function DemoCard({ demo }: { demo: Onboarding['demo'] }) {
  const start = useStartDemo();
  const stop = useStopDemo();
  const error = start.error ?? stop.error;
  return (
    <section aria-labelledby="demo-title" className="rounded-card border border-line p-4">
      <h2 id="demo-title" className="text-lead">
        {demo.state === 'off' ? 'Just looking?' : 'Demo traffic'}
      </h2>
      {demo.state === 'off' && (
        <>
          <p className="mt-1 text-muted">
            A small AI application with several features, models and prompt versions, eight weeks of history,
            and one quality regression to find. Everything it sends is labelled, and can be removed.
          </p>
          <Button className="mt-3" disabled={start.isPending} onClick={() => start.mutate()}>
            {start.isPending ? 'Starting' : 'Start demo traffic'}
          </Button>
        </>
      )}
      {demo.state === 'filling' && (
        <>
          <p className="mt-1 text-muted">Writing eight weeks of history. This takes a minute.</p>
          <div
            role="progressbar"
            aria-label="Demo history"
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.round(demo.progress * 100)}
            className="mt-3 h-2 overflow-hidden rounded-full bg-surface"
          >
            <div className="h-full rounded-full bg-accent" style={{ width: `${demo.progress * 100}%` }} />
          </div>
          <p className="mt-1 text-label text-muted">
            {format.percent(Math.floor(demo.progress * 100) / 100)}
          </p>
        </>
      )}
      {demo.state === 'live' && (
        <p className="mt-1 text-muted">
          Running. Its services are named demo-… and carry the label “Demo data”.
        </p>
      )}
      {demo.state !== 'off' && (
        <Button look="danger" className="mt-3" disabled={stop.isPending} onClick={() => stop.mutate()}>
          {stop.isPending ? 'Removing' : 'Stop and remove demo data'}
        </Button>
      )}
      {error && <Failure what="The demo could not be changed." error={error} />}
    </section>
  );
}
