import { DAY_MS, day } from '../../clock.ts';
import type { Adoption } from '../../data/outcomes.ts';
import { format } from '../../format.ts';
import { ScrollBox } from '../../ui/scroll-box.tsx';

const WEEKS_SHOWN = 12;

/** Cohorts by the week users were first seen, and how many of them came back each week after: darker is more. */
export function RetentionGrid({ data }: { data: Adoption }) {
  const { cohorts, small_cohorts } = data;
  const weeks = Math.min(WEEKS_SHOWN, Math.max(...cohorts.map(({ active }) => active.length)));
  const running = mondayMs(data.to_day);
  return (
    <>
      <p className="px-4 pb-1 text-label text-muted">
        Users who came back, in % of their first week, by weeks later.
      </p>
      <ScrollBox label="Table of retention by week" className="relative px-4 pb-2">
        <table className="w-full border-separate border-spacing-0.5">
          <thead>
            <tr className="text-label text-muted">
              <th scope="col" className="pr-3 text-left whitespace-nowrap">
                First seen
              </th>
              <th scope="col" className="pr-3 text-right">
                Users
              </th>
              {Array.from({ length: weeks }, (_, week) => week).map(week => (
                <th key={week} scope="col" className="min-w-8 text-center" title={`${week} weeks later`}>
                  {week}
                  <span className="sr-only"> weeks later</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[...cohorts].reverse().map(({ week, users, active }) => (
              <tr key={week}>
                <th scope="row" className="pr-3 text-left font-normal whitespace-nowrap">
                  {day(Date.parse(week), 'UTC')}
                </th>
                <td className="pr-3 text-right">{format.count(users)}</td>
                {active.slice(0, weeks).map((count, at) => {
                  const isRunning = Date.parse(week) + at * 7 * DAY_MS === running;
                  return (
                    <Cell
                      // biome-ignore lint/suspicious/noArrayIndexKey: a week is its number
                      key={at}
                      share={count / users}
                      title={`${format.full(count)} of ${format.full(users)} users${isRunning ? ', still running' : ''}`}
                      running={isRunning}
                    />
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      {small_cohorts.cohorts > 0 && (
        <p className="px-4 pb-3 text-label text-muted">
          {format.full(small_cohorts.cohorts)} {small_cohorts.cohorts === 1 ? 'week' : 'weeks'} with fewer
          than five new users ({format.full(small_cohorts.users)} in all){' '}
          {small_cohorts.cohorts === 1 ? 'is' : 'are'} not shown.
        </p>
      )}
    </>
  );
}

/** Midnight (UTC) of the Monday of a day's week. */
function mondayMs(day: string): number {
  const ms = Date.parse(day);
  return ms - ((new Date(ms).getUTCDay() + 6) % 7) * DAY_MS;
}

function Cell({ share, title, running }: { share: number; title: string; running: boolean }) {
  // No darker than half of the accent: the text is read on every step, in both themes.
  return (
    <td
      title={title}
      className={`h-8 rounded-[3px] text-center text-label ${running ? 'hatch' : ''}`}
      style={{
        backgroundColor: `color-mix(in oklab, var(--accent) ${Math.round(4 + share * 46)}%, var(--bg))`,
      }}
    >
      {format.full(share * 100)}
      <span className="sr-only"> %</span>
    </td>
  );
}
