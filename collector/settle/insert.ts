import type { ClickHouse, EncodedRows } from '#store/engine/client.ts';
import { spanBlock } from '#store/native/tables.ts';
import type { MetricRow, Tables } from '#store/rows.ts';
import { isOver, turn } from '../event-loop.ts';
import type { AttributeLimit, AttributeNames } from './attribute-names.ts';
import type { Batch } from './described.ts';
import { bearerOfLog, bearerOfSpan, contentRow, logRow, metricRow, outcomeRow, scoreRow } from './rows.ts';
import { addSpan } from './span-block.ts';

type Table = keyof Tables;

/** Rows that are not stored yet, by table. */
export type Unsent = Map<Table, EncodedRows>;

/** Rows of some requests; `free` gives their memory back when they are stored or given up. */
export interface Encoded {
  unsent: Unsent;
  free(): void;
}

/** Items between two looks at the clock. */
const itemsPerLook = 32;

/** Rows of one table as JSON lines, for tables whose rows are few. */
interface Lines {
  columns: string[];
  lines: string[];
}

/**
 * The rows of some requests, except for the ledger, which needs whole traces. Encoded in small steps, so that a large
 * insert does not make senders wait for their acknowledgement.
 */
export async function encodeRows(
  batches: readonly { batch: Batch; receivedAtMs: number }[],
  attributes: AttributeLimit,
): Promise<Encoded> {
  const encoder = new Encoder();
  let untilLook = itemsPerLook;
  for (const { batch, receivedAtMs } of batches) {
    for (const item of itemsOf(batch, receivedAtMs, encoder, attributes)) {
      item();
      if (--untilLook > 0) continue;
      untilLook = itemsPerLook;
      if (isOver()) await turn();
    }
  }
  return encoder.take();
}

function* itemsOf(
  { projectId, spans, logs, points }: Batch,
  receivedAtMs: number,
  encoder: Encoder,
  attributes: AttributeLimit,
) {
  const names = attributes.namesOf(projectId, receivedAtMs);
  let at = 0;
  const span = () => encoder.span(spans[at]!, names);
  for (; at < spans.length; at++) yield span;
  for (const log of logs) yield () => encoder.log(log, names);
  for (const point of points) yield () => encoder.point(metricRow(point, receivedAtMs), names);
}

// The memory of a block's columns is worth keeping; one insert is encoded at a time.
let spareSpans: ReturnType<typeof spanBlock> | null = null;

class Encoder {
  private readonly spans = spareSpans ?? spanBlock();
  private readonly lines = new Map<Table, Lines>();

  constructor() {
    spareSpans = null;
  }

  span(described: Batch['spans'][number], names: AttributeNames): void {
    addSpan(this.spans, described, names);
    if (described.content) this.put('contents', contentRow(described.content, bearerOfSpan(described)));
    for (const score of described.scores) this.put('scores', scoreRow(score, bearerOfSpan(described)));
    for (const outcome of described.outcomes)
      this.put('outcomes', outcomeRow(outcome, bearerOfSpan(described)));
  }

  log(described: Batch['logs'][number], names: AttributeNames): void {
    const row = logRow(described);
    this.put('logs', { ...row, attributes: names.fold(row.attributes) });
    if (described.content) this.put('contents', contentRow(described.content, bearerOfLog(described)));
    for (const score of described.scores) this.put('scores', scoreRow(score, bearerOfLog(described)));
    for (const outcome of described.outcomes)
      this.put('outcomes', outcomeRow(outcome, bearerOfLog(described)));
  }

  point(row: MetricRow, names: AttributeNames): void {
    this.put('metrics', { ...row, attributes: names.fold(row.attributes) });
  }

  put<T extends Table>(table: T, row: Tables[T]): void {
    const known = this.lines.get(table);
    if (known) known.lines.push(JSON.stringify(row));
    else this.lines.set(table, { columns: Object.keys(row), lines: [JSON.stringify(row)] });
  }

  private free(): void {
    this.spans.clear();
    spareSpans = this.spans;
  }

  take(): Encoded {
    const unsent: Unsent = new Map();
    if (this.spans.rows > 0) unsent.set('spans', { format: 'Native', ...this.spans.sealed() });
    for (const [table, { columns, lines }] of this.lines) {
      const chunks = [Buffer.from(lines.join('\n'))];
      unsent.set(table, { format: 'JSONEachRow', columns, rows: lines.length, chunks });
    }
    return { unsent, free: () => this.free() };
  }
}

/**
 * Rows with the same key meet when parts are merged, and readers use FINAL: looking for them within one insert as well
 * would take the engine longer than the rest of it.
 */
const asItIs = { settings: { optimize_on_insert: 0 } } as const;

/**
 * Inserts what is given and removes each table that got through, so that calling it again after an error sends the rest
 * only. Sending rows twice would do no harm: every table replaces by key.
 */
export async function insertRows(clickhouse: ClickHouse, unsent: Unsent): Promise<void> {
  const results = await Promise.allSettled(
    [...unsent].map(async ([table, rows]) => {
      await clickhouse.insertEncoded(table, rows, asItIs);
      unsent.delete(table);
    }),
  );
  const failed = results.find(result => result.status === 'rejected');
  if (failed) throw failed.reason;
}
