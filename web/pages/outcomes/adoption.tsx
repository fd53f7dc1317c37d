import { useCallback } from 'react';
import { ChartPanel, type Drawing } from '../../charts/chart-panel.tsx';
import type { ChartMarker } from '../../charts/markers.tsx';
import { DAY_MS, fromWall } from '../../clock.ts';
import { type Adoption, useAdoption } from '../../data/outcomes.ts';
import { format, MISSING } from '../../format.ts';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { FeatureUsers } from './feature-users.tsx';
import { RetentionGrid } from './retention-grid.tsx';
import type { OutcomesSearch, Period } from './search.ts';
import { Tile } from './tile.tsx';

const HEIGHT = 200;
const NO_MARKERS: ChartMarker[] = [];
const nothing = () => undefined;
const PERIODS: readonly { value: Period; label: string }[] = [
  { value: 'day', label: 'Day' },
  { value: 'week', label: 'Week' },
  { value: 'month', label: 'Month' },
];

interface AdoptionPartProps {
  search: OutcomesSearch;
  change: (part: OutcomesSearch) => void;
}

/** Who uses the features, beside what came of it. */
export function AdoptionPart({ search, change }: AdoptionPartProps) {
  const { feature } = search;
  const period = search.per ?? 'week';
  const query = useAdoption({ from: `now-${search.r ?? '12w'}`, to: 'now', period, feature: feature ?? '' });
  const draw = useCallback((data: Adoption) => usersDrawing(data, period), [period]);
  const { data } = query;
  return (
    <section aria-labelledby="adoption">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
        <div className="flex flex-wrap items-center gap-3">
          <h2 id="adoption" className="text-lead">
            Adoption{feature && ` of ${feature}`}
          </h2>
          {feature && <Button onClick={() => change({ feature: undefined })}>All features</Button>}
        </div>
        <Segmented
          label="Users per"
          value={period}
          options={PERIODS}
          onChange={per => change({ per: per === 'week' ? undefined : per })}
        />
      </div>
      {data && data.progress < 1 && (
        <p role="status" className="mb-3 flex items-start gap-2">
          <StatusIcon status="warning" />
          Days are being counted in {data.zone} ({format.percent(data.progress)} done): older ones are missing
          until then.
        </p>
      )}
      {data && <UserTiles data={data} />}
      <div className="mb-4">
        <ChartPanel
          title={`Active users per ${period}`}
          what="the users"
          query={query}
          empty={now => (now.periods.length === 0 ? <NoUsers now={now} /> : null)}
          draw={draw}
          height={HEIGHT}
          markers={NO_MARKERS}
          onZoom={nothing}
          onBack={nothing}
          onPick={nothing}
        />
      </div>
      <div className="grid grid-cols-1 gap-4 xl:grid-cols-2">
        <Panel
          title="Retention by week"
          what="the retention"
          query={query}
          height={160}
          empty={now => (now.cohorts.length === 0 ? <NoCohorts now={now} /> : null)}
        >
          {now => <RetentionGrid data={now} />}
        </Panel>
        <Panel
          title="Users by feature"
          what="the features"
          query={query}
          height={160}
          empty={now => (now.features.length === 0 ? <NoUsers now={now} /> : null)}
        >
          {now => <FeatureUsers data={now} onOpen={name => change({ feature: name || undefined })} />}
        </Panel>
      </div>
    </section>
  );
}

function UserTiles({ data }: { data: Adoption }) {
  const { daily_users: daily, weekly_users: weekly, monthly_users: monthly } = data;
  const last = data.periods.at(-1);
  const perUser = last && last.users > 0 ? last.sessions / last.users : null;
  return (
    <ul aria-label="Users" className="mb-4 grid grid-cols-2 gap-2 md:gap-3 lg:grid-cols-4">
      <Tile label="Daily users" figure={format.count(daily)} title={format.full(daily)}>
        today so far
      </Tile>
      <Tile label="Weekly users" figure={format.count(weekly)} title={format.full(weekly)}>
        in the last 7 days
      </Tile>
      <Tile label="Monthly users" figure={format.count(monthly)} title={format.full(monthly)}>
        {monthly > 0 ? `${format.percent(weekly / monthly)} of them in the last week` : 'in the last 30 days'}
      </Tile>
      <Tile label="Sessions per user" figure={perUser === null ? MISSING : format.plain(perUser)}>
        {last ? (last.running ? 'in the running period' : 'in the last period') : 'no users yet'}
      </Tile>
    </ul>
  );
}

function NoUsers({ now }: { now: Adoption }) {
  return (
    <Note title="No calls that name a user in this time.">
      {now.known_since === null && (
        <span>
          Put <code className="font-mono">user.id</code> on the spans, and active users and retention appear
          here.
        </span>
      )}
    </Note>
  );
}

function NoCohorts({ now }: { now: Adoption }) {
  const { cohorts, users } = now.small_cohorts;
  if (cohorts === 0) return <NoUsers now={now} />;
  return (
    <Note title="Too few users to show.">
      <span>
        {format.full(users)} new users in {format.full(cohorts)} weeks: weeks with fewer than five are not
        shown, as they would tell of persons.
      </span>
    </Note>
  );
}

const STEP_MS: Record<Period, number> = { day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS };

/** New users on top of those who came back. */
export function usersDrawing({ periods, zone }: Adoption, period: Period): Drawing {
  const starts = periods.map(({ start }) => fromWall(Date.parse(start), zone));
  const running = periods.findIndex(one => one.running);
  const last = periods.at(-1);
  return {
    label: last
      ? `${format.full(last.users)} users in the ${last.running ? 'running' : 'last'} ${period}, ${format.full(last.new_users)} of them new.`
      : 'No users.',
    series: [
      {
        name: 'Returning',
        color: 1,
        kind: 'bar',
        points: periods.map((one, at) => [starts[at] ?? 0, one.returning_users]),
      },
      {
        name: 'New',
        color: 2,
        kind: 'bar',
        points: periods.map((one, at) => [starts[at] ?? 0, one.new_users]),
      },
    ],
    scale: {
      fromMs: starts[0] ?? 0,
      toMs: (starts.at(-1) ?? 0) + STEP_MS[period],
      stepMs: STEP_MS[period],
      zone,
    },
    axis: { min: 0, ticks: () => value => format.count(value), value: value => format.full(value) },
    partialFromMs: running < 0 ? null : (starts[running] ?? null),
  };
}
