import type { ClickHouse } from '../engine/client.ts';
import { isoToStore } from './time.ts';

interface Asked {
  projectId: string;
  /** Empty: every one. */
  provider: string;
  /** `*` stands for anything; empty: every one. */
  model: string;
  fromMs: number;
  /** Exclusive. */
  toMs: number;
}

const SUM = `
SELECT sum(cost_nanos) AS nanos
FROM spend_15m
WHERE project_id = {project:String} AND origin >= {from:DateTime} AND origin < {to:DateTime}
  AND ({provider:String} = '' OR provider = {provider:String})
  AND ({model:String} = '' OR model ILIKE {model:String})`;

/** What the calls of a time cost that a commitment is about, in nano-dollars, as the ledger has it now. */
export async function readCommittedSpend(clickhouse: ClickHouse, asked: Asked): Promise<bigint> {
  const [row] = await clickhouse.query<{ nanos: string }>(SUM, {
    project: asked.projectId,
    from: isoToStore(asked.fromMs).slice(0, 19),
    to: isoToStore(asked.toMs).slice(0, 19),
    provider: asked.provider,
    model: asked.model.replaceAll(/[\\%_]/g, '\\$&').replaceAll('*', '%'),
  });
  return BigInt(row?.nanos ?? '0');
}
