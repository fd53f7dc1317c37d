import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { BudgetWithState } from '#contract/budget.ts';
import type { Spend } from '../../data/spend.ts';
import { format, MISSING } from '../../format.ts';
import { changeOf, exactUsd, minusUsd, shareOf, signedUsd } from '../../money.ts';
import { ScrollBox } from '../../ui/scroll-box.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { budgetOf } from './budget-of.ts';
import { partlyKnown, previousWords } from './header-words.ts';
import { isUnpriced, unpricedCallsWords } from './reasons.ts';
import {
  cachedShare,
  inputTokens,
  outputTokens,
  perThousand,
  restOf,
  type TableRow,
  type Units,
} from './rows.ts';
import { groupLabels } from './search.ts';
import type { SpendView } from './use-spend-view.ts';
import { isDimension } from './where.ts';
import { isPiece, kindLabels, valueLabel } from './words.ts';

interface SpendTableProps {
  view: SpendView;
  now: Spend;
  rows: readonly TableRow[];
  budgets: readonly BudgetWithState[] | undefined;
  onOpen: (sheet: 'change' | 'calls', key?: string) => void;
}

interface Column {
  head: string;
  title?: string;
  /** A card leaves out what its row does not have. */
  known?: (row: TableRow) => boolean;
  cell: (row: TableRow) => ReactNode;
  total?: (spend: Spend) => ReactNode;
}

/** Every group with its cost, and a last row that is the month's total. A table on a desk, cards on a phone. */
export function SpendTable(props: SpendTableProps) {
  const { view, now, rows, onOpen } = props;
  const columns = columnsOf(props);
  const rest = restOf(now);
  const label = groupLabels[view.by];
  return (
    <>
      <ScrollBox label={`Table of spend by ${label.toLowerCase()}`} className="max-lg:hidden">
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
                <th scope="row" className="h-8 max-w-72 px-4 text-left font-normal pointer-coarse:h-11">
                  <Name view={view} row={row} onOpen={onOpen} />
                </th>
                {columns.map(({ head, cell }) => (
                  <td key={head} className="h-8 pr-4 text-right whitespace-nowrap">
                    {cell(row)}
                  </td>
                ))}
              </tr>
            ))}
            {rest !== null && (
              <tr className="border-t border-line text-muted">
                <th scope="row" className="h-8 px-4 text-left font-normal">
                  Others, below the first {format.full(rows.length)}
                </th>
                <td className="h-8 pr-4 text-right" title={exactUsd(rest)}>
                  {format.usd(rest)}
                </td>
                <td colSpan={columns.length - 1} />
              </tr>
            )}
          </tbody>
          <tfoot>
            <tr className="border-t-2 border-line font-semibold">
              <th scope="row" className="h-9 px-4 text-left">
                Total
              </th>
              {columns.map(({ head, total }) => (
                <td key={head} className="h-9 pr-4 text-right whitespace-nowrap">
                  {total?.(now)}
                </td>
              ))}
            </tr>
          </tfoot>
        </table>
      </ScrollBox>
      <Cards {...props} columns={columns} rest={rest} />
    </>
  );
}

interface CardsProps extends SpendTableProps {
  columns: readonly Column[];
  rest: string | null;
}

function Cards({ view, now, rows, onOpen, columns, rest }: CardsProps) {
  const [cost, share, ...others] = columns;
  return (
    <ul className="lg:hidden">
      {rows.map(row => (
        <li key={row.key} className="border-t border-line px-4 py-2 first:border-t-0">
          <div className="flex items-center justify-between gap-3">
            <span className="min-w-0 truncate font-semibold">
              <Name view={view} row={row} onOpen={onOpen} />
            </span>
            <span className="font-semibold whitespace-nowrap">{cost?.cell(row)}</span>
          </div>
          <dl className="grid grid-cols-3 gap-x-3 gap-y-1 text-label md:grid-cols-6">
            {[share, ...others].map(
              column =>
                column &&
                column.known?.(row) !== false && (
                  <div key={column.head} className="min-w-0">
                    <dt className="text-muted">{column.head}</dt>
                    <dd className="truncate">{column.cell(row)}</dd>
                  </div>
                ),
            )}
          </dl>
        </li>
      ))}
      {rest !== null && (
        <li className="flex justify-between border-t border-line px-4 py-2 text-muted">
          <span>Others, below the first {format.full(rows.length)}</span>
          <span>{format.usd(rest)}</span>
        </li>
      )}
      <li className="flex justify-between border-t-2 border-line px-4 py-2 font-semibold">
        <span>Total</span>
        <span title={exactUsd(now.totals.cost_usd)}>{format.usd(now.totals.cost_usd)}</span>
      </li>
    </ul>
  );
}

function Name({ view, row, onOpen }: { view: SpendView; row: TableRow; onOpen: SpendTableProps['onOpen'] }) {
  const name = valueLabel(view.by, row.key);
  if (view.by === 'user') return <span className="block truncate">{name}</span>;
  return (
    <button
      type="button"
      title={`${name}: how was this computed?`}
      className="inline-flex max-w-full items-center hover:underline pointer-coarse:min-h-11"
      onClick={() => onOpen('calls', row.key)}
    >
      <span className="truncate">{name}</span>
    </button>
  );
}

function columnsOf({ view, now, budgets, onOpen }: SpendTableProps): Column[] {
  const total = now.totals.cost_usd;
  const partly = partlyKnown(view);
  const columns: Column[] = [
    {
      head: 'Cost',
      cell: ({ now: { cost_usd, unpriced_calls } }) =>
        isUnpriced(cost_usd, unpriced_calls ?? 0) ? (
          <span className="text-warning" title={unpricedCallsWords(unpriced_calls ?? 0)}>
            unpriced
          </span>
        ) : (
          <Money usd={cost_usd} />
        ),
      total: () => <Money usd={total} />,
    },
    {
      head: 'Share',
      cell: ({ now: { cost_usd, unpriced_calls } }) =>
        isUnpriced(cost_usd, unpriced_calls ?? 0) ? MISSING : sharePercent(shareOf(cost_usd, total)),
      total: () => format.percent(1),
    },
    {
      head: `vs ${previousWords(view)}`,
      cell: row =>
        partly ? (
          <span title={`${partly}: ${format.usd(row.before?.cost_usd)}`}>{MISSING}</span>
        ) : (
          <Change row={row} onOpen={isDimension(view.by) ? () => onOpen('change', row.key) : undefined} />
        ),
    },
  ];
  if (view.by === 'kind') return [...columns, ...kindColumns];
  if (view.by !== 'user') columns.push(...tokenColumns);
  columns.push({
    head: '$/1k requests',
    cell: ({ now: { cost_usd, calls, unpriced_calls } }) => (
      <span title={`${format.full(calls)} requests`}>
        {isUnpriced(cost_usd, unpriced_calls ?? 0) ? MISSING : format.usd(perThousand(cost_usd, calls))}
      </span>
    ),
    total: spend => format.usd(perThousand(total, spend.totals.calls)),
  });
  const { by } = view;
  if (!isDimension(by) || !view.running) return columns;
  const budget = (row: TableRow) =>
    budgetOf(budgets, [...view.conditions, { dimension: by, value: row.key }]);
  if (budgets?.some(({ filter }) => filter.some(({ dimension }) => dimension === by)))
    columns.push({
      head: 'Budget',
      known: row => budget(row) !== null,
      cell: row => <BudgetUse budget={budget(row)} />,
    });
  return columns;
}

/** Below a hundredth of a percent the digits say nothing. */
const sharePercent = (share: number | null) =>
  share !== null && share > 0 && share < 0.0001 ? `<${format.percent(0.0001)}` : format.percent(share);

function Money({ usd }: { usd: string }) {
  return <span title={exactUsd(usd)}>{format.usd(usd)}</span>;
}

const kindColumns: Column[] = [
  {
    head: 'Units',
    cell: ({ now: { units }, key }) => (
      <span title={format.full(units)}>
        {format.count(units)} {isPiece(key) ? '' : 'tokens'}
      </span>
    ),
  },
  {
    head: 'Average price',
    cell: ({ now: { units, cost_usd }, key }) =>
      units
        ? `${format.usd((Number(cost_usd) / units) * (isPiece(key) ? 1e3 : 1e6))} / ${isPiece(key) ? '1k' : '1M'}`
        : MISSING,
  },
];

const tokenColumns: Column[] = [
  {
    head: 'Input tokens',
    title: 'Cached ones too',
    cell: ({ units }) => <Tokens units={units} of={inputTokens} />,
  },
  {
    head: 'Output tokens',
    title: 'Reasoning too',
    cell: ({ units }) => <Tokens units={units} of={outputTokens} />,
  },
  {
    head: 'Cached',
    title: 'Share of the input that came from a cache',
    cell: ({ units }) => format.percent(units ? cachedShare(units) : null),
  },
];

/** The sum, and its parts by kind on hover. */
function Tokens({ units, of }: { units: Units | null; of: (units: Units) => number }) {
  if (!units) return MISSING;
  const parts = [...units]
    .filter(([, count]) => count > 0)
    .map(
      ([kind, count]) =>
        `${Object.hasOwn(kindLabels, kind) ? kindLabels[kind as keyof typeof kindLabels] : kind}: ${format.full(count)}`,
    );
  return <span title={parts.join('\n')}>{format.count(of(units))}</span>;
}

/** Relative change; leads to what it was made of. */
function Change({ row: { now, before }, onOpen }: { row: TableRow; onOpen: (() => void) | undefined }) {
  if (!before) return <span className="text-muted">new</span>;
  const change = changeOf(now.cost_usd, before.cost_usd);
  const text =
    change === null
      ? MISSING
      : Math.abs(change) < 0.0005
        ? '='
        : change > 2
          ? `×${format.plain(change + 1)}`
          : `${change > 0 ? '+' : '−'}${format.percent(Math.abs(change))}`;
  const title = `${signedUsd(minusUsd(now.cost_usd, before.cost_usd))} from ${format.usd(before.cost_usd)}`;
  if (!onOpen) return <span title={title}>{text}</span>;
  return (
    <button
      type="button"
      title={`${title}: what was it made of?`}
      className="hover:underline"
      onClick={onOpen}
    >
      {text}
    </button>
  );
}

function BudgetUse({ budget }: { budget: BudgetWithState | null }) {
  if (!budget) return MISSING;
  const { used, breach } = budget.state;
  const status = used >= 1 ? 'critical' : (breach?.probability ?? 0) >= 0.5 ? 'warning' : 'neutral';
  return (
    <Link
      to="/budgets"
      search={{ open: budget.id }}
      className="inline-flex items-center gap-1 hover:underline"
      title={`of ${format.usd(budget.amount_usd)}`}
    >
      <StatusIcon status={status} size={14} />
      {format.percent(used)}
    </Link>
  );
}
