import type { ClickHouse } from '../engine/client.ts';

/** What a collector has to know of the store when it starts, so that it need not ask about every trace. */
export interface KnownBefore {
  /** No stored span or log record is later than this, in nanoseconds; null when there is none at all. */
  newestNs: bigint | null;
  /** Who told of model calls in the last day. */
  callers: { service: string; scopeName: string }[];
  /** Whether there are log records of the last day that tell of a call and belong to no trace. */
  hasLooseLogs: boolean;
}

const day = 'INTERVAL 25 HOUR';

export async function knownBefore(clickhouse: ClickHouse): Promise<KnownBefore> {
  const [[times], callers, [loose]] = await Promise.all([
    // Only the last day is read; what is older is older than a day.
    clickhouse.query<{ newest: string; any: 0 | 1 }>(
      `SELECT toString(greatest(
           (SELECT max(toUnixTimestamp64Nano(start_time)) FROM spans WHERE start_time > now() - ${day}),
           (SELECT max(toUnixTimestamp64Nano(time)) FROM logs WHERE time > now() - ${day}))) AS newest,
         (SELECT count() FROM (SELECT 1 FROM spans LIMIT 1)) + (SELECT count() FROM (SELECT 1 FROM logs LIMIT 1)) > 0 AS any`,
    ),
    clickhouse.query<{ service: string; scopeName: string }>(
      `SELECT DISTINCT service, scope_name AS scopeName FROM spans
       WHERE start_time > now() - ${day} AND role IN ('model_call', 'embedding', 'rerank')`,
    ),
    clickhouse.query<{ any: 0 | 1 }>(
      `SELECT count() > 0 AS any FROM (
         SELECT 1 FROM logs WHERE time > now() - ${day} AND trace_id = '' AND facts != '' LIMIT 1)`,
    ),
  ]);
  const newestNs = BigInt(times?.newest ?? 0);
  const dayAgoNs = BigInt(Date.now() - 25 * 3_600_000) * 1_000_000n;
  return {
    newestNs: newestNs > 0n ? newestNs : times?.any ? dayAgoNs : null,
    callers,
    hasLooseLogs: loose?.any === 1,
  };
}
