import type { BudgetCondition, BudgetInput, BudgetPeriod, BudgetWithState } from '#contract/budget.ts';

/** A budget while it is typed: every field is text, as in the form. */
export interface Draft {
  name: string;
  kind: 'budget' | 'experiment';
  filter: BudgetCondition[];
  amount: string;
  period: BudgetPeriod;
  startsOn: string;
  endsOn: string;
  thresholds: string;
  hasCeiling: boolean;
  degradeAt: string;
  denyAt: string;
  degradeModel: string;
  /** Empty for the default, a thousandth of the amount. */
  leaseUsd: string;
  leaseS: number;
}

export type DraftErrors = Partial<Record<keyof Draft, string>>;

/** `250.000000000` as a person writes it. */
const shortUsd = (usd: string) => usd.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
const percentText = (percent: number | null | undefined) => (percent ? String(percent) : '');

export const newDraft = (filter: BudgetCondition[], today: string): Draft => ({
  name: '',
  kind: 'budget',
  filter,
  amount: '',
  period: 'month',
  startsOn: today,
  endsOn: '',
  thresholds: '50, 80, 100',
  hasCeiling: false,
  degradeAt: '80',
  denyAt: '100',
  degradeModel: '',
  leaseUsd: '',
  leaseS: 60,
});

export const draftOf = (budget: BudgetWithState, today: string): Draft => ({
  name: budget.name,
  kind: budget.kind,
  filter: budget.filter,
  amount: shortUsd(budget.amount_usd),
  period: budget.period ?? 'month',
  startsOn: budget.starts_on ?? today,
  endsOn: budget.ends_on ?? '',
  thresholds: budget.thresholds_percent.join(', '),
  hasCeiling: budget.ceiling !== null,
  degradeAt: budget.ceiling ? percentText(budget.ceiling.degrade_at_percent) : '80',
  denyAt: budget.ceiling ? percentText(budget.ceiling.deny_at_percent) : '100',
  degradeModel: budget.ceiling?.degrade_model ?? '',
  leaseUsd: budget.ceiling?.lease_usd ? shortUsd(budget.ceiling.lease_usd) : '',
  leaseS: budget.ceiling?.lease_s ?? 60,
});

const AMOUNT = /^\d{1,9}(\.\d{1,9})?$/;
export const isAmount = (text: string) => AMOUNT.test(text) && /[1-9]/.test(text);
const PERCENT = /^[1-9]\d{0,2}$|^1000$/;

/** What the API would refuse, said beside the field. */
export function draftErrors(draft: Draft): DraftErrors {
  const errors: DraftErrors = {};
  if (!draft.name.trim()) errors.name = 'A name by which others know it';
  if (!isAmount(draft.amount)) errors.amount = 'An amount such as 250 or 0.05';
  const thresholds = thresholdsOf(draft.thresholds);
  if (!thresholds || thresholds.length > 10) errors.thresholds = 'Percentages such as 50, 80, 100';
  if (draft.filter.some(({ value }) => value === '')) errors.filter = 'Every condition needs a value';
  if (draft.kind === 'experiment') {
    if (!draft.startsOn) errors.startsOn = 'Its first day';
    if (!draft.endsOn) errors.endsOn = 'Its last day';
    else if (draft.endsOn < draft.startsOn) errors.endsOn = 'Lies before the first day';
  }
  if (!draft.hasCeiling) return errors;
  for (const name of ['degradeAt', 'denyAt'] as const)
    if (draft[name] && !PERCENT.test(draft[name])) errors[name] = 'A percentage of 1 to 1000';
  if (!draft.degradeAt && !draft.denyAt) errors.denyAt = 'When to degrade or to deny';
  if (
    !errors.degradeAt &&
    !errors.denyAt &&
    draft.degradeAt &&
    draft.denyAt &&
    Number(draft.degradeAt) > Number(draft.denyAt)
  )
    errors.degradeAt = 'Would begin only after it denies';
  if (draft.leaseUsd && !isAmount(draft.leaseUsd)) errors.leaseUsd = 'An amount such as 0.50, or nothing';
  return errors;
}

function thresholdsOf(text: string): number[] | null {
  const parts = text.split(/[,;\s]+/).filter(Boolean);
  return parts.every(part => PERCENT.test(part)) ? parts.map(Number) : null;
}

/** What the API is told; only of a draft without errors. */
export function inputOf(draft: Draft): BudgetInput {
  const experiment = draft.kind === 'experiment';
  return {
    name: draft.name.trim(),
    kind: draft.kind,
    filter: draft.filter,
    amount_usd: draft.amount,
    period: experiment ? null : draft.period,
    starts_on: experiment ? draft.startsOn : null,
    ends_on: experiment ? draft.endsOn : null,
    thresholds_percent: thresholdsOf(draft.thresholds) ?? [],
    ceiling: draft.hasCeiling
      ? {
          degrade_at_percent: draft.degradeAt ? Number(draft.degradeAt) : null,
          deny_at_percent: draft.denyAt ? Number(draft.denyAt) : null,
          degrade_model: draft.degradeModel.trim() || null,
          lease_usd: draft.leaseUsd || null,
          lease_s: draft.leaseS,
        }
      : null,
  };
}
