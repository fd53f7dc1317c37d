import { type ReactNode, useRef } from 'react';
import type { Fairness, ParityGap, ParityMeasure } from '#contract/fairness.ts';
import { useNear } from '../../charts/use-size.ts';
import { csvFile, useDownload } from '../../data/download.ts';
import { useFairness } from '../../data/quality.ts';
import { format } from '../../format.ts';
import { dimensionLabels } from '../../state/filters.ts';
import { useView } from '../../state/use-view.ts';
import { whereOf } from '../../state/view.ts';
import { Empty } from '../../states/empty.tsx';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { ScrollBox } from '../../ui/scroll-box.tsx';
import { Select } from '../../ui/select.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { gapsCsv } from './csv.ts';
import { gapText, gapTitle, smallCellsText } from './gaps.ts';
import { cohortDimensions } from './search.ts';

const measures: Record<ParityMeasure, string> = {
  quality: 'Quality',
  refusal: 'Refused',
  latency: 'Slower than p95',
};
const measureNames = Object.keys(measures) as ParityMeasure[];

interface FairnessPanelProps {
  score: string | undefined;
  by: string;
  onBy: (by: string) => void;
}

/** Gaps of quality, refusal and latency between cohorts. */
export function FairnessPanel({ score, by, onBy }: FairnessPanelProps) {
  const { view } = useView();
  const download = useDownload();
  const box = useRef<HTMLDivElement>(null);
  const asked = { by, from: view.from, to: view.to, where: whereOf(view), score };
  const query = useFairness(asked, useNear(box));
  const known = cohortDimensions.map(value => ({ value: value as string, label: dimensionLabels[value] }));
  const options = known.some(({ value }) => value === by)
    ? known
    : [...known, { value: by, label: headOf(by) }];
  return (
    <div ref={box} className="min-w-0">
      <Panel
        title="Gaps between cohorts"
        what="the gaps"
        query={query}
        height={120}
        actions={
          <div className="flex flex-wrap gap-2">
            <Select label="Cohorts by" value={by} options={options} onChange={onBy} />
            <Button
              disabled={!query.data}
              onClick={() => query.data && download.mutate(csvFile('gaps', gapsCsv(query.data)))}
            >
              Export CSV
            </Button>
          </div>
        }
        empty={data => nothing(data)}
      >
        {data => (
          <>
            <p className="flex items-center gap-2 px-4 pb-2">
              <StatusIcon status={data.flagged > 0 ? 'warning' : 'neutral'} />
              {data.sentence}
            </p>
            <Gaps data={data} />
            <ul className="px-4 py-2 text-label text-muted">
              {[smallCellsText(format, data.small_cohorts), data.method, ...data.notes]
                .filter(Boolean)
                .map(text => (
                  <li key={text}>{text}</li>
                ))}
            </ul>
          </>
        )}
      </Panel>
    </div>
  );
}

/** `Tenant`, or the key of an attribute. */
const headOf = (by: string) =>
  (dimensionLabels as Record<string, string>)[by] ?? by.replace(/^attribute:/, '');

function nothing(data: Fairness): ReactNode {
  if (data.cohorts.length > 0) return null;
  if (data.small_cohorts.cohorts === 0) return <Empty what="requests" />;
  return (
    <Note title="Every cohort is too small to be shown.">
      <span>{smallCellsText(format, data.small_cohorts)}</span>
    </Note>
  );
}

function Gaps({ data }: { data: Fairness }) {
  const head = headOf(data.by);
  const gapOf = (gaps: readonly ParityGap[], measure: ParityMeasure) =>
    gaps.find(gap => gap.measure === measure);
  return (
    <>
      <ScrollBox label="Table of gaps" className="max-md:hidden">
        <table className="w-full">
          <caption className="sr-only">Each cohort against all others together</caption>
          <thead>
            <tr className="text-label text-muted">
              <th scope="col" className="h-8 px-4 text-left">
                {head}
              </th>
              <th scope="col" className="h-8 pr-4 text-right">
                Calls
              </th>
              {measureNames.map(measure => (
                <th key={measure} scope="col" className="h-8 pr-4 text-right whitespace-nowrap">
                  {measures[measure]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.cohorts.map(({ value, calls, gaps }) => (
              <tr key={value} className="border-t border-line">
                <th scope="row" className="h-9 max-w-60 truncate px-4 text-left font-normal">
                  {value || '(none)'}
                </th>
                <td className="h-9 pr-4 text-right">{format.count(calls)}</td>
                {measureNames.map(measure => (
                  <td key={measure} className="h-9 pr-4 text-right whitespace-nowrap">
                    <Gap gap={gapOf(gaps, measure)} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <ul className="md:hidden">
        {data.cohorts.map(({ value, calls, gaps }) => (
          <li key={value} className="border-t border-line px-4 py-2 first:border-t-0">
            <div className="flex justify-between gap-2">
              <span className="min-w-0 truncate font-semibold">{value || '(none)'}</span>
              <span className="text-muted">{format.count(calls)} calls</span>
            </div>
            <dl>
              {measureNames.map(measure => (
                <div key={measure} className="flex justify-between gap-2">
                  <dt className="text-muted">{measures[measure]}</dt>
                  <dd>
                    <Gap gap={gapOf(gaps, measure)} />
                  </dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
      </ul>
    </>
  );
}

function Gap({ gap }: { gap: ParityGap | undefined }) {
  if (!gap) return <span className="text-muted">-</span>;
  const bad = gap.flagged && gap.disadvantage;
  return (
    <span title={gapTitle(format, gap)} className={bad ? 'font-semibold text-warning' : undefined}>
      {bad && <span className="sr-only">To its disadvantage: </span>}
      {bad && <StatusIcon status="warning" size={14} />} {gapText(format, gap)}
    </span>
  );
}
