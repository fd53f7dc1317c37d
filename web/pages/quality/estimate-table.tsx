import type { ReactNode } from 'react';
import type { ScoreEstimate } from '#contract/quality.ts';
import { SmallSpread } from '../../charts/spread-chart.tsx';
import { ScrollBox } from '../../ui/scroll-box.tsx';
import type { Change } from './change.ts';
import { ChangeCell, Coverage, Mean, Sizes } from './estimate-cells.tsx';

interface EstimateLine {
  id: string;
  /** What it is about, leading to more of it. */
  name: ReactNode;
  /** Null while it is being asked for. */
  estimate: ScoreEstimate | null;
  change: Change | null;
  /** Shares of the bins of its histogram, lowest first. */
  spread?: readonly number[] | undefined;
}

interface EstimateTableProps {
  label: string;
  /** Head of the first column. */
  head: string;
  lines: readonly EstimateLine[];
  /** False leaves the changes out. */
  compared: boolean;
}

/** Estimates with how sure they are. A table on a desk, cards on a phone. */
export function EstimateTable({ label, head, lines, compared }: EstimateTableProps) {
  const columns: { head: string; title: string; cell: (line: Filled) => ReactNode }[] = [
    { head: 'Mean', title: 'with its 95 % interval', cell: ({ estimate }) => <Mean estimate={estimate} /> },
    ...(lines.some(({ spread }) => spread !== undefined)
      ? [
          {
            head: 'Spread',
            title: 'which values there are: low ones on the left, high ones on the right',
            cell: ({ spread }: Filled) => (
              <SmallSpread
                shares={spread ?? []}
                className="inline-block h-5 w-24 border-b border-control align-middle text-accent"
              />
            ),
          },
        ]
      : []),
    ...(compared
      ? [
          {
            head: 'Change',
            title: 'in points, against the compared time',
            cell: ({ change }: Filled) => <ChangeCell change={change} />,
          },
        ]
      : []),
    {
      head: 'Scores',
      title: 'and the effective number',
      cell: ({ estimate }) => <Sizes estimate={estimate} />,
    },
    {
      head: 'Coverage',
      title: 'share of calls that was scored',
      cell: ({ estimate }) => <Coverage estimate={estimate} />,
    },
  ];
  return (
    <>
      <ScrollBox label={label} className="max-md:hidden">
        <table className="w-full">
          <caption className="sr-only">{label}</caption>
          <thead>
            <tr className="text-label text-muted">
              <th scope="col" className="h-8 px-4 text-left">
                {head}
              </th>
              {columns.map(column => (
                <th key={column.head} scope="col" title={column.title} className="h-8 pr-4 text-right">
                  {column.head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map(line => (
              <tr key={line.id} className="border-t border-line hover:bg-surface">
                <th scope="row" className="h-9 max-w-80 px-4 text-left font-normal pointer-coarse:h-11">
                  {line.name}
                </th>
                {columns.map(column => (
                  <td key={column.head} className="h-9 pr-4 text-right">
                    {isFilled(line) && column.cell(line)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <ul className="md:hidden">
        {lines.map(line => (
          <li key={line.id} className="border-t border-line px-4 py-2 first:border-t-0">
            <div className="min-w-0">{line.name}</div>
            <dl className="grid grid-cols-2 gap-x-3 gap-y-1">
              {columns.map(column => (
                <div key={column.head} className="min-w-0">
                  <dt className="text-label text-muted">{column.head}</dt>
                  <dd className="min-h-5">{isFilled(line) && column.cell(line)}</dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
      </ul>
    </>
  );
}

type Filled = EstimateLine & { estimate: ScoreEstimate };
const isFilled = (line: EstimateLine): line is Filled => line.estimate !== null;
