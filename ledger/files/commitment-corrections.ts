import type { ClickHouse } from '#store/engine/client.ts';
import { readBookedSpend, readOriginMonths } from '#store/queries/committed-spend.ts';
import { readPrepaidAdjustments } from '#store/queries/prepaid-use.ts';
import {
  type AskedMonth,
  type CommitmentUse,
  commitmentsOf,
  covered,
  prepaidUses,
  spentOn,
  usedOf,
} from './commitment-use.ts';
import {
  type Agreed,
  type Asked,
  amountsOf,
  type CommittedAmount,
  closedMonthOf,
  noAmount,
} from './committed-amounts.ts';
import { monthBounds } from './month-bounds.ts';

/** What was booked in a month for an amount of a closed one, nano-dollars: that much more of it is used, and that much more beyond it. */
export interface CommitmentCorrection {
  amount: CommittedAmount;
  /** `2026-10`, the closed one. */
  month: string;
  /** `2026-11` */
  bookedMonth: string;
  used: bigint;
  beyond: bigint;
}

interface Booked {
  overlay: string;
  origin_month: string;
  booked_month: string;
  is_before: 0 | 1;
  nanos: string;
}

/** What the bookings of the asked time for closed months change about what was paid ahead for those months. */
export async function prepaidCorrections(
  clickhouse: ClickHouse,
  agreed: Agreed,
  asked: Asked,
): Promise<CommitmentCorrection[]> {
  if (!agreed.versions.some(({ terms }) => terms.paid_ahead)) return [];
  const booked = await readPrepaidAdjustments(clickhouse, asked);
  const corrections: CommitmentCorrection[] = [];
  for (const month of originsOf(booked)) {
    const own = booked.filter(one => one.origin_month === month);
    const uses = await prepaidUses(clickhouse, agreed, closedPart(agreed, asked, month));
    for (const overlay of new Set(own.map(one => one.overlay))) {
      const nothing = noAmount(agreed, overlay, monthBounds(month, asked.tz));
      const use = uses.find(({ amount }) => amount.overlayId === overlay) ?? (nothing && usedOf(nothing, 0n));
      if (use)
        corrections.push(
          ...correctionsOf(
            use,
            month,
            own.filter(one => one.overlay === overlay),
          ),
        );
    }
  }
  return corrections;
}

/** The same of every amount, paid ahead or not, for people: of months in which there is an amount. */
export async function commitmentCorrections(
  clickhouse: ClickHouse,
  agreed: Agreed,
  asked: Asked,
): Promise<CommitmentCorrection[]> {
  const ahead = await prepaidCorrections(clickhouse, agreed, asked);
  const others: CommitmentCorrection[] = [];
  for (const month of await bookedMonths(clickhouse, agreed, asked)) {
    const part = closedPart(agreed, asked, month);
    const amounts = amountsOf(agreed, part).filter(({ basis }) => basis !== 'paid_ahead');
    for (const amount of amounts) {
      const about = {
        ...spentOn(amount, part),
        overlay: amount.basis === 'priced' ? amount.overlayId : null,
      };
      const booked = await readBookedSpend(clickhouse, about, asked);
      if (!booked.some(one => one.is_before === 0)) continue;
      const uses = await commitmentsOf(clickhouse, agreed, part);
      const use = uses.find(one => one.amount.overlayId === amount.overlayId);
      if (use) others.push(...correctionsOf(use, month, booked));
    }
  }
  return [...ahead, ...others].filter(({ amount }) => amount.nanos > 0n);
}

/** The closed months that something was booked for, where that may be about amounts that were not paid ahead. */
async function bookedMonths(clickhouse: ClickHouse, { versions, closed }: Agreed, asked: Asked) {
  const isOther = versions.some(({ terms }) => terms.commitment_usd_per_month !== null && !terms.paid_ahead);
  if (!isOther || closed.length === 0) return [];
  const months = await readOriginMonths(clickhouse, asked);
  return months.filter(month => closedMonthOf(closed, month, asked.tz) !== undefined);
}

const originsOf = (booked: readonly Booked[]) =>
  [...new Set(booked.filter(row => row.is_before === 0).map(row => row.origin_month))].sort();

/** A month as it was closed. */
function closedPart({ closed }: Agreed, { projectId, tz }: Asked, month: string): AskedMonth {
  const own = closedMonthOf(closed, month, tz);
  const bounds = own
    ? { fromMs: Date.parse(own.from_at), toMs: Date.parse(own.to_at) }
    : monthBounds(month, tz);
  return { projectId, tz, month, ...bounds };
}

function correctionsOf(
  { amount, used, beyond }: CommitmentUse,
  month: string,
  booked: readonly Omit<Booked, 'overlay' | 'origin_month'>[],
): CommitmentCorrection[] {
  let total = used + beyond;
  return booked.flatMap(row => {
    const after = total + BigInt(row.nanos);
    const more = covered(amount, after) - covered(amount, total);
    const further = after - total - more;
    total = after;
    if (row.is_before === 1 || (more === 0n && further === 0n)) return [];
    return [{ amount, month, bookedMonth: row.booked_month, used: more, beyond: further }];
  });
}
