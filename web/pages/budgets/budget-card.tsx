import { Link } from '@tanstack/react-router';
import type { BudgetWithState } from '#contract/budget.ts';
import { exact } from '../../clock.ts';
import { format } from '../../format.ts';
import { exactUsd, nanosOf } from '../../money.ts';
import { controlClasses } from '../../ui/button.tsx';
import { StatusIcon, statusText } from '../../ui/status.tsx';
import { BurnLine } from './burn-line.tsx';
import {
  calibrationWords,
  ceilingWords,
  filterWords,
  paceWords,
  periodWords,
  unboundedWords,
  verdict,
} from './words.ts';

/** One budget: how much is used, where it goes, and how sure that is. */
export function BudgetCard({ budget, zone }: { budget: BudgetWithState; zone: string }) {
  const { state } = budget;
  const { status, words } = verdict(budget);
  const ceiling = ceilingWords(budget);
  const pace = paceWords(state);
  const isBound = nanosOf(state.booked_usd) !== nanosOf(state.spent_usd);
  const unbounded = unboundedWords(state);
  return (
    <article
      aria-label={budget.name}
      className="grid gap-x-8 gap-y-3 rounded-card border border-line p-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]"
    >
      <div className="min-w-0">
        <div className="flex items-start justify-between gap-3">
          <div className="min-w-0">
            <h2 className="truncate text-lead">{budget.name}</h2>
            <p className="text-muted">
              {filterWords(budget.filter)}, {periodWords(budget)}
            </p>
          </div>
          <span className="flex shrink-0 gap-1">
            <Link to="/budgets" search={{ open: budget.id }} className={controlClasses('quiet')}>
              History<span className="sr-only"> of {budget.name}</span>
            </Link>
            <Link to="/budgets" search={{ edit: budget.id }} className={controlClasses('plain')}>
              Edit<span className="sr-only"> {budget.name}</span>
            </Link>
          </span>
        </div>
        <p className="mt-2 flex flex-wrap items-baseline gap-x-2">
          <span className="text-figure font-semibold" title={exactUsd(state.spent_usd)}>
            {isBound && <span className="text-lead font-normal">up to </span>}
            {format.usd(state.spent_usd)}
            {state.at_least && <span className="text-lead font-normal"> or more</span>}
          </span>
          <span className="text-muted" title={exactUsd(budget.amount_usd)}>
            of {format.usd(budget.amount_usd)}, {format.percent(state.used)}
          </span>
        </p>
        <Used budget={budget} />
        <p className={`mt-2 flex items-center gap-2 font-semibold ${statusText[status]}`}>
          <StatusIcon status={status} />
          {words}
        </p>
        {pace && <p className="text-muted first-letter:uppercase">{pace}.</p>}
        {isBound && (
          <p className="text-muted">
            {format.usd(state.booked_usd)} of it is booked; the rest is how much more calls without a price,
            or without token counts, can have cost.
          </p>
        )}
        {unbounded && <p className="text-warning">{unbounded}</p>}
      </div>
      <div className="min-w-0">
        <BurnLine budget={budget} zone={zone} />
        <ul className="mt-2 text-muted">
          {state.forecast && (
            <li title={state.basis.note ?? undefined}>
              Will end between {format.usd(state.forecast.p10_usd)} and {format.usd(state.forecast.p90_usd)}{' '}
              in 8 of 10 cases, around {format.usd(state.forecast.p50_usd)}
              {state.basis.quality === 'thin' && ' (little history)'}.
            </li>
          )}
          {!state.forecast && state.basis.note && <li>{state.basis.note}</li>}
          <li>{calibrationWords(state)}.</li>
          {ceiling && (
            <li className="flex items-center gap-2">
              <StatusIcon status={ceiling.status} size={14} />
              {ceiling.words}
              {state.ceiling &&
                nanosOf(state.ceiling.reserved_usd) > 0n &&
                `; ${format.usd(state.ceiling.reserved_usd)} is out on leases`}
              .
            </li>
          )}
        </ul>
        <p className="mt-1 text-label text-muted">
          {state.as_of && (
            <span title={exact(Date.parse(state.as_of), zone)}>
              {format.percent(state.elapsed)} of the time is over
            </span>
          )}
        </p>
      </div>
    </article>
  );
}

/** The bar with its thresholds; the thin line is how much of the time is over. */
function Used({ budget: { state } }: { budget: BudgetWithState }) {
  const top = Math.max(1, ...state.thresholds.map(({ percent }) => percent / 100), Math.min(state.used, 2));
  const place = (part: number) => `${Math.min(100, (part / top) * 100)}%`;
  const tone =
    state.used >= 1 ? 'bg-critical' : (state.breach?.probability ?? 0) >= 0.5 ? 'bg-warning' : 'bg-accent';
  return (
    <div className="mt-1">
      <div className="relative h-2 rounded-full bg-surface" aria-hidden>
        <span
          className={`absolute inset-y-0 left-0 rounded-full ${tone}`}
          style={{ width: place(state.used) }}
        />
        {state.thresholds.map(({ percent }) => (
          <span
            key={percent}
            className="absolute inset-y-0 w-px bg-control"
            style={{ left: place(percent / 100) }}
          />
        ))}
        <span
          className="absolute -inset-y-1 w-0.5 bg-ink"
          title={`${format.percent(state.elapsed)} of the time is over`}
          style={{ left: place(state.elapsed) }}
        />
      </div>
      <ul aria-label="Thresholds" className="mt-1 flex flex-wrap gap-x-3 text-label text-muted">
        {state.thresholds.map(({ percent, crossed, crossed_at, amount_usd }) => (
          <li
            key={percent}
            className={crossed ? 'font-semibold text-ink' : undefined}
            title={`${format.usd(amount_usd)}${crossed_at ? `, ${crossed_at}` : ''}`}
          >
            {percent} %{crossed ? ' passed' : ''}
          </li>
        ))}
      </ul>
    </div>
  );
}
