import type { ClickHouse } from '#store/engine/client.ts';
import { inTurns, isOver, turn } from '../event-loop.ts';
import type { CollectorLog, CrashPoint } from '../hooks.ts';
import type { Accounting } from '../report/accounting.ts';
import type { CollectorStatus } from '../status.ts';
import type { WalRecord } from '../wal/record.ts';
import type { WalPosition } from '../wal/segment-file.ts';
import type { WalReader } from '../wal/wal-reader.ts';
import type { AttributeLimit } from './attribute-names.ts';
import { Backlog, type LogPart } from './backlog.ts';
import { type Batch, itemsIn, type Reading } from './described.ts';
import { type Accepted, Inserter } from './inserter.ts';
import type { LedgerNames } from './name-limit.ts';
import type { Patience } from './open-traces.ts';
import type { Price } from './pricing.ts';
import { Quarantine } from './quarantine.ts';
import { readRecordInSteps } from './read-record.ts';
import { Settler } from './settler.ts';
import type { StoreKnowledge } from './store-knowledge.ts';

export interface PipelineOptions {
  wal: WalReader;
  clickhouse: ClickHouse;
  log: CollectorLog;
  crashPoint: CrashPoint;
  price: Price;
  /** How many distinct names of attributes, features and models are kept apart. */
  limits: { attributes: AttributeLimit; names: LedgerNames };
  readingFor: (projectId: string) => Reading;
  now: () => number;
  retentionDays: number;
  flushMs: number;
  flushRows: number;
  patience: Patience;
  maxItemsInMemory: number;
  /** Of the requests that they came in. */
  maxBytesInMemory: number;
  /** What is known of the store without asking; null where others write to it too. */
  knowledge: StoreKnowledge | null;
  accounting: Pick<Accounting, 'read' | 'stored' | 'quarantined' | 'unsettled' | 'unreadable'>;
  /** What the store refuses is kept in `quarantine` below it. */
  walDir: string;
}

const tickMs = 200;
const tracesPerRound = 300;

/**
 * From acknowledged to stored: requests are read from the write-ahead log as there is room in memory, their rows are
 * inserted, then the calls of their traces are derived, and only then may the segment of the log go.
 */
export class Pipeline {
  private readonly options: PipelineOptions;
  private readonly inserter: Inserter;
  private readonly settler: Settler;
  private readonly backlog: Backlog;
  private readonly quarantine: Quarantine;
  private readonly reading = new AbortController();
  private readonly storing = new AbortController();
  private acked = 0;
  private stored = 0;
  private lastReceivedAtMs: number | null = null;

  constructor(options: PipelineOptions) {
    this.options = options;
    const { wal, clickhouse, log, crashPoint, price, now, patience, knowledge, flushMs, flushRows } = options;
    const { attributes, names } = options.limits;
    const { signal } = this.storing;
    this.quarantine = new Quarantine(options.walDir, log);
    const shared = { clickhouse, log, crashPoint, signal, quarantine: this.quarantine };
    this.settler = new Settler({
      ...shared,
      holds: wal,
      price,
      names,
      now,
      patience,
      knowledge,
      onSetAside: () => options.accounting.unsettled(),
      tickMs,
      tracesPerRound,
    });
    const onInserted = (accepted: Accepted[]) => this.onInserted(accepted);
    const onQuarantined = (batch: Batch) => this.onQuarantined(batch);
    this.inserter = new Inserter({
      ...shared,
      onInserted,
      onQuarantined,
      attributes,
      flushMs,
      flushRows,
    });
    this.backlog = new Backlog({
      wal,
      log,
      signal: this.reading.signal,
      hasRoom: () => this.hasRoom(),
      take: (record, at) => this.take(record, at),
      onUnreadable: items => options.accounting.unreadable(items),
    });
  }

  /** Takes over what is durable in the log, with the holds on its segment. */
  add(part: LogPart): void {
    this.acked += part.items;
    this.lastReceivedAtMs = Math.max(part.receivedAtMs, this.lastReceivedAtMs ?? 0) || null;
    this.backlog.add(part);
  }

  /** Whether the store has just taken something. */
  get isProgressing(): boolean {
    return this.inserter.isProgressing;
  }

  /** Acknowledged items that are still to be read from disk. */
  get itemsOnDiskOnly(): number {
    return this.backlog.items;
  }

  /** When the oldest item that is still to be read from disk was received; null when there is none. */
  get unreadSinceMs(): number | null {
    return this.backlog.oldestMs;
  }

  status(): Omit<CollectorStatus, 'rejected' | 'report' | 'forward'> {
    const { acked, stored, lastReceivedAtMs } = this;
    return { acked, stored, waiting: this.inserter.rows + this.backlog.items, lastReceivedAtMs };
  }

  /** Stores and settles what has been received, for at most `ms`; the rest stays in the log. */
  async stop(ms: number): Promise<void> {
    const giveUp = setTimeout(() => {
      this.reading.abort();
      this.storing.abort();
    }, ms);
    try {
      await this.backlog.drained();
      await this.inserter.flush();
      await this.settler.flush();
    } catch (error) {
      this.options.log.info({ error, ...this.status() }, 'stopped with spans waiting in the write-ahead log');
    }
    clearTimeout(giveUp);
    this.reading.abort();
    this.storing.abort();
    this.settler.stop();
  }

  private hasRoom(): boolean {
    const { maxItemsInMemory, maxBytesInMemory } = this.options;
    return (
      this.inserter.rows + this.settler.items < maxItemsInMemory && this.inserter.bytes < maxBytesInMemory
    );
  }

  /** What we cannot read is set aside, for its neighbours' sake. */
  private async take(record: WalRecord, at: WalPosition): Promise<void> {
    const { readingFor, retentionDays, accounting, wal } = this.options;
    let batch: Batch;
    try {
      batch = await inTurns(readRecordInSteps(record, readingFor(record.projectId), retentionDays));
    } catch (error) {
      const isKept = await this.quarantine.addRecord(record, at, error);
      accounting.quarantined(record.items);
      // Otherwise the segment is kept for the next start, which tries again.
      if (isKept) wal.release(at.segment);
      return;
    }
    accounting.read(batch, record.receivedAtMs);
    const { receivedAtMs, payload } = record;
    this.inserter.add({ batch, receivedAtMs, segment: at.segment, bytes: payload.length });
  }

  // It stays in memory like the others: what it says of a call counts, though its row was refused.
  private onQuarantined(batch: Batch): void {
    this.stored -= itemsIn(batch);
    this.options.accounting.quarantined(
      itemsIn(batch),
      batch.spans.map(({ span }) => span),
    );
  }

  private async onInserted(accepted: Accepted[]): Promise<void> {
    for (const one of accepted) {
      if (isOver()) await turn();
      this.stored += itemsIn(one.batch);
      this.options.accounting.stored(one.batch, one.receivedAtMs);
      this.settler.see(one);
      this.options.wal.release(one.segment);
    }
  }
}
