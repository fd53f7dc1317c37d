import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { ago, day } from '../../clock.ts';
import { useOnboarding, useReportingZone } from '../../data/onboarding.ts';
import { type Outcomes, useOutcomes } from '../../data/outcomes.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import { Panel } from '../../states/panel.tsx';
import { controlClasses } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';
import { SpendLinks } from '../spend/spend-links.tsx';
import { AdoptionPart } from './adoption.tsx';
import { OutcomeChart } from './outcome-chart.tsx';
import { OutcomeTable } from './outcome-table.tsx';
import { OutcomeTiles } from './outcome-tiles.tsx';
import { dimensionLabels, dimensions, type OutcomesSearch, rangeLabels, ranges } from './search.ts';
import { SendOutcomes } from './send-outcomes.tsx';
import { Unjoined } from './unjoined.tsx';

/** Is it worth what it costs, and who uses it? */
export function OutcomesPage() {
  const search = useSearch({ from: '/spend/outcomes' });
  const navigate = useNavigate({ from: '/spend/outcomes' });
  const change = (part: OutcomesSearch) =>
    void navigate({ search: before => ({ ...before, ...part }), replace: true });
  const range = search.r ?? '12w';
  const by = search.by ?? 'feature';
  const query = useOutcomes({ from: `now-${range}`, to: 'now', group_by: by, name: search.o ?? '' });
  const never = useOnboarding().data?.first_span === null;
  const { data } = query;
  return (
    <>
      <PageTitle
        title="Outcomes and adoption"
        actions={
          <div className="flex flex-wrap items-center gap-2">
            <Select
              label="Time"
              value={range}
              options={ranges.map(value => ({ value, label: rangeLabels[value] }))}
              onChange={r => change({ r: r === '12w' ? undefined : r })}
            />
            <Select
              label="Outcome"
              value={search.o ?? ''}
              options={kinds(data, search.o)}
              onChange={o => change({ o: o || undefined })}
            />
          </div>
        }
      >
        <Facts data={data} />
      </PageTitle>
      <SpendLinks to={['/spend', '/spend/reconcile']} />
      {never ? (
        <Note title="No data has arrived yet.">
          <Link to="/get-started" className={controlClasses('primary')}>
            Send the first span
          </Link>
        </Note>
      ) : !data ? (
        query.error ? (
          <Failure
            what="Could not load the outcomes."
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        ) : (
          <TileBoxes />
        )
      ) : (
        <>
          {data.names.length === 0 && data.unjoined.outcomes === 0 ? (
            <SendOutcomes />
          ) : (
            <>
              <OutcomeTiles data={data} />
              <Unjoined data={data} />
              <div className="mb-4">
                <OutcomeChart query={query} />
              </div>
              <Panel
                title={`Return by ${dimensionLabels[by].toLowerCase()}`}
                what="the table"
                query={query}
                height={120}
                className="mb-6"
                actions={
                  <Select
                    label="Group by"
                    value={by}
                    options={dimensions.map(value => ({ value, label: dimensionLabels[value] }))}
                    onChange={next => change({ by: next === 'feature' ? undefined : next })}
                  />
                }
                empty={now => (now.groups.length === 0 ? <Note title="No calls in this time." /> : null)}
              >
                {now => <OutcomeTable data={now} label={dimensionLabels[by]} />}
              </Panel>
            </>
          )}
          <AdoptionPart search={search} change={change} />
        </>
      )}
    </>
  );
}

/** The kinds there are; the chosen one stays even when the range has none of it. */
function kinds(data: Outcomes | undefined, chosen: string | undefined) {
  const names = new Set([...(data?.names.map(({ name }) => name) ?? []), ...(chosen ? [chosen] : [])]);
  return [{ value: '', label: 'All outcomes' }, ...[...names].map(value => ({ value, label: value }))];
}

function Facts({ data }: { data: Outcomes | undefined }) {
  const zone = useReportingZone();
  if (!data) return <p className="text-muted">&nbsp;</p>;
  const joined = data.joined_at === null ? null : Date.parse(data.joined_at);
  return (
    <p className="text-muted">
      {joined === null
        ? 'Outcomes are not joined to their calls yet.'
        : `Joined to their calls ${ago(joined, Date.now(), zone)}.`}{' '}
      Calls since {day(Date.parse(data.open_since), zone)} may still get outcomes. Days in {data.zone}.
    </p>
  );
}

function TileBoxes() {
  return (
    <div role="status" className="mb-4 grid grid-cols-2 gap-2 md:gap-3 lg:grid-cols-5">
      <span className="sr-only">Loading</span>
      {['outcomes', 'cost', 'value', 'return', 'coverage'].map(name => (
        <div key={name} className="h-[104px] rounded-card bg-surface last:max-lg:col-span-2" />
      ))}
    </div>
  );
}
