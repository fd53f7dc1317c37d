import type { ReactNode } from 'react';
import { format } from '../../format.ts';
import { exactUsd } from '../../money.ts';
import { classes } from '../../ui/classes.ts';

interface TableProps {
  /** Names of the columns; the last is of money. On a phone those between the second and the last are left out. */
  head: readonly string[];
  children: ReactNode;
}

/** A table as in a book of accounts: rules between rows, figures right. */
export function Table({ head, children }: TableProps) {
  return (
    <table className="w-full border-collapse">
      <thead>
        <tr className="border-b border-ink text-label text-muted">
          {head.map((name, at) => (
            <th
              key={name}
              scope="col"
              className={classes(
                'py-1 font-normal',
                at === 0 ? 'text-left' : 'pl-3 text-right',
                hidden(at, head),
              )}
            >
              {name || <span className="sr-only">What</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

type Look = 'plain' | 'group' | 'detail' | 'subtotal' | 'total';

const LOOKS: Record<Look, string> = {
  plain: 'border-b border-line',
  group: 'font-semibold',
  detail: 'border-b border-line',
  subtotal: 'border-t-2 border-b border-t-ink border-b-line font-semibold',
  total: 'border-t border-b-4 border-double border-ink font-semibold',
};

interface RowProps {
  /** All but the last column; the first is what the row is about. */
  cells: readonly ReactNode[];
  /** Decimal USD; null where there is no price. */
  usd: string | null;
  look?: Look;
}

export function Row({ cells, usd, look = 'plain' }: RowProps) {
  const [what, ...figures] = cells;
  return (
    <tr className={LOOKS[look]}>
      <th
        scope="row"
        className={classes(
          'py-1 text-left align-top break-words print:py-0.5',
          look === 'detail' && 'pl-4',
          (look === 'plain' || look === 'detail') && 'font-normal',
        )}
      >
        {what}
      </th>
      {figures.map((figure, at) => (
        <td
          // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
          key={at}
          className={classes(
            'py-1 pl-3 text-right align-top whitespace-nowrap print:py-0.5',
            hidden(at + 1, [...cells, '']),
          )}
        >
          {figure}
        </td>
      ))}
      <td className="py-1 pl-3 text-right align-top whitespace-nowrap print:py-0.5">
        {usd === null ? <span className="text-warning">unpriced</span> : <Money usd={usd} />}
      </td>
    </tr>
  );
}

/** What is between calls and money is left to wide screens and to paper. */
const hidden = (at: number, columns: readonly unknown[]) =>
  at > 1 && at < columns.length - 1 ? 'max-md:hidden print:table-cell' : undefined;

/** An amount to the cent, in full on hover; `exact`: in full. */
export function Money({ usd, exact = false }: { usd: string; exact?: boolean }) {
  const full = exactUsd(usd);
  return <span title={full}>{exact ? full : format.usd(usd).replace('-', '−')}</span>;
}
