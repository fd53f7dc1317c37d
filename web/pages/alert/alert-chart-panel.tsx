import { useState } from 'react';
import type { AlertDetail } from '#contract/alert.ts';
import { TableToggle } from '../../charts/table-toggle.tsx';
import { dayTime, viewerZone } from '../../clock.ts';
import { format } from '../../format.ts';
import { ScrollBox } from '../../ui/scroll-box.tsx';
import { AlertChart } from './alert-chart.tsx';
import { alertRange, writeFigure } from './alert-figures.ts';
import { Block } from './block.tsx';

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
      </ul>
      {asTable ? (
        <SeriesTable alert={alert} />
      ) : (
        <div className="-mx-4">
          <AlertChart alert={alert} endMs={alertRange(alert, Date.now()).endMs} />
        </div>
      )}
    </Block>
  );
}

function SeriesTable({ alert: { series, unit, metric_label } }: { alert: AlertDetail }) {
  const zone = viewerZone();
  return (
    <ScrollBox className="h-[220px]" label={`${metric_label} over time`}>
      <table className="w-full">
        <thead className="sticky top-0 bg-bg text-label text-muted">
          <tr>
            <th scope="col" className="h-8 text-left">
              Time
            </th>
            <th scope="col" className="h-8 text-right">
              Measured
            </th>
            <th scope="col" className="h-8 text-right">
              Normal
            </th>
            <th scope="col" className="h-8 text-right">
              Requests
            </th>
          </tr>
        </thead>
        <tbody>
          {[...series].reverse().map(one => (
            <tr key={one.time} className="border-t border-line">
              <th scope="row" className="h-8 text-left font-normal whitespace-nowrap">
                {dayTime(Date.parse(one.time), zone)}
              </th>
              <td className="h-8 text-right">{writeFigure(one.value, unit)}</td>
              <td className="h-8 text-right">{writeFigure(one.expected, unit)}</td>
              <td className="h-8 text-right">{format.count(one.n)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
