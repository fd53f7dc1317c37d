import { Link } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '../../data/problem.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import type { Asked } from '../../states/panel.tsx';

/** The page of one alert, of whichever kind: the way back, and what stands there until the alert is known. */
export function OneAlert<Alert>({
  query: { data, error, refetch },
  children,
}: {
  query: Asked<Alert>;
  children: (alert: Alert) => ReactNode;
}) {
  return (
    <>
      <Link
        to="/alerts"
        className="mb-1 inline-flex items-center gap-1 text-muted hover:text-ink pointer-coarse:min-h-11"
      >
        <ChevronLeft size={16} aria-hidden />
        Alerts
      </Link>
      {data ? children(data) : <NoAlert error={error} onRetry={() => void refetch()} />}
    </>
  );
}

function NoAlert({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (error instanceof ApiError && error.status === 404)
    return (
      <>
        <PageTitle title="No such alert" />
        <Note title="This alert does not exist.">The link may be cut off.</Note>
      </>
    );
  if (error) return <Failure what="Could not load the alert." error={error} onRetry={onRetry} />;
  return (
    <div role="status" className="appear">
      <span className="sr-only">Loading</span>
      <div className="mb-4 h-32 rounded-card bg-surface" />
      <div className="h-64 rounded-card bg-surface" />
    </div>
  );
}
