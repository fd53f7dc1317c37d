import type { ClickHouse } from '../engine/client.ts';
import type { TraceRange } from './trace-facts.ts';

/** A row of the ledger by what identifies it. */
export interface LedgerKey {
  trace_id: string;
  span_id: string;
  /** Of the newest version, as `YYYY-MM-DD hh:mm:ss.nnnnnnnnn`. */
  newest_start: string;
  newest: string;
  /** 1 when the newest version says that the row is deleted. */
  gone: 0 | 1;
}

/** The rows that earlier derivations left for these traces, deleted ones too, since a newer version must beat those as well. */
export function ledgerKeys(
  clickhouse: ClickHouse,
  table: 'calls' | 'tool_calls',
  range: TraceRange & { spanIds?: readonly string[] },
): Promise<LedgerKey[]> {
  // Calls that come from log records outside any trace are found by their span id.
  const ofLooseLogs = range.spanIds?.length ? "OR (trace_id = '' AND span_id IN {spans:Array(String)})" : '';
  return clickhouse.query<LedgerKey>(
    `SELECT trace_id, span_id, argMax(start_time, version) AS newest_start,
       argMax(is_deleted, version) AS gone, max(version) AS newest
     FROM ${table}
     WHERE project_id = {project:String}
       AND start_time >= fromUnixTimestamp64Nano({from:Int64}, 'UTC')
       AND start_time <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')
       AND (trace_id IN {traces:Array(String)} ${ofLooseLogs})
     GROUP BY trace_id, span_id, toStartOfHour(start_time)`,
    {
      project: range.projectId,
      from: range.fromNs.toString(),
      to: range.toNs.toString(),
      traces: range.traceIds,
      spans: range.spanIds ?? [],
    },
    { settings: { max_execution_time: 60, max_memory_usage: '1000000000', max_result_rows: '0' } },
  );
}
