import type { ReactNode } from 'react';
import type { CompareCheck } from '#contract/compare.ts';
import { format } from '../../format.ts';
import { ScrollBox } from '../../ui/scroll-box.tsx';
import { StatusIcon, statusText } from '../../ui/status.tsx';
import {
  betweenText,
  differenceText,
  marginText,
  metricLabels,
  stateLabels,
  valueLabels,
  valueText,
} from './words.ts';

interface ChecksTableProps {
  checks: readonly CompareCheck[];
  control: string;
  candidate: string;
}

/** The figures behind the plot. A table on a desk, cards on a phone. */
export function ChecksTable({ checks, control, candidate }: ChecksTableProps) {
  const columns: { head: string; title?: string; cell: (check: CompareCheck) => ReactNode }[] = [
    { head: 'A', title: control, cell: check => <Value check={check} arm="control" /> },
    { head: 'B', title: candidate, cell: check => <Value check={check} arm="candidate" /> },
    { head: 'Difference', cell: check => <Difference check={check} /> },
    { head: 'Margin', title: 'how much worse is accepted', cell: check => marginText(format, check) },
    { head: 'State', cell: check => <State check={check} /> },
  ];
  return (
    <>
      <ScrollBox label="Figures of the comparison" className="max-md:hidden">
        <table className="w-full">
          <caption className="sr-only">
            Quality, latency, cost and errors of {control} (A) and {candidate} (B)
          </caption>
          <thead>
            <tr className="text-label text-muted">
              <th scope="col" className="h-8 px-4 text-left">
                Check
              </th>
              {columns.map(({ head, title }) => (
                <th key={head} scope="col" title={title} className="h-8 pr-4 text-right">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {checks.map(check => (
              <tr key={check.metric} className="border-t border-line align-top">
                <th scope="row" className="px-4 py-2 text-left font-normal">
                  <Metric check={check} />
                </th>
                {columns.map(({ head, cell }) => (
                  <td key={head} className="py-2 pr-4 text-right">
                    {cell(check)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <ul className="md:hidden">
        {checks.map(check => (
          <li key={check.metric} className="border-t border-line px-4 py-2 first:border-t-0">
            <Metric check={check} />
            <dl className="mt-1 grid grid-cols-2 gap-x-3 gap-y-1">
              {columns.map(({ head, cell }) => (
                <div key={head} className="min-w-0">
                  <dt className="text-label text-muted">{head}</dt>
                  <dd>{cell(check)}</dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
      </ul>
    </>
  );
}

function Metric({ check: { metric } }: { check: CompareCheck }) {
  return (
    <>
      <span className="block font-semibold">{metricLabels[metric]}</span>
      <span className="block text-label text-muted">{valueLabels[metric]}</span>
    </>
  );
}

function Value({ check, arm }: { check: CompareCheck; arm: 'control' | 'candidate' }) {
  const { value, calls, units } = check[arm];
  return (
    <>
      <span className="block whitespace-nowrap">{valueText(format, check.metric, value)}</span>
      <span
        className="block text-label whitespace-nowrap text-muted"
        title={`${format.full(calls)} calls of ${format.full(units)} users, sessions or traces`}
      >
        n = {format.count(calls)}
      </span>
    </>
  );
}

function Difference({ check }: { check: CompareCheck }) {
  return (
    <>
      <span className="block font-semibold whitespace-nowrap">
        {differenceText(format, check.metric, check.difference)}
      </span>
      <span
        className="block text-label whitespace-nowrap text-muted"
        title={`${format.percent(check.confidence)} sure, at every look at once`}
      >
        {betweenText(format, check)}
      </span>
    </>
  );
}

function State({ check: { state, calls_needed, sentence } }: { check: CompareCheck }) {
  const { word, status } = stateLabels[state];
  return (
    <>
      <span
        title={sentence}
        className={`inline-flex items-center gap-1 md:whitespace-nowrap ${statusText[status]}`}
      >
        <StatusIcon status={status} size={14} />
        {word}
      </span>
      {calls_needed !== null && calls_needed > 0 && (
        <span className="block text-label text-muted">{format.count(calls_needed)} calls to go</span>
      )}
    </>
  );
}
