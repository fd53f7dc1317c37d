import type { FeatureLine } from './feature-panel.tsx';

const HEAD = [
  'feature',
  'score',
  'mean',
  'low',
  'high',
  'scores',
  'effective_scores',
  'calls',
  'coverage',
  'basis',
  'change',
  'change_low',
  'change_high',
];

/** A cell that a spreadsheet reads as text even when it begins like a formula. */
function cell(value: string | number | null): string {
  if (value === null) return '';
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The table of features as CSV (RFC 4180), scores and changes in the unit of the score; what is missing is empty. */
export function featuresCsv(score: string, lines: readonly FeatureLine[]): string {
  const rows = lines.map(({ feature, now, change }) => [
    ...[feature, score, now.value, now.low, now.high, now.n, now.effective_n, now.calls, now.coverage],
    ...[now.basis, change?.difference ?? null, change?.low ?? null, change?.high ?? null],
  ]);
  return [HEAD, ...rows].map(row => `${row.map(cell).join(',')}\r\n`).join('');
}
