import { useParams } from '@tanstack/react-router';
import type { AlertDetail } from '#contract/alert.ts';
import { useAlert } from '../../data/alerts.ts';
import { OneAlert } from '../alerts/one-alert.tsx';
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
  return <OneAlert query={useAlert(id)}>{alert => <Alert alert={alert} />}</OneAlert>;
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
