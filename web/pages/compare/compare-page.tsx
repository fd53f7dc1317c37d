import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { Comparison } from '#contract/compare.ts';
import type { Dimension } from '#contract/dimension.ts';
import { DAY_MS, dayTime, viewerZone } from '../../clock.ts';
import { useCompare } from '../../data/compare.ts';
import { csvFile, useDownload } from '../../data/download.ts';
import { useQuality } from '../../data/quality.ts';
import { useValues } from '../../data/series.ts';
import { format } from '../../format.ts';
import { dimensionLabels, writeFilters } from '../../state/filters.ts';
import { absolute, agoMs, instantMs, spanMs } from '../../state/range.ts';
import { useView } from '../../state/use-view.ts';
import { whereOf } from '../../state/view.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { useDocumentTitle } from '../../states/page-title.tsx';
import { Panel } from '../../states/panel.tsx';
import { Button, controlClasses } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { ArmsSpread } from './arms-spread.tsx';
import { ChecksTable } from './checks-table.tsx';
import { CourseChart } from './course-chart.tsx';
import { checksCsv } from './csv.ts';
import { IntervalPlot } from './interval-plot.tsx';
import { MarginsForm } from './margins-form.tsx';
import { PairsPanel } from './pairs-panel.tsx';
import { type Change, Pickers } from './pickers.tsx';
import { armOf, type CompareBy, type CompareSearch, isAttribute, presetMargins } from './search.ts';
import { suggested } from './suggest.ts';
import { TestsPanel } from './tests-panel.tsx';
import { Verdict } from './verdict.tsx';
import { WindowPickers } from './window-pickers.tsx';
import { controlWindow, type WindowChoice } from './windows.ts';

/** Is B better than A, surely? */
export function ComparePage() {
  useDocumentTitle('Compare');
  const search = useSearch({ from: '/compare' });
  const navigate = useNavigate({ from: '/compare' });
  const change: Change = part =>
    void navigate({ resetScroll: false, search: before => ({ ...before, ...part }) });
  const { a, b, w } = search;
  if (w) return <ComparedWindows search={{ ...search, w }} change={change} />;
  return (
    <>
      {a && b && a !== b ? (
        <Compared search={{ ...search, a, b }} change={change} />
      ) : (
        <>
          <h1 className="mb-4 text-h1">Compare two versions on live traffic</h1>
          <Mode search={search} change={change} />
          <Pickers search={search} change={change} />
          {a && a === b ? (
            <Note title="A and B are the same. Choose two different ones." />
          ) : (
            <Suggestion search={search} change={change} />
          )}
        </>
      )}
    </>
  );
}

/** Versions side by side, or one time against another. */
function Mode({ search, change }: { search: CompareSearch; change: Change }) {
  return (
    <div className="mb-3">
      <Segmented
        label="What is compared"
        value={search.w ? 'windows' : 'versions'}
        options={[
          { value: 'versions', label: 'Versions' },
          { value: 'windows', label: 'Windows of time' },
        ]}
        onChange={mode =>
          change(mode === 'windows' ? { w: 'before' } : { w: undefined, wf: undefined, wt: undefined })
        }
      />
    </div>
  );
}

function ComparedWindows({
  search,
  change,
}: {
  search: CompareSearch & { w: WindowChoice };
  change: Change;
}) {
  const { view } = useView();
  const control = controlWindow(view, search, Date.now());
  const request = {
    from: view.from,
    to: view.to,
    control_from: control.from,
    control_to: control.to,
    where: whereOf(view),
  };
  return (
    <>
      <h1 className="mb-4 text-h1">Compare two windows of time</h1>
      <Mode search={search} change={change} />
      <WindowPickers search={search} control={control} change={change} />
      <TestsPanel title="Every measure, tested once" request={request} />
    </>
  );
}

type Chosen = CompareSearch & { a: string; b: string };

function Compared({ search, change }: { search: Chosen; change: Change }) {
  const { view } = useView();
  const by = search.d ?? 'variant';
  const where = whereOf(view);
  const arms = {
    control: armOf(by, search.a),
    candidate: armOf(by, search.b),
    from: view.from,
    to: view.to,
    where,
  };
  const margin = (name: keyof typeof presetMargins) => (search[name] ?? presetMargins[name]) / 100;
  const query = useCompare({
    ...arms,
    score: search.score,
    quality_margin: margin('mq'),
    latency_margin: margin('ml'),
    cost_margin: margin('mc'),
    error_margin: margin('me'),
    candidate_share: search.share === undefined ? undefined : search.share / 100,
  });
  const { data, error } = query;
  const download = useDownload();
  return (
    <>
      {data ? (
        <Verdict data={data} />
      ) : (
        <>
          <h1 className="sr-only">Compare</h1>
          {error ? (
            <Failure what="Could not compare them." error={error} onRetry={() => void query.refetch()} />
          ) : (
            <div role="status">
              <span className="sr-only">Loading</span>
              <div className="shell-title" />
            </div>
          )}
        </>
      )}
      <Mode search={search} change={change} />
      <Pickers search={search} change={change} />
      <div className="mb-3 flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <MarginsForm key={`${search.a} ${search.b}`} search={search} change={change} />
        <ScorePicker chosen={search.score ?? data?.score ?? null} change={change} />
      </div>
      {data && (
        <>
          <Panel
            title={`${search.b} against ${search.a}`}
            what="the comparison"
            query={query}
            height={300}
            actions={
              <Button
                onClick={() =>
                  download.mutate(csvFile(`compare-${search.a}-${search.b}`, checksCsv(data, search)))
                }
              >
                Export CSV
              </Button>
            }
          >
            {found => (
              <>
                <IntervalPlot checks={found.checks} />
                <ChecksTable checks={found.checks} control={search.a} candidate={search.b} />
              </>
            )}
          </Panel>
          <div className="mt-3 grid gap-3 lg:grid-cols-2">
            <Arm name="Control (A)" by={by} value={search.a} arm={data.control} />
            <Arm name="Candidate (B)" by={by} value={search.b} arm={data.candidate} />
          </div>
          <div className="mt-3 grid items-start gap-3 lg:grid-cols-2">
            {!isAttribute(by) && <ArmsSpread by={by} a={search.a} b={search.b} score={data.score} />}
            <CourseChart query={query} />
          </div>
          {data.score !== null && (
            <div className="mt-3">
              <PairsPanel {...arms} score={data.score} a={search.a} b={search.b} />
            </div>
          )}
          <div className="mt-3">
            <TestsPanel title="Every measure, tested once" request={arms} />
          </div>
          <Notes data={data} />
        </>
      )}
    </>
  );
}

function ScorePicker({ chosen, change }: { chosen: string | null; change: Change }) {
  const { view } = useView();
  const found = useQuality({ from: view.from, to: view.to, where: whereOf(view) }).data?.scores ?? [];
  const names = [...new Set([...(chosen ? [chosen] : []), ...found.map(({ name }) => name)])];
  if (names.length < 2 || chosen === null) return null;
  return (
    <Select
      label="Score"
      value={chosen}
      options={names.map(value => ({ value, label: value }))}
      onChange={score => change({ score })}
    />
  );
}

interface ArmProps {
  name: string;
  by: CompareBy;
  value: string;
  arm: Comparison['control'];
}

/** One side: how much of it there is, since when, and the way to its traces. */
function Arm({ name, by, value, arm }: ArmProps) {
  const { view } = useView();
  const rest = view.filters.filter(({ dimension }) => dimension !== by);
  const time = (at: string | null) => (at === null ? '-' : dayTime(Date.parse(at), viewerZone()));
  const facts = [
    ['Calls', format.full(arm.calls)],
    ['Users, sessions or traces', format.full(arm.units)],
    ['Scored', format.full(arm.scored_calls)],
    ['Latency p50', format.latency(arm.latency_p50_ms)],
    ['Latency p95', format.latency(arm.latency_p95_ms)],
    ['First call', time(arm.first_call)],
    ['Last call', time(arm.last_call)],
  ] as const;
  return (
    <section aria-label={name} className="min-w-0 rounded-card border border-line p-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 className="min-w-0 truncate text-body">
          <span className="text-muted">{name}</span> <span className="font-semibold">{value}</span>
        </h2>
        {!isAttribute(by) && (
          <Link
            to="/traces"
            search={{ from: view.from, to: view.to, f: writeFilters([...rest, { dimension: by, value }]) }}
            className={controlClasses()}
          >
            Traces<span className="sr-only"> of {value}</span>
          </Link>
        )}
      </div>
      <dl className="mt-2 grid grid-cols-2 gap-x-3 gap-y-1 md:grid-cols-4">
        {facts.map(([head, text]) => (
          <div key={head} className="min-w-0">
            <dt className="text-label text-muted">{head}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** What the reader should know; a start that moves can be fixed with one press. */
function Notes({ data }: { data: Comparison }) {
  const { view, setView } = useView();
  if (data.notes.length === 0) return null;
  const moves = agoMs(view.from) !== null;
  return (
    <section aria-label="Notes" className="mt-3 max-w-text text-muted">
      <ul className="list-disc pl-5">
        {data.notes.map(note => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      {moves && (
        <Button
          className="mt-2"
          onClick={() => {
            const fromMs = instantMs(view.from, Date.now());
            setView({ from: absolute(fromMs, fromMs).from, to: view.to });
          }}
        >
          Fix the start of the range
        </Button>
      )}
    </section>
  );
}

const noPair = (label: string, count: number) =>
  count === 0
    ? `No request names a ${label} in this time range.`
    : `There are no two ${label}s of one kind in this time range.`;

/** The two most used values, to begin with. */
function Suggestion({ search, change }: { search: CompareSearch; change: Change }) {
  const by = search.d ?? 'variant';
  return isAttribute(by) ? (
    <Note title="Name the attribute, and its values of control and candidate.">
      <span>
        It may be on any span of a request or on the resource, e.g. rollout.phase or
        feature_flag.result.variant.
      </span>
    </Note>
  ) : (
    <SuggestedPair by={by} change={change} />
  );
}

function SuggestedPair({ by, change }: { by: Dimension; change: Change }) {
  const { view, setView } = useView();
  const longer = spanMs(view, Date.now()) < 30 * DAY_MS;
  const { data, error, refetch } = useValues(view, by, true);
  if (error)
    return <Failure what="Could not load what there is." error={error} onRetry={() => void refetch()} />;
  if (!data) return null;
  const label = dimensionLabels[by].toLowerCase();
  const pair = suggested(by, data);
  if (!pair)
    return (
      <Note title={noPair(label, data.filter(({ value }) => value).length)}>
        {longer && <Button onClick={() => setView({ from: 'now-30d', to: 'now' })}>Look at 30 days</Button>}
        {by !== 'prompt' && (
          <Button onClick={() => change({ d: 'prompt', a: undefined, b: undefined })}>
            Compare by prompt version
          </Button>
        )}
      </Note>
    );
  return (
    <Note title="Choose a control and a candidate.">
      <Button look="primary" className="max-w-full" onClick={() => change(pair)}>
        <span className="truncate">
          Compare {pair.b} with {pair.a}
        </span>
      </Button>
    </Note>
  );
}
