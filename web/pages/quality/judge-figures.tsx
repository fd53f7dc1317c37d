import type { Agreement, JudgeHealth } from '#contract/judge.ts';
import { day, dayTime, viewerZone } from '../../clock.ts';
import { format } from '../../format.ts';
import { Disclosure } from '../../ui/disclosure.tsx';
import { ScrollBox } from '../../ui/scroll-box.tsx';
import { betweenText, pointsBetween } from './judge-words.ts';

type Judge = JudgeHealth['judges'][number];

/** How far the judge and people agree, each figure with its 95 % interval. */
export function AgreementFigures({ agreement }: { agreement: Agreement }) {
  if (agreement.n === 0) return null;
  const figures = [
    { name: 'Cohen\u2019s kappa, good or bad', text: betweenText(agreement.kappa) },
    { name: 'Weighted kappa, five steps', text: betweenText(agreement.weighted_kappa) },
    { name: 'Spearman\u2019s rank correlation', text: betweenText(agreement.spearman) },
    { name: 'Judge minus people', text: pointsBetween(agreement.bias) },
  ];
  return (
    <Disclosure summary={`Agreement with people on ${format.count(agreement.n)} calls`}>
      <dl className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1 pb-2 pl-5">
        {figures.map(({ name, text }) => (
          <div key={name} className="contents">
            <dt className="min-w-0 text-muted">{name}</dt>
            <dd className="text-right">{text}</dd>
          </div>
        ))}
      </dl>
    </Disclosure>
  );
}

/** What each anchor run found: how the same examples are scored now against when they were frozen. */
export function AnchorRuns({ drift }: { drift: NonNullable<Judge['drift']> }) {
  const zone = viewerZone();
  const last = drift.runs.slice(-10).reverse();
  if (last.length === 0) return null;
  return (
    <Disclosure
      summary={`${format.full(drift.anchors)} anchors, scored again ${drift.runs.length === 1 ? 'once' : `${format.full(drift.runs.length)} times`}`}
    >
      <dl className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1 pb-2 pl-5">
        <dt className="text-muted">Difference since they were frozen, at every look</dt>
        <dd className="text-right">{pointsBetween(drift)}</dd>
        {last.map(({ time, difference, scored }) => (
          <div key={time} className="contents">
            <dt className="text-muted">{dayTime(Date.parse(time), zone)}</dt>
            <dd className="text-right">
              {pointsBetween({ value: difference, low: null, high: null })} ({format.full(scored)} scored)
            </dd>
          </div>
        ))}
      </dl>
    </Disclosure>
  );
}

/** The daily mean of the judge, that of people, and the one by the other corrected. */
export function CorrectedDays({ score, daily }: Pick<Judge, 'score' | 'daily'>) {
  const labelled = daily.filter(one => one.labelled > 0).reverse();
  if (labelled.length === 0) return null;
  const zone = viewerZone();
  return (
    <Disclosure summary="Days, corrected by what people said">
      <ScrollBox label={`${score} by day, corrected`} className="max-h-72">
        <table className="w-full">
          <thead>
            <tr className="text-label text-muted">
              <th scope="col" className="h-8 pl-5 text-left">
                Day
              </th>
              <th scope="col" className="h-8 pr-3 text-right">
                Judge
              </th>
              <th scope="col" className="h-8 pr-3 text-right">
                People
              </th>
              <th scope="col" className="h-8 text-right">
                Corrected
              </th>
            </tr>
          </thead>
          <tbody>
            {labelled.map(one => (
              <tr key={one.time} className="border-t border-line">
                <th scope="row" className="h-8 pl-5 text-left font-normal whitespace-nowrap">
                  {day(Date.parse(one.time), zone)}
                </th>
                <td className="pr-3 text-right">{format.score(one.judge_mean)}</td>
                <td className="pr-3 text-right whitespace-nowrap">
                  {format.score(one.human_mean)}{' '}
                  <span className="text-label text-muted">n {format.count(one.labelled)}</span>
                </td>
                <td
                  className="text-right whitespace-nowrap"
                  title={one.value === null ? 'Fewer than ten labels' : undefined}
                >
                  {betweenText(one)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </Disclosure>
  );
}
