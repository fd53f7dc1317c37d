import type { ReconcileFormat, ReconcileKind, ReconcileReason } from '#contract/reconcile.ts';
import type { ReconciliationHead } from '../../data/reconcile.ts';
import { format } from '../../format.ts';
import { nanosOf, usdOf } from '../../money.ts';

export const reasonLabels: Record<ReconcileReason, string> = {
  not_instrumented: 'Not instrumented',
  double_counted: 'Counted twice',
  counted_more: 'Not on this bill',
  price_differs: 'Another price',
  unpriced: 'No price here',
  time_shift: 'Other midnight',
  rounding: 'Rounding',
  other_charges: 'Other charges',
};

export const formatLabels: Record<ReconcileFormat, string> = {
  openai_usage_csv: 'OpenAI usage',
  openai_usage_json: 'OpenAI usage',
  openai_costs_csv: 'OpenAI costs',
  openai_costs_json: 'OpenAI costs',
  anthropic_usage_csv: 'Anthropic usage',
  anthropic_usage_json: 'Anthropic usage',
  anthropic_cost_csv: 'Anthropic cost',
  anthropic_cost_json: 'Anthropic cost',
  focus_csv: 'FOCUS',
};

export const kindLabel = (kind: ReconcileKind | '') =>
  kind === ''
    ? ''
    : `${kind.charAt(0).toUpperCase()}${kind.slice(1).replaceAll('_', ' ')}`.replace('1h', '1 h');

/** 99.2 %, and never 100 % while something is not explained. */
export function shareText(share: number | null): string {
  if (share === null) return format.percent(null);
  const shown = share < 1 ? Math.min(share, 0.9999) : 1;
  return `${(Math.floor(shown * 10_000) / 100).toLocaleString(undefined, { maximumFractionDigits: shown < 0.999 ? 1 : 2 })}\u00a0%`;
}

/** What the comparison says, in one sentence. */
export function summary(found: ReconciliationHead): string {
  const difference = nanosOf(found.difference_usd);
  const theirs =
    found.valued === 'billed'
      ? `They bill ${format.usd(found.theirs_usd)}`
      : `Their tokens are worth ${format.usd(found.theirs_usd)}`;
  const ours = `we hold ${format.usd(found.ours_usd)}`;
  if (difference === 0n) return `${theirs} and ${ours}: nothing differs.`;
  const size = format.usd(usdOf(difference < 0n ? -difference : difference));
  return `${theirs}, ${ours}: ${size} ${difference > 0n ? 'less' : 'more'}.`;
}

/** `5 Oct to 18 Oct 2026`. */
export function span({ from_day, to_day }: ReconciliationHead): string {
  const day = (text: string, year: boolean) =>
    new Date(text).toLocaleDateString(undefined, {
      day: 'numeric',
      month: 'short',
      timeZone: 'UTC',
      ...(year && { year: 'numeric' }),
    });
  return from_day === to_day ? day(to_day, true) : `${day(from_day, false)} to ${day(to_day, true)}`;
}
