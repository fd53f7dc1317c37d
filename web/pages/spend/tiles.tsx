import { Link } from '@tanstack/react-router';
import { CircleHelp } from 'lucide-react';
import type { ReactNode } from 'react';
import type { BudgetWithState } from '#contract/budget.ts';
import type { SpendTotals } from '#contract/spend.ts';
import { useBudget } from '../../data/budgets.ts';
import type { MonthForecast, Spend } from '../../data/spend.ts';
import { delta } from '../../delta.ts';
import { format, MISSING } from '../../format.ts';
import { exactUsd, minusUsd, nanosOf, signedUsd } from '../../money.ts';
import { lastDay, monthWord } from '../../month.ts';
import type { Asked } from '../../states/panel.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { verdict } from '../budgets/words.ts';
import { DeltaText } from '../overview/delta-text.tsx';
import { partlyKnown, previousWords } from './header-words.ts';
import { perThousand } from './rows.ts';
import type { SpendView } from './use-spend-view.ts';

interface TilesProps {
  view: SpendView;
  now: Spend;
  before: Spend | undefined;
  /** Null: there is none; undefined: not known yet. */
  budget: BudgetWithState | null | undefined;
  forecast: Pick<Asked<MonthForecast>, 'data' | 'error'>;
  onExplain: (sheet: 'change' | 'calls') => void;
}

/** What we spend, whether we will exceed, and what a thousand requests cost. */
export function Tiles({ view, now, before, budget, forecast, onExplain }: TilesProps) {
  const { totals } = now;
  return (
    <ul aria-label="Totals" className="mb-4 grid grid-cols-2 gap-2 md:gap-3 lg:grid-cols-4">
      <Tile
        label={view.running ? 'Month to date' : monthWord(view.month)}
        figure={format.usd(totals.cost_usd)}
        title={exactUsd(totals.cost_usd)}
        action={
          <button
            type="button"
            aria-label="How was this computed?"
            title="How was this computed?"
            onClick={() => onExplain('calls')}
            className="-m-2 inline-flex size-8 items-center justify-center rounded-control text-muted hover:text-ink pointer-coarse:size-11"
          >
            <CircleHelp size={16} aria-hidden />
          </button>
        }
      >
        <Uncertain totals={totals} />
      </Tile>
      {view.running ? (
        <ForecastTile view={view} asked={forecast} filling={now.meta.backfill !== null} />
      ) : (
        <ChangeTile view={view} now={now} before={before} onExplain={onExplain} />
      )}
      <BudgetTile
        view={view}
        budget={budget}
        spentUsd={totals.high_usd ?? totals.bounded_high_usd ?? totals.cost_usd}
      />
      <UnitTile view={view} totals={totals} before={before?.totals} />
    </ul>
  );
}

interface TileProps {
  label: string;
  figure: string;
  title?: string | undefined;
  action?: ReactNode;
  children?: ReactNode;
}

function Tile({ label, figure, title, action, children }: TileProps) {
  return (
    <li className="relative min-h-[88px] min-w-0 rounded-card border border-line px-3 py-[11px]">
      <div className="flex items-start justify-between gap-2 text-label">
        <span className="font-semibold">{label}</span>
        {action}
      </div>
      <div className="truncate text-figure font-semibold max-sm:text-h1" title={title}>
        {figure}
      </div>
      <div className="text-label text-muted">{children}</div>
    </li>
  );
}

/** What calls without a price may add, and estimated tokens may be off by. */
function Uncertain({ totals }: { totals: SpendTotals }) {
  const { unpriced_calls, unbounded_calls, high_usd, bounded_high_usd, cost_usd } = totals;
  if (unbounded_calls) return <span className="text-warning">at least; some calls have no upper bound</span>;
  const high = high_usd ?? bounded_high_usd;
  if (!unpriced_calls && high !== null && nanosOf(high) !== nanosOf(cost_usd))
    return <span title={exactUsd(high)}>up to {format.usd(high)}; some tokens are estimates</span>;
  if (!unpriced_calls) return 'every call has a price';
  if (high === null || nanosOf(high) === nanosOf(cost_usd))
    return `${format.count(unpriced_calls)} calls unpriced`;
  return <span title={exactUsd(high)}>up to {format.usd(high)} with unpriced calls</span>;
}

interface ForecastTileProps {
  view: SpendView;
  asked: TilesProps['forecast'];
  /** Older data is not in the numbers yet. */
  filling: boolean;
}

function ForecastTile({ view, asked, filling }: ForecastTileProps) {
  const label = `Forecast ${lastDay(view.month)}`;
  const { data, error } = asked;
  const missing = filling ? 'when older data is added up' : 'no spend yet to go by';
  if (!data?.forecast)
    return (
      <Tile label={label} figure={MISSING}>
        {error ? 'could not be loaded' : data ? missing : ' '}
      </Tile>
    );
  const { forecast, basis } = data;
  const from = `${format.full(basis.days)} days`;
  return (
    <Tile
      label={label}
      figure={format.usd(forecast.p50_usd, 'chart')}
      title={`From ${from} of history: ${basis.method}`}
    >
      <span title="In 8 of 10 cases the month ends within this range">
        {format.usd(forecast.p10_usd, 'chart')} – {format.usd(forecast.p90_usd, 'chart')}
        {basis.quality === 'thin' ? `, from only ${from}` : ', 8 of 10'}
      </span>
    </Tile>
  );
}

interface ChangeTileProps extends Pick<TilesProps, 'view' | 'now' | 'before' | 'onExplain'> {}

function ChangeTile({ view, now, before, onExplain }: ChangeTileProps) {
  const was = before?.totals.cost_usd;
  const partly = partlyKnown(view);
  const known = was !== undefined && nanosOf(was) !== 0n && !partly;
  return (
    <Tile
      label={`Against ${previousWords(view)}`}
      figure={known ? signedUsd(minusUsd(now.totals.cost_usd, was)) : MISSING}
      title={known ? `${exactUsd(was)} before` : (partly ?? 'No spend in the month before')}
    >
      {known ? (
        <button
          type="button"
          className="text-left text-accent hover:underline"
          onClick={() => onExplain('change')}
        >
          from {format.usd(was)}: what was it made of?
        </button>
      ) : (
        (partly ?? 'no baseline')
      )}
    </Tile>
  );
}

interface BudgetTileProps {
  view: SpendView;
  budget: BudgetWithState | null | undefined;
  /** High bound of the month. */
  spentUsd: string;
}

function BudgetTile({ view, budget, spentUsd }: BudgetTileProps) {
  const past = useBudget(budget?.id ?? '', !!budget && !view.running).data?.past;
  if (budget === undefined) return <Tile label="Budget" figure={MISSING} />;
  if (budget === null)
    return (
      <Tile label="Budget" figure={MISSING}>
        <Link
          to="/budgets"
          search={{ edit: 'new', w: view.where || undefined }}
          className="text-accent hover:underline"
        >
          Set a monthly budget
        </Link>
      </Tile>
    );
  const period = past?.find(({ from }) => Date.parse(from) === view.fromMs);
  const used = view.running
    ? budget.state.used
    : period
      ? period.used
      : Number(spentUsd) / Number(budget.amount_usd);
  const { status, words } = verdict(budget);
  // Budgets count what may still turn out to be owed.
  const highBound = nanosOf(budget.state.spent_usd) !== nanosOf(budget.state.booked_usd);
  return (
    <Tile
      label="Budget used"
      figure={format.percent(used)}
      title={`of ${exactUsd(budget.amount_usd)}`}
      action={
        <Link to="/budgets" search={{ open: budget.id }} className="text-accent hover:underline">
          of {format.usd(budget.amount_usd, 'chart')}
        </Link>
      }
    >
      <UsedBar used={used} expected={view.running ? budget.state.elapsed : null} />
      {view.running && (
        <span className="mt-1 flex items-center gap-1">
          <StatusIcon status={status} size={14} />
          <span className="truncate" title={words}>
            {words}
          </span>
        </span>
      )}
      {view.running && highBound && <span>unpriced calls count at their most</span>}
    </Tile>
  );
}

/** How much is used, and how much of the time is over. */
function UsedBar({ used, expected }: { used: number; expected: number | null }) {
  const tone = used >= 1 ? 'bg-critical' : used >= 0.8 ? 'bg-warning' : 'bg-accent';
  return (
    <span className="relative mt-1 block h-1.5 rounded-full bg-surface" aria-hidden>
      <span
        className={`absolute inset-y-0 left-0 rounded-full ${tone}`}
        style={{ width: `${Math.min(100, used * 100)}%` }}
      />
      {expected !== null && (
        <span className="absolute -inset-y-0.5 w-0.5 bg-ink" style={{ left: `${expected * 100}%` }} />
      )}
    </span>
  );
}

interface UnitTileProps {
  view: SpendView;
  totals: SpendTotals;
  before: SpendTotals | undefined;
}

function UnitTile({ view, totals, before }: UnitTileProps) {
  const now = perThousand(totals.cost_usd, totals.calls);
  const was = before ? perThousand(before.cost_usd, before.calls) : null;
  const change = delta(format, 'spend', {
    now,
    before: was,
    calls: totals.calls ?? 0,
    baselineCalls: before?.calls ?? 0,
  });
  return (
    <Tile
      label="Cost per 1k requests"
      figure={format.usd(now)}
      title={`${format.full(totals.calls)} requests`}
    >
      <DeltaText delta={change} />
      {change.word && (
        <span className="max-sm:hidden">
          {' '}
          {change.word === 'steady' ? 'against' : 'than'} {previousWords(view)}
        </span>
      )}
    </Tile>
  );
}
