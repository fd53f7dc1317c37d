import type { ClickHouse } from '#store/engine/client.ts';
import type { CollectorLog } from '../hooks.ts';
import type { Signal } from '../otlp/proto.ts';
import type { Rejection } from '../otlp/request.ts';
import type { Batch } from '../settle/described.ts';
import type { Resource, Scope } from '../telemetry.ts';
import { Seen, seedOf } from './seen.ts';
import { type SourceMinute, SourceMinutes } from './source-minutes.ts';
import { nameOf } from './source-name.ts';
import { sourceRow } from './source-row.ts';

const maxRowsPerFlush = 5000;
/** A store that hangs must not hold up a stop. */
const longestInsertMs = 5000;
/** Groups of a request that are compared one by one; a request with more is looked up by name. */
const fewGroups = 8;

/** Items of one request that one source sent. */
interface Share {
  resource: Resource | null;
  scope: Scope | null;
  dialect: string;
  source: SourceMinute;
  items: number;
}

export interface SourcesOptions {
  /** Unique to this process: see Sources. */
  collectorId: string;
  log: CollectorLog;
}

/**
 * Counts what every source sent and what became of it, by the minute of receipt, so that acked and stored of any time range
 * meet. A row is written again as a newer version while its minute runs. After a restart the process counts under an id of
 * its own and readers add up: going on with the old rows would need them read first, and at a start the store may be away.
 */
export class Sources {
  /** Of acknowledged items, since the start. */
  readonly totals = { duplicates: 0, truncated: 0 };
  private readonly options: SourcesOptions;
  private readonly minutes = new SourceMinutes();
  private readonly counted = new WeakMap<Batch, Share[]>();
  private readonly seen = new Seen();
  private readonly seeds = new Map<string, number>();
  private version = 0;

  constructor(options: SourcesOptions) {
    this.options = options;
  }

  /** Counts a durable request. */
  accepted(batch: Batch, receivedAtMs: number, nowMs: number): void {
    const shares: Share[] = [];
    const minute = this.minutes.minuteFor(receivedAtMs, nowMs);
    this.countSpans(batch, receivedAtMs, minute, shares);
    this.countLogs(batch, receivedAtMs, minute, shares);
    for (const { resource } of batch.points)
      this.shareOf(shares, minute, batch.projectId, 'metrics', resource, null, '').items++;
    for (const { source, items } of shares) {
      source.received += items;
      source.acked += items;
      source.lastSeenMs = Math.max(source.lastSeenMs, receivedAtMs);
      source.isDirty = true;
    }
    this.counted.set(batch, shares);
  }

  /** Counts a request whose rows are stored; it may have been read from disk again since it was accepted. */
  stored(batch: Batch, receivedAtMs: number, nowMs: number): void {
    for (const { source, items } of this.counted.get(batch) ?? this.group(batch, receivedAtMs, nowMs)) {
      source.stored += items;
      source.isDirty = true;
    }
    this.counted.delete(batch);
  }

  /** Counts refused items of requests that could be read. Refusals know the service only. */
  rejected(
    signal: Signal,
    projectId: string,
    rejections: readonly Rejection[],
    { receivedAtMs, nowMs }: { receivedAtMs: number; nowMs: number },
  ): void {
    const minute = this.minutes.minuteFor(receivedAtMs, nowMs);
    for (const { count, service } of rejections) {
      const resource = { service, environment: '', release: '', attributes: {} };
      const source = this.minutes.source(minute, nameOf(projectId, signal, resource, null, ''));
      source.received += count;
      source.rejected += count;
      source.lastSeenMs = Math.max(source.lastSeenMs, receivedAtMs);
      source.isDirty = true;
    }
  }

  /**
   * Writes what has changed; while the store is away it waits for the next time. True when everything counted so far is
   * in the store. `keepBefore`: minutes before it may still get items of an earlier process; from `readUntilMs` on they may
   * get items that have been received and not been read.
   */
  async flush(
    clickhouse: ClickHouse,
    nowMs: number,
    { keepBefore, readUntilMs }: { keepBefore: number; readUntilMs: number },
  ): Promise<boolean> {
    const changed = this.minutes.changed();
    const now = changed.slice(0, maxRowsPerFlush);
    this.version = Math.max(nowMs, this.version + 1);
    const rows = now.map(source => sourceRow(source, this.options.collectorId, this.version));
    for (const source of now) source.isDirty = false;
    try {
      await clickhouse.insert('ingest_sources', rows, { signal: AbortSignal.timeout(longestInsertMs) });
    } catch (error) {
      for (const source of now) source.isDirty = true;
      this.options.log.warn({ error }, 'could not store what the senders did; trying again');
      this.minutes.closeOldest();
      return false;
    }
    this.minutes.closeDone(readUntilMs, keepBefore);
    this.minutes.closeOldest();
    return now.length === changed.length;
  }

  private countSpans(batch: Batch, receivedAtMs: number, minute: number, shares: Share[]): void {
    const { projectId } = batch;
    const seed = this.seedOf(projectId);
    let share: Share | null = null;
    for (const { span, facts } of batch.spans) {
      const { resource, scope } = span;
      if (
        share === null ||
        share.resource !== resource ||
        share.scope !== scope ||
        share.dialect !== facts.dialect
      )
        share = this.shareOf(shares, minute, projectId, 'traces', resource, scope, facts.dialect);
      const { source } = share;
      share.items++;
      // A clock that runs ahead of ours says nothing about delay.
      const delayMs = Math.max(0, receivedAtMs - Number(span.endNs) / 1e6);
      source.delayMsSum += delayMs;
      if (delayMs > source.delayMsMax) source.delayMsMax = delayMs;
      if (span.flags.length > 0 && span.flags.includes('truncated')) {
        source.truncated++;
        this.totals.truncated++;
      }
      this.seen.add(seed, span.traceId, span.spanId);
    }
    this.seen.note(receivedAtMs, index => {
      const { span, facts } = batch.spans[index]!;
      this.duplicate(
        this.shareOf(shares, minute, projectId, 'traces', span.resource, span.scope, facts.dialect),
      );
    });
  }

  private countLogs(batch: Batch, receivedAtMs: number, minute: number, shares: Share[]): void {
    const { projectId } = batch;
    const seed = this.seedOf(projectId);
    for (const { log } of batch.logs) {
      this.shareOf(shares, minute, projectId, 'logs', log.resource, log.scope, '').items++;
      this.seen.add(seed, '', log.logId);
    }
    this.seen.note(receivedAtMs, index => {
      const { log } = batch.logs[index]!;
      this.duplicate(this.shareOf(shares, minute, projectId, 'logs', log.resource, log.scope, ''));
    });
  }

  private duplicate({ source }: Share): void {
    source.duplicates++;
    this.totals.duplicates++;
  }

  /** The items of a request by source, for one that was not counted as this object. */
  private group(batch: Batch, receivedAtMs: number, nowMs: number): Share[] {
    const shares: Share[] = [];
    const minute = this.minutes.minuteFor(receivedAtMs, nowMs);
    const { projectId } = batch;
    for (const { span, facts } of batch.spans)
      this.shareOf(shares, minute, projectId, 'traces', span.resource, span.scope, facts.dialect).items++;
    for (const { log } of batch.logs)
      this.shareOf(shares, minute, projectId, 'logs', log.resource, log.scope, '').items++;
    for (const { resource } of batch.points)
      this.shareOf(shares, minute, projectId, 'metrics', resource, null, '').items++;
    return shares;
  }

  /** Items of one request share their resource and scope objects, so a name is made once per request, not per item. */
  private shareOf(
    shares: Share[],
    minute: number,
    projectId: string,
    signal: Signal,
    resource: Resource,
    scope: Scope | null,
    dialect: string,
  ): Share {
    for (let i = shares.length - 1; i >= Math.max(0, shares.length - fewGroups); i--) {
      const share = shares[i]!;
      if (share.resource === resource && share.scope === scope && share.dialect === dialect) return share;
    }
    const source = this.minutes.source(minute, nameOf(projectId, signal, resource, scope, dialect));
    const share = { resource, scope, dialect, source, items: 0 };
    shares.push(share);
    return share;
  }

  private seedOf(projectId: string): number {
    const seed = this.seeds.get(projectId) ?? seedOf(projectId);
    this.seeds.set(projectId, seed);
    return seed;
  }
}
