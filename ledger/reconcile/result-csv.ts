import type { Reconciliation } from '#contract/reconcile.ts';
import { csvLine } from './csv.ts';

const columns = [
  'part',
  'day',
  'model',
  'kind',
  'reason',
  'theirs_usd',
  'ours_usd',
  'difference_usd',
  'explained_usd',
  'unexplained_usd',
  'theirs_tokens',
  'ours_tokens',
  'share',
  'text',
] as const;

type Cells = Partial<Record<(typeof columns)[number], string | number | null>>;

/**
 * A comparison as one CSV: `part` is `total`, `reason` (its amount in explained_usd) or `line`. The lines add up to the total; the
 * reasons to what is explained of it.
 */
export function reconciliationAsCsv(found: Reconciliation): string {
  const { theirs_usd, ours_usd, difference_usd, explained_usd, unexplained_usd } = found;
  const days = `${found.from_day} to ${found.to_day}`;
  const rows: Cells[] = [
    {
      part: 'total',
      day: days,
      theirs_usd,
      ours_usd,
      difference_usd,
      explained_usd,
      unexplained_usd,
      share: found.explained_share,
    },
    ...found.reasons.map(({ reason, model, kind, amount_usd, share, tokens, text }) => ({
      part: 'reason',
      reason,
      model,
      kind,
      explained_usd: amount_usd,
      theirs_tokens: tokens,
      share,
      text,
    })),
    ...found.cells.map(cell => ({ part: 'line', ...cell })),
  ];
  return [columns, ...rows.map(row => columns.map(name => row[name] ?? null))].map(csvLine).join('');
}
