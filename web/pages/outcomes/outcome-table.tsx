import type { ReactNode } from 'react';
import type { OutcomeGroup } from '#contract/outcome.ts';
import type { Outcomes } from '../../data/outcomes.ts';
import { format } from '../../format.ts';
import { exactUsd } from '../../money.ts';
import { ScrollBox } from '../../ui/scroll-box.tsx';
import { returnSentence, returnText } from './words.ts';

type Figures = Omit<OutcomeGroup, 'key'>;

const money = (usd: string | null) => (
  <span title={usd === null ? undefined : exactUsd(usd)}>{format.usd(usd)}</span>
);

const columns: readonly { head: string; title?: string; cell: (row: Figures) => ReactNode }[] = [
  {
    head: 'Outcomes',
    cell: row => <span title={format.full(row.outcomes)}>{format.count(row.outcomes)}</span>,
  },
  { head: 'Cost each', title: 'cost of all calls / outcomes', cell: row => money(row.cost_per_outcome_usd) },
  {
    head: 'Value each',
    title: 'of the outcomes with a value',
    cell: row => money(row.value_per_outcome_usd),
  },
  { head: 'Value', cell: row => money(row.value_usd) },
  { head: 'Cost', cell: row => money(row.cost_usd) },
  {
    head: 'Return',
    title: '(value − cost) / cost',
    cell: row => (
      <span
        title={returnSentence(row.return_on_spend)}
        className={(row.return_on_spend ?? 0) < 0 ? 'text-warning' : undefined}
      >
        {returnText(row.return_on_spend)}
      </span>
    ),
  },
  { head: 'Calls', cell: row => <span title={format.full(row.calls)}>{format.count(row.calls)}</span> },
  { head: 'Coverage', title: 'calls that led to an outcome', cell: row => format.percent(row.coverage) },
];

/** Every group with what came of it; the last row is the total, which the groups add up to. */
export function OutcomeTable({ data, label }: { data: Outcomes; label: string }) {
  const rows = data.groups;
  return (
    <>
      <ScrollBox label={`Outcomes by ${label.toLowerCase()}`} className="max-lg:hidden">
        <table className="w-full">
          <thead>
            <tr className="text-label text-muted">
              <th scope="col" className="h-8 px-4 text-left">
                {label}
              </th>
              {columns.map(({ head, title }) => (
                <th key={head} scope="col" title={title} className="h-8 pr-4 text-right whitespace-nowrap">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(row => (
              <tr key={row.key} className="border-t border-line hover:bg-surface">
                <th
                  scope="row"
                  className="h-8 max-w-72 truncate px-4 text-left font-normal pointer-coarse:h-11"
                >
                  {row.key || '(none)'}
                </th>
                {columns.map(({ head, cell }) => (
                  <td key={head} className="h-8 pr-4 text-right whitespace-nowrap">
                    {cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr className="border-t-2 border-line font-semibold">
              <th scope="row" className="h-9 px-4 text-left">
                Total
              </th>
              {columns.map(({ head, cell }) => (
                <td key={head} className="h-9 pr-4 text-right whitespace-nowrap">
                  {cell(data.total)}
                </td>
              ))}
            </tr>
          </tfoot>
        </table>
      </ScrollBox>
      <ul className="lg:hidden">
        {[...rows.map(row => ({ ...row, key: row.key || '(none)' })), { key: 'Total', ...data.total }].map(
          row => (
            <li key={row.key} className="border-t border-line px-4 py-2 first:border-t-0">
              <div className="truncate font-semibold">{row.key}</div>
              <dl className="grid grid-cols-3 gap-x-3 gap-y-1 text-label md:grid-cols-8">
                {columns.map(({ head, cell }) => (
                  <div key={head} className="min-w-0">
                    <dt className="text-muted">{head}</dt>
                    <dd className="truncate">{cell(row)}</dd>
                  </div>
                ))}
              </dl>
            </li>
          ),
        )}
      </ul>
    </>
  );
}
