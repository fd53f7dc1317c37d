import type { ReactNode } from 'react';
import type { WindowTestRow } from '#contract/compare-tests.ts';
import { format } from '../../format.ts';
import { Disclosure } from '../../ui/disclosure.tsx';
import { ScrollBox } from '../../ui/scroll-box.tsx';
import { StatusIcon, statusText } from '../../ui/status.tsx';
import {
  betweenText,
  effectText,
  measureName,
  pText,
  relativeText,
  shapeText,
  sideText,
  testNames,
} from './test-words.ts';

interface TestsTableProps {
  rows: readonly WindowTestRow[];
  adjustment: 'bh' | 'by';
}

/** Effect first, then p. A table on a desk, cards on a phone. */
export function TestsTable({ rows, adjustment }: TestsTableProps) {
  const rest = rows.filter(({ differs }) => !differs);
  const columns: Column[] = [
    { head: 'Effect of B', title: 'with its 95 % interval', cell: row => <Effect row={row} /> },
    { head: 'A', title: 'value, and how many it is of', cell: row => <Side row={row} side="control" /> },
    { head: 'B', title: 'value, and how many it is of', cell: row => <Side row={row} side="candidate" /> },
    { head: 'p', title: 'of this row alone', cell: ({ p }) => (p === null ? '-' : pText(p)) },
    {
      head: 'p adjusted',
      title: adjustment === 'bh' ? 'Benjamini–Hochberg, over all rows' : 'Benjamini–Yekutieli, over all rows',
      cell: ({ p_adjusted: p }) => (p === null ? '-' : pText(p)),
    },
    { head: 'Verdict', title: 'by the adjusted p', cell: row => <Verdict row={row} /> },
  ];
  return (
    <>
      <ScrollBox label="Tests of all measures" className="max-md:hidden">
        <table className="w-full">
          <caption className="sr-only">Every measure of A and B, strongest effect first</caption>
          <thead>
            <tr className="text-label text-muted">
              <th scope="col" className="h-8 px-4 text-left">
                Measure
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
              <tr key={keyOf(row)} className="border-t border-line align-top">
                <th scope="row" className="px-4 py-2 text-left font-normal">
                  <Measure row={row} />
                </th>
                {columns.map(({ head, cell }) => (
                  <td key={head} className="py-2 pr-4 text-right">
                    {cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <div className="md:hidden">
        <Cards rows={rows.filter(({ differs }) => differs)} columns={columns} />
        {rest.length > 0 && (
          <div className="border-t border-line px-4 py-1">
            <Disclosure summary={`${format.full(rest.length)} show no difference`}>
              <div className="-mx-4">
                <Cards rows={rest} columns={columns} />
              </div>
            </Disclosure>
          </div>
        )}
      </div>
    </>
  );
}

interface Column {
  head: string;
  title: string;
  cell: (row: WindowTestRow) => ReactNode;
}

function Cards({ rows, columns }: { rows: readonly WindowTestRow[]; columns: readonly Column[] }) {
  return (
    <ul>
      {rows.map(row => (
        <li key={keyOf(row)} className="border-t border-line px-4 py-2 first:border-t-0">
          <Measure row={row} />
          <dl className="mt-1 grid grid-cols-2 gap-x-3 gap-y-1">
            {columns.map(({ head, cell }) => (
              <div key={head} className="min-w-0">
                <dt className="text-label text-muted">{head}</dt>
                <dd>{cell(row)}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}

const keyOf = ({ measure, test }: WindowTestRow) => `${measure} ${test}`;

function Measure({ row }: { row: WindowTestRow }) {
  const { what, name } = testNames[row.test];
  const note = [shapeText(row), row.note].filter(Boolean).join('. ');
  return (
    <>
      <span className="block font-semibold">{measureName(row.measure)}</span>
      <span className="block text-label text-muted">
        {what}, {name}
      </span>
      {note && <span className="block max-w-[44ch] text-label text-muted">{note}</span>}
    </>
  );
}

function Effect({ row }: { row: WindowTestRow }) {
  const relative = relativeText(format, row);
  return (
    <>
      <span className="block font-semibold whitespace-nowrap">
        {effectText(format, row)}
        {relative && <span className="font-normal text-muted"> ({relative})</span>}
      </span>
      <span className="block text-label text-muted md:whitespace-nowrap">{betweenText(format, row)}</span>
    </>
  );
}

function Side({ row, side }: { row: WindowTestRow; side: 'control' | 'candidate' }) {
  return (
    <>
      <span className="block break-words">{sideText(format, row, side)}</span>
      <span className="block text-label whitespace-nowrap text-muted" title={format.full(row[side].n)}>
        n = {format.count(row[side].n)}
      </span>
    </>
  );
}

function Verdict({ row: { p, differs } }: { row: WindowTestRow }) {
  if (p === null) return <span className="text-muted">not tested</span>;
  if (!differs) return <span className="text-muted">no difference shown</span>;
  return (
    <span className={`inline-flex items-center gap-1 md:whitespace-nowrap ${statusText.warning}`}>
      <StatusIcon status="warning" size={14} />
      differs
    </span>
  );
}
