import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouse } from '#store/engine/client.ts';
import { isOver, turn } from '../event-loop.ts';
import type { CollectorLog, CrashPoint } from '../hooks.ts';
import type { Accounting } from '../report/accounting.ts';
import type { CollectorStatus } from '../status.ts';
import type { WalRecord } from '../wal/record.ts';
import type { WalPosition } from '../wal/segment-file.ts';
import type { LeftoverSegment, Wal } from '../wal/wal.ts';
import type { AttributeLimit } from './attribute-names.ts';
import { Backlog } from './backlog.ts';
import { type Batch, itemsIn, type Reading } from './described.ts';
import { type Accepted, Inserter } from './inserter.ts';
import type { LedgerNames } from './name-limit.ts';
import type { Patience } from './open-traces.ts';
import type { Price } from './pricing.ts';
import { Quarantine } from './quarantine.ts';
import { readRecord } from './read-record.ts';
import { Settler } from './settler.ts';
import type { StoreKnowledge } from './store-knowledge.ts';

export interface PipelineOptions {
  wal: Wal;
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
  accounting: Pick<Accounting, 'accepted' | 'reread' | 'stored' | 'quarantined' | 'unsettled'>;
  /** What the store refuses is kept in `quarantine` below it. */
  walDir: string;
}

const tickMs = 200;
const longestWaitForRoomMs = 1_000;
const tracesPerRound = 300;

/**
 * From acknowledged to stored: rows are inserted, then the calls of their traces are derived, and only then may the
 * segment of the write-ahead log go. While memory is full, requests wait on disk and come back through the backlog.
 */
export class Pipeline {
  private readonly options: PipelineOptions;
  private readonly inserter: Inserter;
  private readonly settler: Settler;
  private readonly backlog: Backlog;
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
    const quarantine = new Quarantine(options.walDir, log);
    const shared = { clickhouse, log, crashPoint, signal, quarantine };
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
      take: (record, segment) => this.reread(record, segment),
    });
  }

  /** Takes over what is durable now, with the hold on its segment. */
  accept(batch: Batch, record: WalRecord, position: WalPosition): void {
    this.acked += record.items;
    this.lastReceivedAtMs = record.receivedAtMs;
    this.options.accounting.accepted(batch, record.receivedAtMs);
    // Behind others that wait on disk, also when there is room again: order keeps the parts of the backlog few.
    if (!this.backlog.isEmpty || !this.hasRoom()) this.backlog.add({ ...position, items: record.items });
    else this.insert(batch, record, position.segment);
  }

  private insert(batch: Batch, { receivedAtMs, payload }: WalRecord, segment: number): void {
    this.inserter.add({ batch, receivedAtMs, segment, bytes: payload.length });
  }

  /**
   * Resolves when there is room in memory, or after a moment: while the store keeps up, a sender that is a little too fast
   * waits for its acknowledgement, since what goes by way of the disk has to be read and decoded a second time. When the
   * store is slow or away nobody waits.
   */
  async room(): Promise<void> {
    const untilMs = performance.now() + longestWaitForRoomMs;
    while (!this.hasRoom() && this.inserter.isProgressing && performance.now() < untilMs) await sleep(20);
  }

  /** Takes over a segment that an earlier process left. */
  replay(leftover: LeftoverSegment): void {
    this.acked += leftover.items;
    this.backlog.add(leftover);
  }

  /** Acknowledged items that will be read from disk again. */
  get itemsOnDiskOnly(): number {
    return this.backlog.items;
  }

  status(): Omit<CollectorStatus, 'rejected' | 'report' | 'forward'> {
    const { acked, stored, lastReceivedAtMs } = this;
    return { acked, stored, waiting: this.inserter.rows + this.backlog.items, lastReceivedAtMs };
  }

  /** Stores and settles what is in memory, for at most `ms`. */
  async stop(ms: number): Promise<void> {
    this.reading.abort();
    await this.backlog.drained();
    const giveUp = setTimeout(() => this.storing.abort(), ms);
    try {
      await this.inserter.flush();
      await this.settler.flush();
    } catch (error) {
      this.options.log.info({ error, ...this.status() }, 'stopped with spans waiting in the write-ahead log');
    }
    clearTimeout(giveUp);
    this.storing.abort();
    this.settler.stop();
  }

  private hasRoom(): boolean {
    const { maxItemsInMemory, maxBytesInMemory } = this.options;
    return (
      this.inserter.rows + this.settler.items < maxItemsInMemory && this.inserter.bytes < maxBytesInMemory
    );
  }

  private reread(record: WalRecord, segment: number): void {
    const { readingFor, retentionDays } = this.options;
    const batch = readRecord(record, readingFor(record.projectId), retentionDays);
    this.options.accounting.reread(batch, record.receivedAtMs);
    this.insert(batch, record, segment);
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
