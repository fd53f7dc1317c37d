import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import type { FeatureRow } from '#contract/feature.ts';
import type { Overview } from '../../data/overview.ts';
import type { Subject } from '../../delta.ts';
import { format } from '../../format.ts';
import { writeFilters } from '../../state/filters.ts';
import { useView } from '../../state/use-view.ts';
import { Empty } from '../../states/empty.tsx';
import { type Asked, Panel } from '../../states/panel.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { DeltaText } from './delta-text.tsx';
import { deltaOf, missingReason, subjectLabels, textOf } from './figures.ts';

const COLUMNS: Subject[] = ['quality', 'latency', 'spend', 'requests', 'errors'];

/** Features, the one that changed for the worse first. A table on a desk, cards on a phone. */
export function FeatureTable({ overview }: { overview: Asked<Overview> }) {
  return (
    <Panel
      title="Features, worst change first"
      what="the features"
      query={overview}
      height={160}
      empty={data =>
        data.features.length === 0 ? <Empty what="requests" dataUntil={data.data_until} /> : null
      }
    >
      {({ features }) => (
        <>
          <table className="w-full max-lg:hidden">
            <thead>
              <tr className="text-label text-muted">
                <th scope="col" className="h-8 px-4 text-left">
                  Feature
                </th>
                {COLUMNS.map(subject => (
                  <th
                    key={subject}
                    scope="col"
                    colSpan={2}
                    className="h-8 pr-[84px] text-right whitespace-nowrap"
                  >
                    {subjectLabels[subject]}
                  </th>
                ))}
                <th scope="col" className="h-8 px-4 text-right">
                  Alerts
                </th>
              </tr>
            </thead>
            <tbody>
              {features.map(row => (
                <tr key={row.feature} className="border-t border-line hover:bg-surface">
                  <th scope="row" className="h-10 max-w-60 px-4 text-left font-normal pointer-coarse:h-11">
                    <FeatureLink row={row} />
                  </th>
                  {COLUMNS.map(subject => (
                    <Fragment key={subject}>
                      <td className="h-10 text-right whitespace-nowrap">
                        <Figure row={row} subject={subject} />
                      </td>
                      <td className="h-10 w-[84px] min-w-[84px] pl-2">
                        <Change row={row} subject={subject} />
                      </td>
                    </Fragment>
                  ))}
                  <td className="h-10 px-4 text-right">
                    <AlertCount row={row} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <ul className="lg:hidden">
            {features.map(row => (
              <li key={row.feature} className="border-t border-line px-4 py-3 first:border-t-0">
                <div className="flex items-center justify-between gap-2">
                  <FeatureLink row={row} />
                  <AlertCount row={row} />
                </div>
                <dl className="mt-1 grid grid-cols-2 gap-x-4 gap-y-1 md:grid-cols-4">
                  {COLUMNS.slice(0, 4).map(subject => (
                    <div key={subject}>
                      <dt className="text-label text-muted">{subjectLabels[subject]}</dt>
                      <dd className="flex flex-wrap items-baseline gap-x-2">
                        <Figure row={row} subject={subject} />
                        <Change row={row} subject={subject} />
                      </dd>
                    </div>
                  ))}
                </dl>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

interface CellProps {
  row: FeatureRow;
  subject: Subject;
}

function FeatureLink({ row }: { row: FeatureRow }) {
  return (
    <Link
      to="/"
      search={{ f: writeFilters([{ dimension: 'feature', value: row.feature }]) }}
      className="inline-flex min-w-0 max-w-full items-center font-semibold hover:underline pointer-coarse:min-h-11"
    >
      <span className="truncate">{row.feature || '(no feature)'}</span>
    </Link>
  );
}

function Figure({ row: { now }, subject }: CellProps) {
  const scored =
    subject === 'quality' && now.scored_calls > 0
      ? `${format.full(now.scored_calls)} scored requests`
      : undefined;
  return <span title={missingReason(now, subject) ?? scored}>{textOf(now, subject)}</span>;
}

/** Only what moved is written out; what is steady stays quiet. */
function Change({ row: { now, previous }, subject }: CellProps) {
  const { view } = useView();
  if (view.cmp === 'none') return null;
  const delta = deltaOf(now, previous, subject);
  if (delta.arrow !== '=') return <DeltaText delta={delta} words={false} />;
  if (delta.word === '') return previous ? null : <span className="text-label text-muted">new</span>;
  return (
    <span className="text-label text-muted" title={`${delta.text}, ${delta.word}`}>
      =<span className="sr-only"> steady</span>
    </span>
  );
}

function AlertCount({ row }: { row: FeatureRow }) {
  if (row.firing_alerts === 0) return <span className="text-muted">0</span>;
  return (
    <Link to="/alerts" className="inline-flex items-center gap-1 text-critical hover:underline">
      <StatusIcon status="critical" size={14} />
      {row.firing_alerts}
      <span className="sr-only"> firing</span>
    </Link>
  );
}
