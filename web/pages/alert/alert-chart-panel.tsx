import { lazy, Suspense, useState } from 'react';
import type { AlertDetail } from '#contract/alert.ts';
import { TableToggle } from '../../charts/table-toggle.tsx';
import { Block } from '../../ui/block.tsx';
import { AlertChart } from './alert-chart.tsx';
import { alertRange } from './alert-figures.ts';
import { provisionalAt } from './provisional.ts';

const AlertSeriesTable = lazy(() => import('./alert-series-table.tsx'));

/** The metric over time, as a chart or as a table. */
export function AlertChartPanel({ alert }: { alert: AlertDetail }) {
  const [asTable, setAsTable] = useState(false);
  if (alert.series.length === 0) return null;
  return (
    <Block
      title={`${alert.metric_label} of ${alert.feature || 'requests without a feature'}`}
      actions={<TableToggle asTable={asTable} onChange={setAsTable} title={alert.metric_label} />}
    >
      <ul className="mb-1 flex flex-wrap gap-x-4 text-label text-muted">
        <li className="flex items-center gap-1.5">
          <span className="w-4 border-t-2 border-accent" /> measured
        </li>
        <li className="flex items-center gap-1.5">
          <span className="w-4 border-t-2 border-dashed border-muted" /> normal for the hour
        </li>
        <li className="flex items-center gap-1.5">
          <span className="h-3 border-l-2 border-critical" /> change
        </li>
        {alert.changed_between && (
          <li className="flex items-center gap-1.5">
            <span className="h-3 w-3 bg-critical/15" /> began in here, 90 % sure
          </li>
        )}
        {provisionalAt(alert.series, alert.complete_until) < alert.series.length && (
          <li className="flex items-center gap-1.5">
            <span className="w-4 border-t-2 border-dotted border-accent" /> provisional: data still arrive
          </li>
        )}
      </ul>
      {asTable ? (
        <Suspense>
          <AlertSeriesTable alert={alert} />
        </Suspense>
      ) : (
        <div className="-mx-4">
          <AlertChart alert={alert} endMs={alertRange(alert, Date.now()).endMs} />
        </div>
      )}
    </Block>
  );
}
