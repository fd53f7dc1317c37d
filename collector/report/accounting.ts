import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClickHouse } from '#store/engine/client.ts';
import type { IngestReport } from '#store/state/ingest-status.ts';
import type { CollectorLog } from '../hooks.ts';
import type { Signal } from '../otlp/proto.ts';
import type { Rejection } from '../otlp/request.ts';
import type { Batch, Reading } from '../settle/described.ts';
import { Balance } from './balance.ts';
import { tellDamage } from './damage.ts';
import { freeBytesOf, judgeVitals, Problems } from './problems.ts';
import { Sources } from './sources.ts';
import { StoredCheck } from './stored-check.ts';
import { Unmapped } from './unmapped.ts';

/** Where the pipeline stands; sizes are bytes. */
export interface Standing {
  /** Acknowledged items that are not stored. */
  waiting: number;
  /** Acknowledged by this process, and found in the log when it began. */
  acked: number;
  stored: number;
  /** Everything received before this has been read. */
  readUntilMs: number;
  walBytes: number;
}

export interface AccountingOptions {
  /** The same for every collector that ever runs on this folder. */
  collectorId: string;
  dataDir: string;
  clickhouse: ClickHouse;
  log: CollectorLog;
  now: () => number;
  retentionDays: number;
  walLimitBytes: number;
  readingFor: (projectId: string) => Reading;
}

/** How far the accounts of earlier processes reach. */
const markFile = (dataDir: string) => join(dataDir, 'wal', 'counted-until');

/**
 * The accounts of ingest: who sent what and what became of it, whether what was acknowledged is really stored, which
 * attributes nobody reads, and what is wrong. It only watches: an error in here is logged and stops nothing.
 */
export class Accounting {
  /** Open to whoever knows of something a person should know. */
  readonly problems = new Problems();
  private readonly options: AccountingOptions;
  private readonly startedAtMs: number;
  private readonly countedUntilMs: number;
  private readonly balance = new Balance();
  private markedMs: number;
  private readonly sources: Sources;
  private readonly check: StoredCheck;
  private readonly unmapped: Unmapped;
  /** Requests of earlier processes that were read again and are not stored yet. */
  private oldUnderway = 0;
  private isReconciled = false;
  private refusedRequests = 0;
  private quarantinedItems = 0;
  private unreadableItems = 0;
  private unsettledTraces = 0;
  private walBytes = 0;
  private isStopped = false;
  private flushes = 0;
  private complainedAtMs = 0;

  /** Use openAccounting. */
  constructor(options: AccountingOptions, countedUntilMs: number) {
    const { clickhouse, log, now, retentionDays, readingFor } = options;
    this.options = options;
    this.startedAtMs = now();
    this.countedUntilMs = countedUntilMs;
    this.markedMs = countedUntilMs;
    const collectorId = `${options.collectorId}.${this.startedAtMs.toString(36)}`;
    this.sources = new Sources({ collectorId, log });
    this.check = new StoredCheck({ clickhouse, log, retentionDays, startedAtMs: this.startedAtMs });
    this.unmapped = new Unmapped({
      collectorId,
      log,
      mapping: projectId => readingFor(projectId).mapping,
      capturesContent: projectId => readingFor(projectId).captureContent,
    });
  }

  /** A durable request was read from the log. One from before our start may have been counted by an earlier process. */
  read(batch: Batch, receivedAtMs: number): void {
    this.guarded(() => {
      const isOld = receivedAtMs < this.startedAtMs;
      this.check.accepted(batch, receivedAtMs, this.options.now());
      if (isOld) this.oldUnderway++;
      else this.unmapped.accepted(batch, receivedAtMs);
      // Acknowledged after the last accounts were written: nobody else has counted it.
      if (!isOld || receivedAtMs > this.countedUntilMs)
        this.sources.accepted(batch, receivedAtMs, this.options.now());
    });
  }

  /** The rows of a request are stored. */
  stored(batch: Batch, receivedAtMs: number): void {
    this.guarded(() => {
      const nowMs = this.options.now();
      this.check.stored(batch, nowMs);
      const isOld = receivedAtMs < this.startedAtMs;
      if (isOld) this.oldUnderway--;
      if (!isOld || receivedAtMs > this.countedUntilMs) this.sources.stored(batch, receivedAtMs, nowMs);
    });
  }

  /** Items were refused out of a request that could be read. */
  rejected(signal: Signal, projectId: string, rejections: readonly Rejection[], atMs: number): void {
    this.guarded(() =>
      this.sources.rejected(signal, projectId, rejections, { receivedAtMs: atMs, nowMs: this.options.now() }),
    );
  }

  /** A request was refused as a whole. */
  refused(): void {
    this.refusedRequests++;
  }

  /** Items that the store refuses were set aside; they are stored for the accounts, but nobody should look for them. */
  quarantined(items: number, spans: readonly { traceId: string; spanId: string }[] = []): void {
    this.quarantinedItems += items;
    this.check.forget(spans);
  }

  /** Acknowledged items are damaged on disk; the file that had them is kept apart. */
  unreadable(items: number): void {
    this.unreadableItems += items;
  }

  /** The calls of one more trace could not be derived. */
  unsettled(): void {
    this.unsettledTraces++;
  }

  report(): Omit<IngestReport, 'unreadSince' | 'unread'> {
    const { duplicates, truncated } = this.sources.totals;
    return {
      duplicates,
      truncated,
      refusedRequests: this.refusedRequests,
      quarantined: this.quarantinedItems + this.unreadableItems,
      walBytes: this.walBytes,
      walLimitBytes: this.options.walLimitBytes,
      check: this.check.result(this.options.now()),
      problems: this.problems.list(),
      stopped: this.isStopped,
    };
  }

  /** Looks, judges and writes; every few seconds. */
  async tick(standing: () => Standing): Promise<void> {
    const nowMs = this.options.now();
    await this.check.look(nowMs);
    await this.lookForDamage(nowMs);
    await this.judge(standing(), nowMs);
    await this.write(standing);
  }

  /** Writes what is left to write. */
  async stop(standing: () => Standing): Promise<void> {
    this.walBytes = standing().walBytes;
    this.isStopped = true;
    await this.write(standing, true);
  }

  private async lookForDamage(nowMs: number): Promise<void> {
    const { clickhouse, dataDir, log } = this.options;
    await tellDamage(this.problems, clickhouse, dataDir, nowMs).catch(error => {
      log.warn({ error }, 'could not ask the store what is damaged');
    });
  }

  private async judge(standing: Standing, nowMs: number): Promise<void> {
    const { dataDir, walLimitBytes } = this.options;
    const { waiting, readUntilMs, walBytes } = standing;
    this.walBytes = walBytes;
    const unreadMs = nowMs - Math.max(readUntilMs, this.startedAtMs);
    const vitals = {
      waiting,
      waitingMs: Math.max(this.check.waitingMs(nowMs), unreadMs),
      walBytes,
      walLimitBytes,
      quarantined: this.quarantinedItems,
      unreadable: this.unreadableItems,
      unaccounted: this.balance.lasting(this.missingFrom(standing), nowMs),
      unsettled: this.unsettledTraces,
      check: this.check.result(nowMs),
      freeBytes: await freeBytesOf(dataDir),
    };
    judgeVitals(this.problems, vitals, nowMs);
  }

  /** Acknowledged items of which nobody knows where they are. */
  private missingFrom({ acked, stored, waiting }: Standing): number {
    return acked - stored - waiting - this.quarantinedItems - this.unreadableItems;
  }

  private async write(standing: () => Standing, isLast = false): Promise<void> {
    const { clickhouse, log, now } = this.options;
    const nowMs = now();
    const keepBefore = this.isReconciled ? 0 : this.startedAtMs;
    try {
      // At the moment at which the counters are taken: what is read later is in neither.
      const readUntilMs = Math.min(nowMs, standing().readUntilMs);
      if (await this.sources.flush(clickhouse, nowMs, { keepBefore, readUntilMs }))
        await this.mark(readUntilMs);
      // All that was there when we began is read.
      const isRead = readUntilMs >= this.startedAtMs;
      // Rows of attributes are many and change with every sampled span, and nobody waits for them.
      if (isLast || this.flushes++ % 6 === 0) await this.unmapped.flush(clickhouse, nowMs);
      if (!this.isReconciled && isRead && this.oldUnderway === 0) await this.reconcile();
    } catch (error) {
      log.warn({ error }, 'could not write the accounts of ingest');
    }
  }

  private async mark(readUntilMs: number): Promise<void> {
    const file = markFile(this.options.dataDir);
    // What an earlier process had counted stays counted, though it is read again.
    this.markedMs = Math.max(this.markedMs, readUntilMs);
    await writeFile(`${file}.new`, String(this.markedMs));
    await rename(`${file}.new`, file);
  }

  /**
   * All that earlier processes on this folder acknowledged is stored by now, but a killed one could not write down the last
   * of it. So its rows say so once the write-ahead log of its time has been stored.
   */
  private async reconcile(): Promise<void> {
    const { clickhouse, collectorId } = this.options;
    await clickhouse.command(RECONCILE, {
      earlier: `${collectorId}.`,
      own: `${collectorId}.${this.startedAtMs.toString(36)}`,
      version: this.startedAtMs,
    });
    this.isReconciled = true;
  }

  private guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      const nowMs = this.options.now();
      if (nowMs - this.complainedAtMs < 60_000) return;
      this.complainedAtMs = nowMs;
      this.options.log.error({ error }, 'the accounts of ingest are incomplete');
    }
  }
}

// Old rows have lower versions: their process ended before this one began.
const RECONCILE = `
INSERT INTO ingest_sources
SELECT * REPLACE (acked AS stored, {version:UInt64} AS version)
FROM
(
    SELECT * FROM ingest_sources FINAL
    WHERE startsWith(collector_id, {earlier:String}) AND collector_id != {own:String}
      AND minute >= now() - INTERVAL 7 DAY AND acked > stored
)`;

/** Takes up the accounts where an earlier process on this folder left them. */
export async function openAccounting(options: AccountingOptions): Promise<Accounting> {
  let countedUntilMs = 0;
  try {
    countedUntilMs = Number(await readFile(markFile(options.dataDir), 'utf8')) || 0;
  } catch {
    // The first start, or a folder from before there were accounts.
  }
  return new Accounting(options, countedUntilMs);
}
