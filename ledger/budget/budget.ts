import { z } from 'zod';
import {
  budgetCondition,
  type budgetInput,
  type Ceiling,
  ceiling,
  type Budget as SaidBudget,
} from '#contract/budget.ts';
import type { SpendCondition } from '#contract/spend-where.ts';
import type { BudgetRow } from '#store/state/budgets.ts';
import { type Period, periodAt, periodOf } from './calendar.ts';

/** A budget as it is worked with. */
export interface Budget {
  id: string;
  name: string;
  filter: readonly SpendCondition[];
  amountNanos: bigint;
  period: BudgetRow['period'];
  /** An experiment's first and last day; null for budgets. */
  dates: { first: string; last: string } | null;
  thresholds: readonly number[];
  ceiling: Ceiling | null;
  createdAt: string;
}

const filterShape = z.array(budgetCondition);
const percentagesShape = z.array(z.number());

export function budgetOf(row: BudgetRow): Budget {
  return {
    id: row.budget_id,
    name: row.name,
    filter: filterShape.parse(JSON.parse(row.filter)),
    amountNanos: BigInt(row.amount_nanos),
    period: row.period,
    dates:
      row.starts_on !== null && row.ends_on !== null ? { first: row.starts_on, last: row.ends_on } : null,
    thresholds: percentagesShape.parse(JSON.parse(row.thresholds)),
    ceiling: row.ceiling === null ? null : ceiling.parse(JSON.parse(row.ceiling)),
    createdAt: row.created_at,
  };
}

/** The row's words for what a person said. */
export function rowOf(
  said: z.output<typeof budgetInput>,
): Pick<
  BudgetRow,
  'name' | 'kind' | 'filter' | 'amount_nanos' | 'period' | 'starts_on' | 'ends_on' | 'thresholds' | 'ceiling'
> {
  const thresholds = [...new Set(said.thresholds_percent)].sort((one, other) => one - other);
  return {
    name: said.name,
    kind: said.kind,
    filter: JSON.stringify(said.filter),
    amount_nanos: String(nanosOf(said.amount_usd)),
    period: said.kind === 'budget' ? (said.period ?? 'month') : null,
    starts_on: said.starts_on,
    ends_on: said.ends_on,
    thresholds: JSON.stringify(thresholds),
    ceiling: said.ceiling === null ? null : JSON.stringify(said.ceiling),
  };
}

/** The row as the API says it. */
export function saidOf(row: BudgetRow): SaidBudget {
  const { filter, thresholds, ceiling } = budgetOf(row);
  return {
    id: row.budget_id,
    name: row.name,
    kind: row.kind,
    filter: [...filter],
    amount_usd: usdOf(BigInt(row.amount_nanos)),
    period: row.period,
    starts_on: row.starts_on,
    ends_on: row.ends_on,
    thresholds_percent: [...thresholds],
    ceiling,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}

/** The period a budget is in; an experiment has one for its whole life. */
export function periodNow({ period, dates }: Budget, nowMs: number, zone: string): Period {
  return dates ? periodOf(dates.first, dates.last, zone) : periodAt(nowMs, period ?? 'month', zone);
}

/** Part of an amount, rounded down. */
export const percentOf = (amountNanos: bigint, percent: number): bigint =>
  (amountNanos * BigInt(percent)) / 100n;

const nanosPerUsd = 1_000_000_000n;

/** `12.5` as nano-dollars; further places than nine are not taken by the contract. */
export function nanosOf(usd: string): bigint {
  const [whole = '0', places = ''] = usd.split('.');
  return BigInt(whole) * nanosPerUsd + BigInt(places.padEnd(9, '0'));
}

/** Decimal USD with nine places; not for negative amounts. */
export function usdOf(nanos: bigint): string {
  return `${nanos / nanosPerUsd}.${String(nanos % nanosPerUsd).padStart(9, '0')}`;
}
