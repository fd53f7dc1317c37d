import { Link, useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { featuresRequest, type Quality, useEvaluators, useQuality } from '../../data/quality.ts';
import { format } from '../../format.ts';
import { absolute, intervalMs, spanMs } from '../../state/range.ts';
import { useView } from '../../state/use-view.ts';
import { comparedRange, whereOf } from '../../state/view.ts';
import { Failure } from '../../states/failure.tsx';
import { useDocumentTitle } from '../../states/page-title.tsx';
import type { Asked } from '../../states/panel.tsx';
import { useArrived } from '../../states/use-arrived.ts';
import { controlClasses } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { BucketSheet } from '../overview/bucket-sheet.tsx';
import { type Better, changeOf } from './change.ts';
import { FairnessPanel } from './fairness-panel.tsx';
import { type FeatureLine, FeaturePanel } from './feature-panel.tsx';
import { JudgePanel } from './judge-panel.tsx';
import { NoScores } from './no-scores.tsx';
import { ScorePanel } from './score-panel.tsx';
import { ScoreSpread } from './score-spread.tsx';
import { ScoringSheet } from './scoring-sheet.tsx';
import type { QualitySearch } from './search.ts';
import { trendInterval } from './trend.ts';
import { TrendChart } from './trend-chart.tsx';
import { basisText, betterOf, headline, intervalText } from './words.ts';

/** Which feature is getting better or worse? */
export function QualityPage() {
  useDocumentTitle('Quality');
  const { view, setView } = useView();
  const router = useRouter();
  const search = useSearch({ from: '/quality' });
  const navigate = useNavigate({ from: '/quality' });
  const change = (part: { [Name in keyof QualitySearch]: QualitySearch[Name] | undefined }) =>
    void navigate({ resetScroll: false, search: before => ({ ...before, ...part }) });
  const evaluators = useEvaluators();
  const query = useFeatures(search.score);
  const data = useArrived(query.data);
  const score = data?.score ?? null;
  const better = betterOf(score, evaluators.data?.evaluators);
  const features = useMemo(() => (data ? linesOf(data.now, data.before, better) : undefined), [data, better]);
  const names = useMemo(() => bySize(features ?? []), [features]);
  const stepMs = intervalMs(trendInterval(spanMs(view, Date.now())));
  const openScoring = () => change({ scoring: 'all' });
  return (
    <>
      <Answer query={query} features={features} better={better} onScore={name => change({ score: name })} />
      {data && score !== null && names.length > 0 && (
        <>
          <div className="grid gap-3 xl:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
            <TrendChart
              score={score}
              features={names}
              onZoom={(fromMs, toMs) => setView(absolute(fromMs, Math.max(toMs, fromMs + stepMs)))}
              onBack={() => router.history.back()}
              onPick={startMs => change({ b: absolute(startMs, 0).from })}
            />
            <ScoreSpread score={score} />
          </div>
          <FeaturePanel score={score} query={{ ...query, data: features }} compared={view.cmp !== 'none'} />
        </>
      )}
      {data && names.length === 0 && <NoScores onScoring={openScoring} />}
      {data && data.scores.length > 0 && (
        <ScorePanel evaluators={evaluators.data?.evaluators} onScoring={openScoring} />
      )}
      {data && (
        <div className="mt-3 grid items-start gap-3 xl:grid-cols-2">
          <FairnessPanel
            score={score ?? undefined}
            by={search.by ?? 'tenant'}
            onBy={by => change({ by: by === 'tenant' ? undefined : by })}
          />
          <JudgePanel />
        </div>
      )}
      <ScoringSheet
        opened={search.scoring ?? null}
        onClose={() => change({ scoring: undefined })}
        query={evaluators}
      />
      <BucketSheet
        startMs={search.b ? Date.parse(search.b) : null}
        stepMs={stepMs}
        onClose={() => change({ b: undefined })}
      />
    </>
  );
}

interface Features {
  score: string | null;
  scores: Quality['scores'];
  now: Quality['rows'];
  /** All features together. */
  total: Quality['total'];
  /** Null without a comparison, or until it has arrived. */
  before: Quality['rows'] | null;
  /** All features together in the compared time; null likewise. */
  totalBefore: Quality['total'];
}

function useFeatures(score: string | undefined): Asked<Features> {
  const { view } = useView();
  const where = whereOf(view);
  const range = comparedRange(view, Date.now());
  const asked = featuresRequest(view, where, score);
  const now = useQuality(asked);
  const chosen = score ?? now.data?.score ?? undefined;
  const before = useQuality(
    { ...asked, ...(range ?? {}), score: chosen },
    range !== null && chosen !== undefined,
  );
  const was = range === null ? undefined : before.data;
  // The answer says how it compares: shown before that is known it would grow a line and push the page down.
  const known = range === null || chosen === undefined || before.data !== undefined || before.isError;
  const data = useMemo(
    () =>
      now.data && known
        ? {
            score: now.data.score,
            scores: now.data.scores,
            now: now.data.rows,
            total: now.data.total,
            before: was?.rows ?? null,
            totalBefore: was?.total ?? null,
          }
        : undefined,
    [now.data, known, was],
  );
  return { ...now, data };
}

/** Scored features, the one that surely got worst first, then the largest. */
function linesOf(now: Quality['rows'], before: Quality['rows'] | null, better: Better): FeatureLine[] {
  const scored = now.filter(({ value }) => value !== null);
  const was = new Map(before?.map(row => [row.key.feature ?? '', row]));
  const lines = scored.map(row => {
    const feature = row.key.feature ?? '';
    return { feature, now: row, change: changeOf(row, was.get(feature) ?? null, better, scored.length) };
  });
  const loss = ({ change }: FeatureLine) => (change?.verdict === 'worse' ? Math.abs(change.difference) : 0);
  return lines.sort((a, b) => loss(b) - loss(a) || b.now.n - a.now.n);
}

const bySize = (lines: readonly FeatureLine[]) =>
  [...lines].sort((a, b) => b.now.n - a.now.n).map(({ feature }) => feature);

/** Boxes where the answer, its chart and its table will stand. */
function Waiting() {
  return (
    <div role="status">
      <h1 className="sr-only">Quality</h1>
      <span className="sr-only">Loading</span>
      <div className="shell-title" />
      <div className="appear h-[344px] rounded-card border border-line bg-surface" />
      <div className="appear mt-3 h-40 rounded-card border border-line bg-surface" />
    </div>
  );
}

interface AnswerProps {
  query: Asked<Features>;
  features: FeatureLine[] | undefined;
  better: Better;
  onScore: (name: string) => void;
}

/** The answer in one line, and of which score it is. */
function Answer({ query, features, better, onScore }: AnswerProps) {
  const { view } = useView();
  const { data, error } = query;
  if (!data || !features)
    return error ? (
      <>
        <h1 className="sr-only">Quality</h1>
        <Failure what="Could not load the scores." error={error} onRetry={() => void query.refetch()} />
      </>
    ) : (
      <Waiting />
    );
  const { total } = data;
  const compared = view.cmp !== 'none' && data.before !== null;
  const judged = features.map(({ feature, change }) => ({ name: feature || '(no feature)', change }));
  const { status, text } = headline(format, judged, {
    score: data.score ?? '',
    total,
    totalChange: total && changeOf(total, data.totalBefore, better),
    compared,
  });
  const names = [...new Set([...(data.score ? [data.score] : []), ...data.scores.map(({ name }) => name)])];
  const period = view.cmp === 'week' ? 'last week' : 'the previous period';
  const against = judged.some(({ change }) => change !== null)
    ? `against ${period}`
    : `no scores of ${period} to compare with`;
  const interval = total ? intervalText(format, total) : '';
  return (
    <section aria-label="Answer" className="mb-4 flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
      <div className="min-w-0">
        <h1 className="flex items-center gap-2 text-h1">
          <StatusIcon status={status} size={20} />
          {text}
        </h1>
        {total !== null && total.value !== null && data.score !== null && (
          <p className="max-w-text text-muted" title={basisText[total.basis]}>
            {data.score} {format.score(total.value)}
            {interval && ` (${interval})`} over all features, {format.percent(total.coverage)} of{' '}
            {format.count(total.calls)} calls scored
            {compared && `, ${against}`}.
          </p>
        )}
      </div>
      <div className="flex flex-wrap items-center gap-2">
        {names.length > 1 && data.score !== null && (
          <Select
            label="Score"
            value={data.score}
            options={names.map(value => ({ value, label: value }))}
            onChange={onScore}
          />
        )}
        <Link to="/compare" search={{ d: 'prompt' }} className={controlClasses()}>
          Compare versions
        </Link>
      </div>
    </section>
  );
}
