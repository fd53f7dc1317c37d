import type { ClickHouse } from '#store/engine/client.ts';
import { isoToStore } from '#store/queries/time.ts';
import type { IngestSourceRow } from '#store/rows.ts';
import type { CollectorLog } from '../hooks.ts';
import type { Signal } from '../otlp/proto.ts';
import type { Rejection } from '../otlp/request.ts';
import type { Batch } from '../settle/described.ts';
import type { Resource, Scope } from '../telemetry.ts';
import { Seen, seedOf } from './seen.ts';

const minuteMs = 60_000;
/** Sources counted apart in a minute; what more there is becomes `(other)`, so that no sender can fill the table. */
const maxSources = 500;
/** Sources of all minutes in memory, about 15 MB. */
const maxEntries = 50_000;
const maxRowsPerFlush = 5000;
/** Names are the senders' and may be any length. */
const maxNameChars = 200;
/** A store that hangs must not hold up a stop. */
const longestInsertMs = 5000;
/** Groups of a request that are compared one by one; a request with more is looked up by name. */
const fewGroups = 8;

/** Who sent: an instrumentation in a service, by signal. */
interface SourceName {
  signal: Signal;
  projectId: string;
  service: string;
  sdk: string;
  sdkVersion: string;
  scopeName: string;
  scopeVersion: string;
  dialect: string;
}

/** What one source did in one minute. */
interface SourceMinute extends SourceName {
  minute: number;
  received: number;
  acked: number;
  stored: number;
  rejected: number;
  duplicates: number;
  truncated: number;
  delayMsSum: number;
  delayMsMax: number;
  lastSeenMs: number;
  isDirty: boolean;
}

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
  private readonly minutes = new Map<number, Map<string, SourceMinute>>();
  /** Minutes whose rows are final. */
  private readonly closed = new Set<number>();
  private readonly counted = new WeakMap<Batch, Share[]>();
  private readonly seen = new Seen();
  private readonly seeds = new Map<string, number>();
  private entries = 0;
  private version = 0;

  constructor(options: SourcesOptions) {
    this.options = options;
  }

  /** Counts a request that has just become durable. */
  accepted(batch: Batch, receivedAtMs: number): void {
    const shares: Share[] = [];
    const minute = this.minuteFor(receivedAtMs, receivedAtMs);
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
  rejected(signal: Signal, projectId: string, rejections: readonly Rejection[], receivedAtMs: number): void {
    const minute = this.minuteFor(receivedAtMs, receivedAtMs);
    for (const { count, service } of rejections) {
      const resource = { service, environment: '', release: '', attributes: {} };
      const source = this.sourceOf(minute, nameOf(projectId, signal, resource, null, ''));
      source.received += count;
      source.rejected += count;
      source.lastSeenMs = Math.max(source.lastSeenMs, receivedAtMs);
      source.isDirty = true;
    }
  }

  /**
   * Writes what has changed; while the store is away it waits for the next time. True when everything counted so far is
   * in the store. `keepBefore`: minutes before it may still get items of an earlier process.
   */
  async flush(clickhouse: ClickHouse, nowMs: number, keepBefore = 0): Promise<boolean> {
    const changed = this.changed();
    const now = changed.slice(0, maxRowsPerFlush);
    this.version = Math.max(nowMs, this.version + 1);
    const rows = now.map(source => rowOf(source, this.options.collectorId, this.version));
    for (const source of now) source.isDirty = false;
    try {
      await clickhouse.insert('ingest_sources', rows, { signal: AbortSignal.timeout(longestInsertMs) });
    } catch (error) {
      for (const source of now) source.isDirty = true;
      this.options.log.warn({ error }, 'could not store what the senders did; trying again');
      this.closeOldest();
      return false;
    }
    this.closeDone(nowMs, keepBefore);
    this.closeOldest();
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
      if (this.seen.add(seed, span.traceId, span.spanId, receivedAtMs)) {
        source.duplicates++;
        this.totals.duplicates++;
      }
    }
  }

  private countLogs(batch: Batch, receivedAtMs: number, minute: number, shares: Share[]): void {
    const { projectId } = batch;
    const seed = this.seedOf(projectId);
    for (const { log } of batch.logs) {
      const share = this.shareOf(shares, minute, projectId, 'logs', log.resource, log.scope, '');
      share.items++;
      if (!this.seen.add(seed, '', log.logId, receivedAtMs)) continue;
      share.source.duplicates++;
      this.totals.duplicates++;
    }
  }

  /** The items of a request by source, for one that was not counted as this object. */
  private group(batch: Batch, receivedAtMs: number, nowMs: number): Share[] {
    const shares: Share[] = [];
    const minute = this.minuteFor(receivedAtMs, nowMs);
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
    const source = this.sourceOf(minute, nameOf(projectId, signal, resource, scope, dialect));
    const share = { resource, scope, dialect, source, items: 0 };
    shares.push(share);
    return share;
  }

  private sourceOf(minute: number, name: SourceName, isFolded = false): SourceMinute {
    const sources = this.minutes.get(minute) ?? new Map<string, SourceMinute>();
    this.minutes.set(minute, sources);
    const key = keyOf(name);
    const known = sources.get(key);
    if (known) return known;
    if (sources.size >= maxSources && !isFolded)
      return this.sourceOf(minute, { ...folded, signal: name.signal, projectId: name.projectId }, true);
    const source: SourceMinute = {
      ...name,
      minute,
      received: 0,
      acked: 0,
      stored: 0,
      rejected: 0,
      duplicates: 0,
      truncated: 0,
      delayMsSum: 0,
      delayMsMax: 0,
      lastSeenMs: 0,
      isDirty: false,
    };
    sources.set(key, source);
    this.entries++;
    return source;
  }

  /** The minute of receipt, or the running one when the row of that is final: sums over time stay right. */
  private minuteFor(receivedAtMs: number, nowMs: number): number {
    const minute = Math.floor(receivedAtMs / minuteMs) * minuteMs;
    return this.closed.has(minute) ? Math.floor(nowMs / minuteMs) * minuteMs : minute;
  }

  private changed(): SourceMinute[] {
    const changed: SourceMinute[] = [];
    for (const sources of this.minutes.values())
      for (const source of sources.values()) if (source.isDirty) changed.push(source);
    return changed;
  }

  /** Forgets minutes that are over and of which everything is stored and written. */
  private closeDone(nowMs: number, keepBefore: number): void {
    for (const [minute, sources] of this.minutes) {
      if (minute > nowMs - 2 * minuteMs || minute < keepBefore) continue;
      let isDone = true;
      for (const source of sources.values())
        if (source.isDirty || source.stored < source.acked) isDone = false;
      if (isDone) this.close(minute);
    }
  }

  private closeOldest(): void {
    while (this.entries > maxEntries) this.close(Math.min(...this.minutes.keys()));
    // Nothing is received for a minute of yesterday; a late `stored` would only open it again.
    while (this.closed.size > 2000) this.closed.delete(Math.min(...this.closed));
  }

  private close(minute: number): void {
    this.entries -= this.minutes.get(minute)?.size ?? 0;
    this.minutes.delete(minute);
    this.closed.add(minute);
  }

  private seedOf(projectId: string): number {
    const seed = this.seeds.get(projectId) ?? seedOf(projectId);
    this.seeds.set(projectId, seed);
    return seed;
  }
}

const folded = {
  service: '(other)',
  sdk: '',
  sdkVersion: '',
  scopeName: '',
  scopeVersion: '',
  dialect: '',
};

function nameOf(
  projectId: string,
  signal: Signal,
  resource: Resource,
  scope: Scope | null,
  dialect: string,
): SourceName {
  const { attributes } = resource;
  const sdk = [attributes['telemetry.sdk.name'], attributes['telemetry.sdk.language']].filter(Boolean);
  return {
    signal,
    projectId,
    service: short(resource.service),
    sdk: short(sdk.join(' ')),
    sdkVersion: short(attributes['telemetry.sdk.version'] ?? ''),
    scopeName: short(scope?.name ?? ''),
    scopeVersion: short(scope?.version ?? ''),
    dialect,
  };
}

function keyOf(name: SourceName): string {
  const { projectId, signal, service, sdk, sdkVersion, scopeName, scopeVersion, dialect } = name;
  return [projectId, signal, service, sdk, sdkVersion, scopeName, scopeVersion, dialect].join('\0');
}

const short = (name: string) => (name.length > maxNameChars ? name.slice(0, maxNameChars) : name);

function rowOf(source: SourceMinute, collectorId: string, version: number): IngestSourceRow {
  return {
    project_id: source.projectId,
    minute: isoToStore(source.minute).slice(0, 19),
    collector_id: collectorId,
    signal: source.signal,
    service: source.service,
    sdk: source.sdk,
    sdk_version: source.sdkVersion,
    scope_name: source.scopeName,
    scope_version: source.scopeVersion,
    dialect: source.dialect,
    received: source.received,
    acked: source.acked,
    stored: source.stored,
    rejected: source.rejected,
    duplicates: source.duplicates,
    truncated: source.truncated,
    delay_ms_sum: source.delayMsSum,
    delay_ms_max: source.delayMsMax,
    last_seen: isoToStore(source.lastSeenMs),
    version,
  };
}
