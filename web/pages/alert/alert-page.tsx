import { Link, useParams } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import type { AlertDetail } from '#contract/alert.ts';
import { useAlert } from '../../data/alerts.ts';
import { ApiError } from '../../data/problem.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import { AlertActions } from './alert-actions.tsx';
import { AlertChartPanel } from './alert-chart-panel.tsx';
import { AlertHeader } from './alert-header.tsx';
import { History } from './alert-history.tsx';
import { Evidence } from './evidence.tsx';
import { ExamplePairs } from './example-pairs.tsx';
import { Judgement } from './judgement.tsx';
import { NextStep } from './next-step.tsx';
import { WhatChanged } from './what-changed.tsx';

/** What changed, since when, how much, who is touched, and what to do next. */
export function AlertPage() {
  const { id } = useParams({ from: '/a/$id' });
  const { data, error, refetch } = useAlert(id);
  return (
    <>
      <Link
        to="/alerts"
        className="mb-1 inline-flex items-center gap-1 text-muted hover:text-ink pointer-coarse:min-h-11"
      >
        <ChevronLeft size={16} aria-hidden />
        Alerts
      </Link>
      {data ? <Alert alert={data} /> : <NoAlert error={error} onRetry={() => void refetch()} />}
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

/** On a phone in the order of the questions; on a desk the chart stands left of its explanation. */
function Alert({ alert }: { alert: AlertDetail }) {
  return (
    <div className="max-md:pb-16">
      <AlertHeader alert={alert} />
      <AlertActions alert={alert} />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          <AlertChartPanel alert={alert} />
          <div className="flex flex-col gap-4 lg:hidden">
            <WhatChanged alert={alert} />
          </div>
          <ExamplePairs alert={alert} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <div className="flex flex-col gap-4 max-lg:hidden">
            <WhatChanged alert={alert} />
          </div>
          <NextStep alert={alert} />
          <History alert={alert} />
          <Judgement alert={alert} />
          <Evidence alert={alert} />
        </div>
      </div>
    </div>
  );
}
