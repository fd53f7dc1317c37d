import { type ClickHouse, dashboardLimits } from '../engine/client.ts';
import type { IngestQuestion } from './ingest.ts';
import { isoToStore } from './time.ts';

/** One instrumentation and provider: what its calls say about cached tokens. */
export interface TokenSource {
  scope_name: string;
  scope_version: string;
  provider: string;
  dialects: string[];
  calls: number;
  /** Calls with tokens read from or written to a cache. */
  cached_calls: number;
  /** Cached calls whose cached tokens were added to the input as sent. */
  added_calls: number;
  /** Those of them where the cached tokens alone were more than the input as sent, which proves that it left them out. */
  proven_calls: number;
  /** The newest cached call whose input was taken as sent; empty ids without any. */
  as_sent: { trace_id: string; span_id: string };
}

/** Calls of one instrumentation and provider with a note on their numbers, and the newest of them. */
export interface FlaggedCalls {
  scope_name: string;
  scope_version: string;
  provider: string;
  flag: string;
  calls: number;
  trace_id: string;
  span_id: string;
}

const from = (columns: string) => `
FROM
(
  SELECT scope_name, scope_version, provider, flags, ${columns}
  FROM calls FINAL
  WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
)`;

// A call's input includes what was added, so cached > input - cached says that the input as sent was the smaller one.
const SOURCES = `
SELECT scope_name, scope_version, provider, arraySort(groupUniqArray(dialect)) AS dialects, count() AS n,
  countIf(cached > 0) AS n_cached, countIf(cached > 0 AND added) AS n_added,
  countIf(cached > 0 AND added AND 2 * cached > ifNull(input_tokens, 0)) AS n_proven,
  argMaxIf((trace_id, span_id), start_time, cached > 0 AND NOT added) AS as_sent
${from(`dialect, trace_id, span_id, start_time, input_tokens, has(flags, 'cache_added_to_input') AS added,
    ifNull(cache_read_tokens, 0) + ifNull(cache_write_tokens, 0) AS cached`)}
GROUP BY scope_name, scope_version, provider
ORDER BY n DESC, scope_name, scope_version, provider
LIMIT 300`;

const FLAGGED = `
SELECT scope_name, scope_version, provider, flag, count() AS n,
  argMax((trace_id, span_id), start_time) AS newest
${from('trace_id, span_id, start_time')}
ARRAY JOIN flags AS flag
WHERE flag NOT IN {ignored:Array(String)}
GROUP BY scope_name, scope_version, provider, flag
ORDER BY n DESC, flag
LIMIT 1000`;

/** How cached tokens were read, by instrumentation and provider, most calls first. */
export async function readTokenSources(
  clickhouse: ClickHouse,
  question: IngestQuestion,
): Promise<TokenSource[]> {
  type Counted = 'calls' | 'cached_calls' | 'added_calls' | 'proven_calls';
  type Row = Omit<TokenSource, Counted | 'as_sent'> &
    Record<'n' | 'n_cached' | 'n_added' | 'n_proven', string> & { as_sent: [string, string] };
  const rows = await clickhouse.query<Row>(SOURCES, params(question), { settings });
  return rows.map(({ n, n_cached, n_added, n_proven, as_sent: [trace_id, span_id], ...row }) => ({
    ...row,
    calls: Number(n),
    cached_calls: Number(n_cached),
    added_calls: Number(n_added),
    proven_calls: Number(n_proven),
    as_sent: { trace_id, span_id },
  }));
}

/** Calls by the notes they carry, `ignored` ones aside, most calls first. */
export async function readFlaggedCalls(
  clickhouse: ClickHouse,
  question: IngestQuestion,
  ignored: readonly string[],
): Promise<FlaggedCalls[]> {
  type Row = Omit<FlaggedCalls, 'calls' | 'trace_id' | 'span_id'> & { n: string; newest: [string, string] };
  const rows = await clickhouse.query<Row>(FLAGGED, { ...params(question), ignored }, { settings });
  return rows.map(({ n, newest: [trace_id, span_id], ...row }) => ({
    ...row,
    calls: Number(n),
    trace_id,
    span_id,
  }));
}

const params = ({ projectId, fromMs, toMs }: IngestQuestion) => ({
  project: projectId,
  from: isoToStore(fromMs),
  to: isoToStore(toMs),
});

const settings = { ...dashboardLimits, do_not_merge_across_partitions_select_final: 1 as const };
