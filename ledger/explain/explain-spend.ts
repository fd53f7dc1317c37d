import { type SpendCause, type SpendChange, spendCauses } from '#contract/spend.ts';
import type { SpendCondition } from '#contract/spend-where.ts';
import type { SpendDimension } from '#contract/spend-words.ts';
import type { SpendRange } from '#store/queries/spend-days.ts';
import { readSpendCells } from '#store/queries/spend-to-explain.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import type { LedgerDeps } from '../deps.ts';
import { type Change, decompose, groupBy } from './decompose.ts';

/** What the change of spend from one range to another was made of, by one dimension; the largest change first. */
export async function explainSpend(
  { clickhouse, projectId }: Pick<LedgerDeps, 'clickhouse' | 'projectId'>,
  asked: { by: SpendDimension; where: readonly SpendCondition[]; before: SpendRange; after: SpendRange },
): Promise<{ total: SpendChange; rows: (SpendChange & { key: string })[] }> {
  const cells = await readSpendCells(clickhouse, { projectId, ...asked });
  const changes = [...groupBy(cells, ({ key }) => key)].map(([key, group]) => ({ key, ...decompose(group) }));
  const size = ({ before, after }: Change) => (after > before ? after - before : before - after);
  changes.sort((one, other) =>
    size(other) > size(one) ? 1 : size(other) < size(one) ? -1 : one.key < other.key ? -1 : 1,
  );
  return { total: tell(sumOf(changes)), rows: changes.map(change => ({ key: change.key, ...tell(change) })) };
}

/** Group by group, so that the causes of the whole are those of its parts. */
function sumOf(changes: readonly Change[]): Change {
  const causes = Object.fromEntries(
    spendCauses.map(cause => [cause, changes.reduce((sum, change) => sum + change.causes[cause], 0n)]),
  ) as Record<SpendCause, bigint>;
  return {
    before: changes.reduce((sum, { before }) => sum + before, 0n),
    after: changes.reduce((sum, { after }) => sum + after, 0n),
    callsBefore: changes.reduce((sum, { callsBefore }) => sum + callsBefore, 0),
    callsAfter: changes.reduce((sum, { callsAfter }) => sum + callsAfter, 0),
    unpricedBefore: changes.reduce((sum, { unpricedBefore }) => sum + unpricedBefore, 0),
    unpricedAfter: changes.reduce((sum, { unpricedAfter }) => sum + unpricedAfter, 0),
    causes,
  };
}

const usd = (nanos: bigint) => usdFromNanos(nanos.toString()) ?? '';

function tell(change: Change): SpendChange {
  const { before, after, callsBefore, callsAfter, unpricedBefore, unpricedAfter, causes } = change;
  return {
    before_usd: usd(before),
    after_usd: usd(after),
    change_usd: usd(after - before),
    calls_before: callsBefore,
    calls_after: callsAfter,
    unpriced_before: unpricedBefore,
    unpriced_after: unpricedAfter,
    causes: Object.fromEntries(
      spendCauses.map(cause => [cause, usd(causes[cause])]),
    ) as SpendChange['causes'],
  };
}
