import type { z } from 'zod';
import type { CommitmentMonth, commitmentCorrection, commitmentUse } from '#contract/commitment.ts';
import { type CommitmentCorrection, commitmentCorrections } from '#ledger/files/commitment-corrections.ts';
import { type CommitmentUse, commitmentsOf } from '#ledger/files/commitment-use.ts';
import { type Agreed, readAgreed } from '#ledger/files/committed-amounts.ts';
import { addMonths, monthOf } from '#ledger/files/month-bounds.ts';
import { type MonthPart, monthPart } from '#ledger/files/month-part.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import type { Services } from '../services.ts';

type Deps = Pick<Services, 'clickhouse' | 'state' | 'projectId' | 'nowMs' | 'alerts'>;

/** What a month's statement says of the amounts committed for it, and of those of months closed before. */
export async function commitmentsOfMonth(
  { clickhouse, state, projectId, nowMs }: Deps,
  { month, zone, part }: { month: string; zone: string; part: MonthPart },
) {
  const agreed = await readAgreed(state, projectId);
  const asked = { projectId, tz: zone, month, fromMs: part.fromMs, toMs: part.toMs };
  const [uses, corrections] = await Promise.all([
    commitmentsOf(clickhouse, agreed, asked),
    commitmentCorrections(clickhouse, agreed, asked),
  ]);
  return {
    commitments: uses.map(use => replyOf(use, nowMs())),
    commitment_corrections: corrections.map(correctionReply),
  };
}

const monthsShown = 3;

/** The same by overlay, this month first and at most two before; each with what was booked for it since it was closed. */
export async function commitmentMonths(deps: Deps, zone: string): Promise<Map<string, CommitmentMonth[]>> {
  const { clickhouse, state, projectId, nowMs } = deps;
  const agreed = await readAgreed(state, projectId);
  const months = Array.from({ length: monthsShown }, (_, back) => addMonths(monthOf(nowMs(), zone), -back));
  const parts = await Promise.all(
    months.map(async month => ({
      month,
      ...(await monthPart(deps.alerts, { month, zone, reportingZone: zone })),
    })),
  );
  const [corrections, ...uses] = await Promise.all([
    correctionsSince(deps, agreed, { zone, fromMs: parts.at(-1)!.fromMs }),
    ...parts.map(({ closed: _, ...part }) =>
      commitmentsOf(clickhouse, agreed, { projectId, tz: zone, ...part }),
    ),
  ]);
  const byOverlay = new Map<string, CommitmentMonth[]>();
  for (const [at, { month, closed }] of parts.entries())
    for (const use of uses[at] ?? []) {
      const { overlay_id, name: _, ...figures } = replyOf(use, nowMs());
      const own = corrections.filter(one => one.month === month && one.overlay_id === overlay_id);
      const booked = own.map(({ booked_month, used_usd, beyond_usd }) => ({
        ...{ booked_month, used_usd, beyond_usd },
      }));
      const row = { ...figures, month, is_closed: closed !== null, corrections: booked };
      byOverlay.set(overlay_id, [...(byOverlay.get(overlay_id) ?? []), row]);
    }
  return byOverlay;
}

async function correctionsSince(
  { clickhouse, projectId, nowMs }: Deps,
  agreed: Agreed,
  { zone, fromMs }: { zone: string; fromMs: number },
) {
  // Bookings of this quarter of an hour stand at its beginning, which may be this very instant.
  const asked = { projectId, tz: zone, month: null, fromMs, toMs: nowMs() + 1000 };
  return (await commitmentCorrections(clickhouse, agreed, asked)).map(correctionReply);
}

const usd = (nanos: bigint) => usdFromNanos(nanos.toString()) ?? '';

function replyOf(
  { amount, used, unused, beyond, border }: CommitmentUse,
  nowMs: number,
): z.infer<typeof commitmentUse> {
  const { overlayId, name, basis, nanos, charge } = amount;
  return {
    ...{ overlay_id: overlayId, name, basis },
    ...{ amount_usd: usd(nanos), used_usd: usd(used), unused_usd: usd(unused), beyond_usd: usd(beyond) },
    ran_out_at: border && new Date(border.atMs).toISOString(),
    is_over: charge.toMs <= nowMs,
  };
}

const correctionReply = ({
  amount: { overlayId, name, basis },
  month,
  bookedMonth,
  used,
  beyond,
}: CommitmentCorrection): z.infer<typeof commitmentCorrection> => ({
  ...{ overlay_id: overlayId, name, basis, month, booked_month: bookedMonth },
  ...{ used_usd: usd(used), beyond_usd: usd(beyond) },
});
