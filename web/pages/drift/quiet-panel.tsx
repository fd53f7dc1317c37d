import type { QuietDriftList, QuietFinding, QuietKind, QuietSeries } from '#contract/quiet-drift.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { day, viewerZone } from '../../clock.ts';
import { Note } from '../../states/note.tsx';
import { type Asked, Panel } from '../../states/panel.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { ScrollBox } from '../../ui/scroll-box.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { latestText } from './words.ts';

const titles: Record<QuietKind, string> = {
  usage: 'Usage against its season',
  fairness: 'Gaps between cohorts, by the day',
};

const nothing: Record<QuietKind, string> = {
  usage: 'Usage is read once the first calls have been rolled up.',
  fairness: 'No cohorts are watched, or none is large enough yet.',
};

interface QuietPanelProps {
  kind: QuietKind;
  query: Asked<QuietDriftList>;
  /** Whether somebody is told of it. */
  notifies: boolean | undefined;
}

/** Series that are judged like any other and page nobody by themselves. */
export function QuietPanel({ kind, query, notifies }: QuietPanelProps) {
  return (
    <Panel
      title={titles[kind]}
      what={kind === 'usage' ? 'usage' : 'the gaps'}
      query={query}
      height={120}
      empty={data => (data.series.some(one => one.kind === kind) ? null : <Note title={nothing[kind]} />)}
    >
      {data => {
        const findings = data.findings.filter(one => one.kind === kind);
        const series = data.series.filter(one => one.kind === kind);
        return (
          <>
            <p className="px-4 pb-2 text-muted">
              {notifies ? 'Changes are sent to the channels of their route.' : 'Shown here, sent to nobody.'}
            </p>
            <Findings findings={findings.filter(({ closed_at }) => closed_at === null)} />
            <SeriesList kind={kind} series={series} />
            {findings.some(({ closed_at }) => closed_at !== null) && (
              <div className="border-t border-line px-4 py-2">
                <Disclosure summary="Over in the last four weeks">
                  <Findings findings={findings.filter(({ closed_at }) => closed_at !== null)} />
                </Disclosure>
              </div>
            )}
          </>
        );
      }}
    </Panel>
  );
}

function Findings({ findings }: { findings: readonly QuietFinding[] }) {
  if (findings.length === 0) return null;
  const zone = viewerZone();
  return (
    <ul className="px-4 pb-3">
      {findings.map(({ id, text, changed_at, closed_at, environment, direction, kind, retracted }) => (
        <li key={id} className="flex items-start gap-2 py-1">
          <StatusIcon status={kind === 'usage' && direction === 'up' ? 'neutral' : 'warning'} />
          <span className="min-w-0 break-words">
            {text}, since {day(Date.parse(changed_at), zone)}
            {closed_at && ` until ${day(Date.parse(closed_at), zone)}`}
            {retracted && '. Retracted: data that came late do not support it'}
            {environment && <span className="text-muted"> in {environment}</span>}.
          </span>
        </li>
      ))}
    </ul>
  );
}

function SeriesList({ kind, series }: { kind: QuietKind; series: readonly QuietSeries[] }) {
  const what = kind === 'usage' ? 'Last whole day' : 'Last day';
  return (
    <ScrollBox label={`Table: ${titles[kind]}`} className="max-h-96">
      <table className="w-full">
        <caption className="sr-only">{titles[kind]}, the last four weeks</caption>
        <thead className="sticky top-0 bg-bg text-label text-muted">
          <tr>
            <th scope="col" className="h-8 px-4 text-left">
              {kind === 'usage' ? 'Feature' : 'Cohort'}
            </th>
            <th scope="col" className="h-8 pr-4 text-left max-md:hidden">
              Four weeks
            </th>
            <th scope="col" className="h-8 pr-4 text-right">
              {what}
            </th>
          </tr>
        </thead>
        <tbody>
          {series.map(one => (
            <tr
              key={JSON.stringify([one.feature, one.environment, one.metric, one.cohort_by, one.cohort])}
              className="border-t border-line"
            >
              <th scope="row" className="px-4 py-1.5 text-left font-normal">
                <span className="block break-words">
                  {kind === 'usage' ? one.feature || '(no feature)' : one.cohort || '(none)'}
                </span>
                <span className="block text-label text-muted">{below(one)}</span>
              </th>
              <td className="pr-4 max-md:hidden">
                <Sparkline
                  points={one.points.map(({ at, value }) => [Date.parse(at), value])}
                  className={`h-6 w-32 ${one.state === 'drifting' ? 'text-warning' : 'text-muted'}`}
                />
              </td>
              <td className="pr-4 text-right whitespace-nowrap">
                {one.state === 'drifting' && <span className="sr-only">Drifting: </span>}
                <span className={one.state === 'drifting' ? 'font-semibold text-warning' : undefined}>
                  {latestText(one)}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

const below = ({ kind, metric_label, environment, feature, cohort_by }: QuietSeries) =>
  kind === 'usage'
    ? [metric_label, environment].filter(Boolean).join(', ')
    : `${metric_label}, ${feature || 'all features'}, by ${cohort_by.replace(/^attribute:/, '')}`;
