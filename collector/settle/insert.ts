import type { ClickHouse } from '#store/engine/client.ts';
import type { ContentRow, LogRow, MetricRow, ScoreRow, SpanRow, Tables } from '#store/rows.ts';
import type { Batch } from './described.ts';
import { bearerOfLog, bearerOfSpan, contentRow, logRow, metricRow, scoreRow, spanRow } from './rows.ts';

export interface BatchRows {
  spans: SpanRow[];
  logs: LogRow[];
  contents: ContentRow[];
  scores: ScoreRow[];
  metrics: MetricRow[];
}

/** The rows of some requests, except for the ledger, which needs whole traces. */
export function rowsOf(batches: readonly { batch: Batch; receivedAtMs: number }[]): BatchRows {
  const rows: BatchRows = { spans: [], logs: [], contents: [], scores: [], metrics: [] };
  for (const { batch, receivedAtMs } of batches) {
    for (const described of batch.spans) {
      rows.spans.push(spanRow(described));
      if (described.content) rows.contents.push(contentRow(described.content, bearerOfSpan(described)));
      for (const score of described.scores) rows.scores.push(scoreRow(score, bearerOfSpan(described)));
    }
    for (const described of batch.logs) {
      rows.logs.push(logRow(described));
      if (described.content) rows.contents.push(contentRow(described.content, bearerOfLog(described)));
      for (const score of described.scores) rows.scores.push(scoreRow(score, bearerOfLog(described)));
    }
    for (const point of batch.points) rows.metrics.push(metricRow(point, receivedAtMs));
  }
  return rows;
}

/**
 * Inserts what is given and empties each list that got through, so that calling it again after an error sends the rest
 * only. Sending a list twice would do no harm: every table replaces by key.
 */
export async function insertRows(clickhouse: ClickHouse, rows: BatchRows): Promise<void> {
  const tables = Object.keys(rows) as (keyof BatchRows & keyof Tables)[];
  const results = await Promise.allSettled(
    tables.map(async table => {
      await clickhouse.insert<object>(table, rows[table]);
      rows[table] = [];
    }),
  );
  const failed = results.find(result => result.status === 'rejected');
  if (failed) throw failed.reason;
}
