import type { AlertDetail } from '#contract/alert.ts';
import { dayTime, viewerZone } from '../../clock.ts';
import { format } from '../../format.ts';
import { ScrollBox } from '../../ui/scroll-box.tsx';
import { writeFigure } from './alert-figures.ts';

/** The chart of an alert as a table, newest first. Default export, loaded when asked for. */
export default function AlertSeriesTable({ alert: { series, unit, metric_label } }: { alert: AlertDetail }) {
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
