import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { ClickHouse } from '#store/engine/client.ts';
import type { Tables } from '#store/rows.ts';
import type { Batch } from './described.ts';
import { bearerOfLog, bearerOfSpan, contentRow, logRow, metricRow, scoreRow, spanRow } from './rows.ts';

type Table = keyof Tables;

/** Rows of one table as they are sent. */
interface EncodedTable {
  columns: string[];
  lines: string[];
}

/** Rows that are not stored yet, by table. */
export type Unsent = Map<Table, { columns: string[]; bytes: Buffer }>;

/** Items turned into rows before others get their turn: a few milliseconds of work. */
const itemsPerTurn = 200;

/**
 * The rows of some requests, except for the ledger, which needs whole traces. Written out as JSON lines at once, in small
 * steps, so that a large insert does not make senders wait for their acknowledgement.
 */
export async function encodeRows(
  batches: readonly { batch: Batch; receivedAtMs: number }[],
): Promise<Unsent> {
  const encoded = new Map<Table, EncodedTable>();
  const put = <T extends Table>(table: T, row: Tables[T]) => {
    const known = encoded.get(table);
    if (known) known.lines.push(JSON.stringify(row));
    else encoded.set(table, { columns: Object.keys(row), lines: [JSON.stringify(row)] });
  };
  let untilPause = itemsPerTurn;
  for (const putOne of rowWriters(batches, put)) {
    putOne();
    if (--untilPause > 0) continue;
    untilPause = itemsPerTurn;
    await yieldToOthers();
  }
  const unsent: Unsent = new Map();
  for (const [table, { columns, lines }] of encoded)
    unsent.set(table, { columns, bytes: Buffer.from(lines.join('\n')) });
  return unsent;
}

type Put = <T extends Table>(table: T, row: Tables[T]) => void;

/** One step of work for each item. */
function* rowWriters(
  batches: readonly { batch: Batch; receivedAtMs: number }[],
  put: Put,
): Generator<() => void> {
  for (const { batch, receivedAtMs } of batches) {
    for (const described of batch.spans) {
      yield () => {
        put('spans', spanRow(described));
        if (described.content) put('contents', contentRow(described.content, bearerOfSpan(described)));
        for (const score of described.scores) put('scores', scoreRow(score, bearerOfSpan(described)));
      };
    }
    for (const described of batch.logs) {
      yield () => {
        put('logs', logRow(described));
        if (described.content) put('contents', contentRow(described.content, bearerOfLog(described)));
        for (const score of described.scores) put('scores', scoreRow(score, bearerOfLog(described)));
      };
    }
    for (const point of batch.points) yield () => put('metrics', metricRow(point, receivedAtMs));
  }
}

/**
 * Inserts what is given and removes each table that got through, so that calling it again after an error sends the rest
 * only. Sending rows twice would do no harm: every table replaces by key.
 */
export async function insertRows(clickhouse: ClickHouse, unsent: Unsent): Promise<void> {
  const results = await Promise.allSettled(
    [...unsent].map(async ([table, { columns, bytes }]) => {
      await clickhouse.insertEncoded(table, { format: 'JSONEachRow', columns, bytes });
      unsent.delete(table);
    }),
  );
  const failed = results.find(result => result.status === 'rejected');
  if (failed) throw failed.reason;
}
