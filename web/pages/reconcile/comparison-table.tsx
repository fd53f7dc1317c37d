import { format, MISSING } from '../../format.ts';
import { exactUsd, nanosOf, signedUsd } from '../../money.ts';
import { ScrollBox } from '../../ui/scroll-box.tsx';

export interface ComparisonRow {
  key: string;
  name: string;
  theirs_usd: string | null;
  ours_usd: string | null;
  difference_usd: string;
  explained_usd: string;
  unexplained_usd: string;
  theirs_tokens: string | null;
  ours_tokens: string;
}

const money = (usd: string | null) => (
  <span title={usd === null ? 'the file does not say' : exactUsd(usd)}>{format.usd(usd)}</span>
);
const change = (usd: string) => <span title={exactUsd(usd)}>{signedUsd(usd)}</span>;
const tokens = (count: string | null) => (
  <span title={count === null ? 'the file does not say' : format.full(Number(count))}>
    {count === null ? MISSING : format.count(Number(count))}
  </span>
);

const columns: readonly { head: string; cell: (row: ComparisonRow) => React.ReactNode }[] = [
  { head: 'Theirs', cell: row => money(row.theirs_usd) },
  { head: 'Ours', cell: row => money(row.ours_usd) },
  { head: 'Difference', cell: row => change(row.difference_usd) },
  { head: 'Explained', cell: row => change(row.explained_usd) },
  {
    head: 'Unexplained',
    cell: row => (
      <span className={nanosOf(row.unexplained_usd) === 0n ? 'text-muted' : 'font-semibold text-warning'}>
        {change(row.unexplained_usd)}
      </span>
    ),
  },
  { head: 'Their tokens', cell: row => tokens(row.theirs_tokens) },
  { head: 'Our tokens', cell: row => tokens(row.ours_tokens) },
];

/** Theirs beside ours. A table on a desk, cards on a phone. */
export function ComparisonTable({ label, rows }: { label: string; rows: readonly ComparisonRow[] }) {
  return (
    <>
      <ScrollBox label={`${label}, theirs and ours`} className="max-h-[640px] max-lg:hidden">
        <table className="w-full">
          <thead className="sticky top-0 bg-bg">
            <tr className="text-label text-muted">
              <th scope="col" className="h-8 px-4 text-left">
                {label.replace(/s$/, '')}
              </th>
              {columns.map(({ head }) => (
                <th key={head} scope="col" className="h-8 pr-4 text-right whitespace-nowrap">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(row => (
              <tr key={row.key} className="border-t border-line hover:bg-surface">
                <th scope="row" className="h-8 max-w-96 truncate px-4 text-left font-normal">
                  {row.name}
                </th>
                {columns.map(({ head, cell }) => (
                  <td key={head} className="h-8 pr-4 text-right whitespace-nowrap">
                    {cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <ul className="lg:hidden">
        {rows.map(row => (
          <li key={row.key} className="border-t border-line px-4 py-2">
            <div className="truncate font-semibold">{row.name}</div>
            <dl className="grid grid-cols-3 gap-x-3 gap-y-1 text-label md:grid-cols-7">
              {columns.map(({ head, cell }) => (
                <div key={head} className="min-w-0">
                  <dt className="text-muted">{head}</dt>
                  <dd className="truncate">{cell(row)}</dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
      </ul>
    </>
  );
}
