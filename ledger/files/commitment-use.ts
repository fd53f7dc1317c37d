import type { ClickHouse } from '#store/engine/client.ts';
import type { PrepaidBorder } from '#store/queries/focus-beyond.ts';
import {
  type PrepaidDay,
  readPrepaidAdjustments,
  readPrepaidDays,
  readPrepaidQuarters,
} from '#store/queries/prepaid-use.ts';
import type { PriceOverlayVersion } from '#store/state/price-overlays.ts';
import { type Asked, amountsOf, type Purchase } from './focus-purchases.ts';
import { monthOf } from './month-bounds.ts';

/** What became of one month's amount, nano-dollars: `used` of it, what is left, and what was used beyond it. used + unused is the amount. */
export interface CommitmentUse {
  purchase: Purchase;
  used: bigint;
  unused: bigint;
  beyond: bigint;
  /** Where it ran out; null when it did not. */
  border: PrepaidBorder | null;
}

/**
 * Each month's amounts that were paid ahead, and what is used of them so far, in the order of the ledger: a quarter of an hour after the other.
 * What was booked for a closed month is not in it.
 */
export async function commitmentUses(
  clickhouse: ClickHouse,
  versions: readonly PriceOverlayVersion[],
  asked: Asked,
): Promise<CommitmentUse[]> {
  const { projectId, tz, month } = asked;
  const amounts = amountsOf(versions, asked);
  const [first, last] = [amounts[0], amounts.at(-1)];
  if (!first || !last) return [];
  // A month's file lies between its closed neighbours, wherever those began.
  const { fromMs, toMs } = month === null ? { fromMs: first.billing.fromMs, toMs: last.billing.toMs } : asked;
  const range = { projectId, tz, fromMs, toMs };
  const overlays = [...new Set(amounts.map(({ overlayId }) => overlayId))];
  const days = await readPrepaidDays(clickhouse, range, overlays);
  const uses: CommitmentUse[] = [];
  for (const purchase of amounts) {
    const { overlayId, nanos: amount, billing } = purchase;
    const own = days.filter(
      ({ overlay, day }) =>
        overlay === overlayId && (month !== null || day.startsWith(monthOf(billing.fromMs, tz))),
    );
    const total = own.reduce((sum, { nanos }) => sum + BigInt(nanos), 0n);
    const used = covered(amount, total);
    const endMs = month === null ? billing.toMs : null;
    const border = total > amount ? await borderOf(clickhouse, { ...range, endMs }, purchase, own) : null;
    uses.push({ purchase, used, unused: amount - used, beyond: total - used, border });
  }
  return uses;
}

const covered = (amount: bigint, used: bigint) => (used < amount ? used : amount);

type Range = Parameters<typeof readPrepaidDays>[1] & { endMs: number | null };

/** The day is found by the sums that the engine keeps, then its quarter of an hour by the rows of that day. */
async function borderOf(
  clickhouse: ClickHouse,
  range: Range,
  { overlayId, nanos: amount }: Purchase,
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

/** What was booked in a month for an amount of a closed one, nano-dollars: that much more of it is used, and that much more beyond it. */
interface CommitmentCorrection {
  purchase: Purchase;
  /** `2026-11` */
  bookedMonth: string;
  used: bigint;
  beyond: bigint;
}

/** What the bookings of the asked time for closed months change about the amounts of those months. */
export async function commitmentCorrections(
  clickhouse: ClickHouse,
  versions: readonly PriceOverlayVersion[],
  asked: Asked,
): Promise<CommitmentCorrection[]> {
  const { projectId, tz } = asked;
  const booked = await readPrepaidAdjustments(clickhouse, asked);
  const origins = new Set(booked.filter(row => !row.is_before).map(row => row.origin_month));
  const corrections: CommitmentCorrection[] = [];
  for (const month of [...origins].sort()) {
    const amounts = amountsOf(versions, { ...asked, month });
    if (amounts.length === 0) continue;
    const { fromMs, toMs } = amounts[0]!.billing;
    for (const use of await commitmentUses(clickhouse, versions, { projectId, tz, fromMs, toMs, month })) {
      const { overlayId, nanos: amount } = use.purchase;
      let total = use.used + use.beyond;
      for (const row of booked) {
        if (row.overlay !== overlayId || row.origin_month !== month) continue;
        const after = total + BigInt(row.nanos);
        const used = covered(amount, after) - covered(amount, total);
        const beyond = after - total - used;
        total = after;
        if (!row.is_before && (used !== 0n || beyond !== 0n))
          corrections.push({ purchase: use.purchase, bookedMonth: row.booked_month, used, beyond });
      }
    }
  }
  return corrections;
}
