import type { ClickHouse } from '#store/engine/client.ts';
import { clickhouseTime, type RejectRow } from '#store/rows.ts';
import type { IngestReport } from '#store/state/ingest-status.ts';
import type { ForwardStatus } from './forward/status.ts';
import type { CollectorLog } from './hooks.ts';
import type { Rejection } from './otlp/request.ts';

/** How ingest is doing since this collector started; items are spans, log records and metric points. */
export interface CollectorStatus {
  /** Acknowledged, those found in the write-ahead log at the start included: always stored + waiting + quarantined. */
  acked: number;
  stored: number;
  /** Acknowledged but not in the store yet. */
  waiting: number;
  /** Refused items by reason; a request of which nothing could be read counts once. */
  rejected: Record<string, number>;
  lastReceivedAtMs: number | null;
  /** What it knows of itself besides. */
  report: IngestReport;
  /** How forwarding is doing; null when there is none. */
  forward: ForwardStatus | null;
}

/** Rows that may wait for the store; beyond it only the counts are kept. */
const maxPending = 1000;

/** Counts refusals, and keeps a row of each kind for people to look at. */
export class Rejects {
  readonly totals: Record<string, number> = {};
  private readonly pending = new Map<string, RejectRow>();

  add(signal: string, projectId: string, rejected: readonly Rejection[], nowMs: number): void {
    for (const { reason, count, sample, service } of rejected) {
      this.totals[reason] = (this.totals[reason] ?? 0) + count;
      const key = JSON.stringify([signal, projectId, reason, service]);
      const row = this.pending.get(key);
      if (row) row.count += count;
      else if (this.pending.size < maxPending) {
        const time = clickhouseTime(BigInt(nowMs) * 1_000_000n);
        this.pending.set(key, { project_id: projectId, time, signal, reason, count, sample, service });
      }
    }
  }

  /** Stores what has gathered. When the store is away the rows wait for the next time. */
  async flush(clickhouse: ClickHouse, log: CollectorLog): Promise<void> {
    if (this.pending.size === 0) return;
    const rows = [...this.pending];
    this.pending.clear();
    try {
      await clickhouse.insert(
        'rejects',
        rows.map(([, row]) => row),
      );
    } catch (error) {
      log.warn({ error }, 'could not store what was rejected');
      for (const [key, row] of rows) {
        const newer = this.pending.get(key);
        if (newer) newer.count += row.count;
        else this.pending.set(key, row);
      }
    }
  }
}
