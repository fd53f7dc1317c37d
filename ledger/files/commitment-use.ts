import type { ClickHouse } from '#store/engine/client.ts';
import { readPricedSpend, readSpendOn } from '#store/queries/committed-spend.ts';
import type { PrepaidBorder } from '#store/queries/focus-beyond.ts';
import { type PrepaidDay, readPrepaidDays, readPrepaidQuarters } from '#store/queries/prepaid-use.ts';
import { type Agreed, type Asked, amountsOf, type CommittedAmount, noAmount } from './committed-amounts.ts';
import { monthBounds, monthOf } from './month-bounds.ts';

/** What became of one month's amount, nano-dollars: `used` of it, what is left, and what was used beyond it. used + unused is the amount. */
export interface CommitmentUse {
  amount: CommittedAmount;
  used: bigint;
  unused: bigint;
  beyond: bigint;
  /** Where what was paid ahead ran out; null when it did not. */
  border: PrepaidBorder | null;
}

/** One month of the ledger. */
export type AskedMonth = Asked & { month: string };

/**
 * The amounts that were paid ahead for each month, and what is used of them so far, in the order of the ledger: a quarter of an hour after the
 * other. What is used of an overlay that has no amount in its month is beyond an amount of nothing. What was booked for a closed month is not
 * in it.
 */
export async function prepaidUses(
  clickhouse: ClickHouse,
  agreed: Agreed,
  asked: Asked,
): Promise<CommitmentUse[]> {
  const { projectId, tz, month } = asked;
  const ahead = new Set(
    agreed.versions.filter(({ terms }) => terms.paid_ahead).map(({ overlay_id }) => overlay_id),
  );
  if (ahead.size === 0) return [];
  const amounts = amountsOf(agreed, asked).filter(({ basis }) => basis === 'paid_ahead');
  // A month's file lies between its closed neighbours, wherever those began.
  const { fromMs, toMs } = month === null ? wholeMonths(asked) : asked;
  const range = { projectId, tz, fromMs, toMs };
  const days = await readPrepaidDays(clickhouse, range, [...ahead]);
  const monthOfDay = (day: string) => month ?? day.slice(0, 7);
  const isOf = (amount: CommittedAmount, { overlay, day }: PrepaidDay) =>
    overlay === amount.overlayId && monthOfDay(day) === (month ?? monthOf(amount.billing.fromMs, tz));
  const without = days.filter(one => !amounts.some(amount => isOf(amount, one)));
  const uncovered = [...new Set(without.map(({ overlay, day }) => `${monthOfDay(day)} ${overlay}`))].flatMap(
    key => noAmount(agreed, key.slice(8), monthBounds(key.slice(0, 7), tz)) ?? [],
  );
  const uses: CommitmentUse[] = [];
  for (const amount of [...amounts, ...uncovered]) {
    const own = days.filter(one => isOf(amount, one));
    const total = own.reduce((sum, { nanos }) => sum + BigInt(nanos), 0n);
    const use = usedOf(amount, total);
    const endMs = month === null ? amount.billing.toMs : null;
    if (use.beyond > 0n) use.border = await borderOf(clickhouse, { ...range, endMs }, amount, own);
    uses.push(use);
  }
  return uses;
}

/** Every amount of a month, paid ahead or not, with what is used of it; without what was booked for months closed before. */
export async function commitmentsOf(
  clickhouse: ClickHouse,
  agreed: Agreed,
  asked: AskedMonth,
): Promise<CommitmentUse[]> {
  const amounts = amountsOf(agreed, asked);
  const [ahead, priced, spent] = await Promise.all([
    prepaidUses(clickhouse, agreed, asked),
    pricedOf(clickhouse, amounts, asked),
    Promise.all(
      amounts
        .filter(({ basis }) => basis === 'spent')
        .map(async amount => usedOf(amount, await readSpendOn(clickhouse, spentOn(amount, asked)))),
    ),
  ]);
  return [...ahead.filter(({ amount }) => amount.nanos > 0n), ...priced, ...spent];
}

async function pricedOf(clickhouse: ClickHouse, amounts: readonly CommittedAmount[], asked: AskedMonth) {
  const priced = amounts.filter(({ basis }) => basis === 'priced');
  if (priced.length === 0) return [];
  const overlays = priced.map(({ overlayId }) => overlayId);
  const totals = await readPricedSpend(clickhouse, asked, overlays);
  return priced.map(amount => usedOf(amount, totals.get(amount.overlayId) ?? 0n));
}

/** What an amount that prices no call is about, in the part of a month that it is for. */
export function spentOn({ provider, model, charge }: CommittedAmount, { projectId, fromMs, toMs }: Asked) {
  const range = { fromMs: Math.max(fromMs, charge.fromMs), toMs: Math.min(toMs, charge.toMs) };
  return { projectId, provider, model, ...range };
}

export function usedOf(amount: CommittedAmount, total: bigint): CommitmentUse {
  const used = covered(amount, total);
  return { amount, used, unused: amount.nanos - used, beyond: total - used, border: null };
}

/** What an amount covers of that much; of less than nothing all. */
export const covered = ({ nanos }: CommittedAmount, total: bigint) => (total < nanos ? total : nanos);

/** From the beginning of the month that a range begins in to the end of the one it ends in. */
const wholeMonths = ({ fromMs, toMs, tz }: Asked) => ({
  fromMs: monthBounds(monthOf(fromMs, tz), tz).fromMs,
  toMs: monthBounds(monthOf(toMs - 1, tz), tz).toMs,
});

type Range = Parameters<typeof readPrepaidDays>[1] & { endMs: number | null };

/** The day is found by the sums that the engine keeps, then its quarter of an hour by the rows of that day. */
async function borderOf(
  clickhouse: ClickHouse,
  range: Range,
  { overlayId, nanos: amount }: CommittedAmount,
  days: readonly PrepaidDay[],
): Promise<PrepaidBorder | null> {
  let left = amount;
  for (const { day, nanos } of days) {
    if (BigInt(nanos) <= left) {
      left -= BigInt(nanos);
      continue;
    }
    for (const quarter of await readPrepaidQuarters(clickhouse, range, { overlay: overlayId, day })) {
      if (quarter.nanos > left) return { overlayId, atMs: quarter.atMs, left, endMs: range.endMs };
      left -= quarter.nanos;
    }
  }
  return null;
}
