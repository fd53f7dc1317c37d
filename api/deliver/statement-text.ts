import type { SpendLine } from '#contract/spend-words.ts';
import type { Statement } from '#contract/statement.ts';

const lineNames: Record<SpendLine, string> = {
  answer: 'Answers',
  retried: 'Answers after retries',
  failed: 'Failed calls',
  evaluation: 'Evaluations of other calls',
};

const width = 44;

/** A statement as text for an e-mail; amounts to the cent, as on the page. */
export function statementText(statement: Statement): string {
  const {
    month,
    zone,
    by,
    value,
    state,
    backfill,
    cost_usd,
    lines,
    features,
    adjustments,
    unpriced,
    commitments,
    commitment_corrections,
    previous,
    budget,
  } = statement;
  return [
    `Statement of spend on AI models: ${value || `without a ${by}`}`,
    `${month} (${zone}), ${state === 'closed' ? 'closed' : 'provisional'}`,
    ...(backfill === null ? [] : ['Not complete: older days are still being added up.']),
    '',
    ...lines.map(line => row(lineNames[line.line], line.cost_usd)),
    ...adjustments.map(one =>
      row(
        `Adjustment for ${one.origin_month}: ${one.reason === 'late' ? 'late calls' : one.note || one.reason}`,
        one.change_usd,
      ),
    ),
    row('Total USD', cost_usd),
    '',
    ...features.map(feature => row(feature.feature || 'without a feature', feature.cost_usd)),
    '',
    ...committed(commitments, commitment_corrections),
    ...(previous ? [row(`Month before (${previousWords(previous)})`, previous.cost_usd)] : []),
    ...(budget ? [row(`Budget "${budget.name}"`, budget.amount_usd)] : []),
    ...(unpriced.calls > 0
      ? [
          `Not in the total: ${unpriced.calls} calls without a price or without token counts (${unpriced.models.map(({ model }) => model).join(', ')}), worth ${unpriced.high_usd === null ? 'an amount nobody can bound yet' : `at most ${cents(unpriced.high_usd)} USD`}.`,
        ]
      : []),
  ].join('\n');
}

/** `2026-09`, or `2026-09, from day 23 on` where nobody recorded what was before. */
const previousWords = ({ month, begins_at }: NonNullable<Statement['previous']>) =>
  begins_at === null ? month : `${month}, from day ${Number(begins_at.slice(8, 10))} on`;

/** What became of the amounts that the whole project committed. */
function committed(
  commitments: Statement['commitments'],
  corrections: Statement['commitment_corrections'],
): string[] {
  if (commitments.length + corrections.length === 0) return [];
  return [
    'Committed by the whole project:',
    ...commitments.flatMap(({ name, basis, amount_usd, used_usd, unused_usd, beyond_usd, is_over }) => [
      row(`${name}: ${basis === 'paid_ahead' ? 'paid ahead' : 'committed'}`, amount_usd),
      row('  used', used_usd),
      row(is_over ? '  not used' : '  not used yet', unused_usd),
      row(basis === 'paid_ahead' ? '  used beyond it, billed' : '  used beyond it', beyond_usd),
    ]),
    ...corrections.flatMap(({ name, month, used_usd, beyond_usd }) => [
      `${name}, booked for ${month}:`,
      row('  used', used_usd),
      row('  used beyond it', beyond_usd),
    ]),
    '',
  ];
}

const row = (name: string, usd: string) => {
  const amount = cents(usd).padStart(14);
  return `${name.slice(0, width).padEnd(width)} ${amount}`;
};

/** `-1234.567000000` as `-1,234.57`, rounded half away from zero. */
export function cents(usd: string): string {
  const negative = usd.startsWith('-');
  const [whole = '0', fraction = ''] = usd.replace('-', '').split('.');
  const hundredths = (BigInt(whole + fraction.padEnd(9, '0')) + 5_000_000n) / 10_000_000n;
  const digits = hundredths.toString().padStart(3, '0');
  const grouped = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${negative && hundredths > 0n ? '-' : ''}${grouped}.${digits.slice(-2)}`;
}
