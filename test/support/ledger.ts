import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouse } from '#store/engine/client.ts';
import { type Driftline, eventually } from './driftline.ts';
import { withEngine } from './engine-rows.ts';

const columns = {
  spans: 'trace_id, span_id',
  calls: `trace_id, span_id, feature, tenant, user, model, failed, attempts, failed_attempts, input_tokens, cache_read_tokens,
    cache_write_tokens, output_tokens, reasoning_tokens, embedding_tokens, cost_nanos, price_version, merged_from`,
  tool_calls: 'trace_id, span_id, name, feature, failed',
  logs: 'log_id, trace_id, span_id, event_name',
  scores: 'score_id, name, value, label, trace_id, span_id, response_id',
  contents: 'trace_id, span_id, record_id, input, output',
} as const;

type LedgerTable = keyof typeof columns;
const tables = Object.keys(columns) as LedgerTable[];

/** Every row of every table as a reader sees it, sorted; twice the same row would be there twice. */
export type Ledger = Record<LedgerTable, string[]>;

/** Rows of one project, of `default` unless another is named. */
export async function readLedger(clickhouse: ClickHouse, projectId = 'default'): Promise<Ledger> {
  const read = async (table: LedgerTable) => {
    const rows = await clickhouse.query<{ row: string }>(
      `SELECT toString(tuple(${columns[table]})) AS row FROM ${table} FINAL WHERE project_id = {projectId:String} ORDER BY row`,
      { projectId },
    );
    return [table, rows.map(({ row }) => row)] as const;
  };
  return Object.fromEntries(await Promise.all(tables.map(read))) as Ledger;
}

/** Number and hash of the rows of each table: equal when the ledgers are, and cheap to ask for again and again. */
async function ledgerDigest(clickhouse: ClickHouse): Promise<string> {
  const read = async (table: LedgerTable) => {
    const [row] = await clickhouse.query<{ n: string; hash: string }>(
      `SELECT count() AS n, sum(cityHash64(toString(tuple(${columns[table]})))) AS hash FROM ${table} FINAL
       WHERE project_id = 'default'`,
    );
    return `${table} ${row!.n} ${row!.hash}`;
  };
  return (await Promise.all(tables.map(read))).join(', ');
}

/** The ledger once nothing waits in the write-ahead log and two looks apart agree. */
export async function settledLedger(driftline: Driftline): Promise<Ledger> {
  await eventually(
    async () => walSegments(driftline.dataDir),
    segments => segments.length === 0,
  );
  let last = '';
  await eventually(
    async () => {
      await sleep(500);
      return withEngine(driftline, ledgerDigest);
    },
    digest => {
      const before = last;
      last = digest;
      return before === digest;
    },
  );
  return withEngine(driftline, clickhouse => readLedger(clickhouse));
}

/** Names of the segment files of the write-ahead log: none when all is stored and settled. */
export function walSegments(dataDir: string): string[] {
  return readdirSync(join(dataDir, 'wal')).filter(name => name.endsWith('.wal'));
}

/** What `seen` lacks and what it has too much, a few lines for each table; empty when they are equal. */
export function ledgerDifferences(expected: Ledger, seen: Ledger): string[] {
  return tables.flatMap(table => {
    const missing = without(expected[table], seen[table]);
    const extra = without(seen[table], expected[table]);
    const name = (what: string, rows: string[]) =>
      rows.length ? [`${table}: ${rows.length} rows ${what}, as ${rows.slice(0, 3).join('; ')}`] : [];
    return [...name('missing', missing), ...name('too many', extra)];
  });
}

/** The rows of `rows` that `others` does not have, as often as they are too many. */
function without(rows: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const row of others) left.set(row, (left.get(row) ?? 0) + 1);
  return rows.filter(row => {
    const count = left.get(row) ?? 0;
    left.set(row, count - 1);
    return count <= 0;
  });
}
