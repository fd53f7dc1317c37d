import type { ClickHouse } from '#store/engine/client.ts';
import { findSpans, type SpanId } from '#store/queries/find-spans.ts';
import type { IngestReport } from '#store/state/ingest-status.ts';
import type { CollectorLog } from '../hooks.ts';
import type { Batch } from '../settle/described.ts';

/** An acknowledged span whose fate is watched. */
interface Sample extends SpanId {
  service: string;
  ackedAtMs: number;
  storedAtMs: number | null;
  /** When it was looked for in vain. */
  missedAtMs: number | null;
}

export interface StoredCheckOptions {
  clickhouse: ClickHouse;
  log: CollectorLog;
  retentionDays: number;
  startedAtMs: number;
  limits?: Partial<typeof defaults>;
}

const defaults = {
  samplesPerMinute: 60,
  samplesPerRequest: 3,
  /** From stored to the first look, and from a look in vain to the second, which is the verdict. */
  firstLookMs: 30_000,
  secondLookMs: 60_000,
  /** Acknowledged and not stored, or stored and not looked for, for this long: too much is on its way to judge. */
  patienceMs: 10 * 60_000,
  /** How long what was missing colours the verdict. */
  missingHoldMs: 60 * 60_000,
};

const maxSamples = 5000;
const spansPerLook = 500;
const dayMs = 86_400_000;

/**
 * Whether what was acknowledged is in the store: about one span a second is remembered when it is read from the log and looked
 * for by its key after its insert is done. What may be deleted meanwhile is no evidence: spans near the end of retention
 * are not sampled, and those of the demo, which a button removes, count only when they are found.
 */
export class StoredCheck {
  private readonly options: StoredCheckOptions;
  private readonly limits: typeof defaults;
  private readonly samples = new Map<string, Sample>();
  private readonly inBatch = new WeakMap<Batch, Sample[]>();
  private tokens: number;
  private filledAtMs: number;
  private turn = 0;
  private checked = 0;
  private missing = 0;
  private lastMissingAtMs: number | null = null;
  private checkedAtMs: number | null = null;

  constructor(options: StoredCheckOptions) {
    this.options = options;
    this.limits = { ...defaults, ...options.limits };
    this.tokens = this.limits.samplesPerMinute / 3;
    this.filledAtMs = options.startedAtMs;
  }

  /** Takes a few spans of a durable request. */
  accepted(batch: Batch, receivedAtMs: number, nowMs: number): void {
    const { spans } = batch;
    const wanted = Math.min(this.allowance(nowMs), spans.length);
    if (wanted === 0) return;
    const taken: Sample[] = [];
    const oldestMs = nowMs - (this.options.retentionDays * dayMs) / 2;
    // Spread over the request from a hashed start, since the same places each time might be lucky ones.
    const start = Math.imul(this.turn++, 0x9e3779b1) >>> 0;
    for (let i = 0; i < wanted; i++) {
      const at = (start + Math.floor((i * spans.length) / wanted)) % spans.length;
      const { span } = spans[at]!;
      const { projectId, traceId, spanId, startNs, resource } = span;
      const key = traceId + spanId;
      if (this.samples.has(key) || Number(startNs / 1_000_000n) < oldestMs) continue;
      const ids = { projectId, traceId, spanId, startNs };
      const times = { ackedAtMs: receivedAtMs, storedAtMs: null, missedAtMs: null };
      const sample: Sample = { ...ids, ...times, service: resource.service };
      this.samples.set(key, sample);
      taken.push(sample);
      this.tokens--;
    }
    if (taken.length > 0) this.inBatch.set(batch, taken);
  }

  stored(batch: Batch, nowMs: number): void {
    for (const sample of this.inBatch.get(batch) ?? []) sample.storedAtMs ??= nowMs;
    this.inBatch.delete(batch);
  }

  /** Stops watching spans that are known not to be in the store. */
  forget(spans: readonly { traceId: string; spanId: string }[]): void {
    for (const { traceId, spanId } of spans) this.samples.delete(traceId + spanId);
  }

  /** Age of the oldest watched span that is not stored; 0 without one. What an earlier process left ages from our start. */
  waitingMs(nowMs: number): number {
    for (const { storedAtMs, ackedAtMs } of this.samples.values())
      if (storedAtMs === null) return nowMs - Math.max(ackedAtMs, this.options.startedAtMs);
    return 0;
  }

  /** Looks for what is due. While the store is away it stays due. */
  async look(nowMs: number): Promise<void> {
    const due = this.due(nowMs);
    if (due.length === 0) return;
    try {
      const found = await findSpans(this.options.clickhouse, due);
      this.checkedAtMs = nowMs;
      this.judge(due, found, nowMs);
    } catch (error) {
      this.options.log.warn({ error }, 'could not look for acknowledged spans in the store; trying again');
    }
  }

  result(nowMs: number): IngestReport['check'] {
    const { checked, missing, checkedAtMs } = this;
    const checked_at = checkedAtMs === null ? null : new Date(checkedAtMs).toISOString();
    return { verdict: this.verdict(nowMs), checked_at, checked, missing };
  }

  private verdict(nowMs: number): IngestReport['check']['verdict'] {
    const { lastMissingAtMs, limits } = this;
    if (lastMissingAtMs !== null && nowMs - lastMissingAtMs < limits.missingHoldMs) return 'missing';
    for (const { ackedAtMs, storedAtMs } of this.samples.values())
      if (nowMs - (storedAtMs ?? ackedAtMs) > limits.patienceMs) return 'waiting';
    return this.checked === 0 ? 'unknown' : 'ok';
  }

  /** Spans that may be sampled now. */
  private allowance(nowMs: number): number {
    const { samplesPerMinute, samplesPerRequest } = this.limits;
    const gained = (Math.max(0, nowMs - this.filledAtMs) / 60_000) * samplesPerMinute;
    this.tokens = Math.min(samplesPerMinute / 3, this.tokens + gained);
    this.filledAtMs = nowMs;
    if (this.samples.size >= maxSamples) return 0;
    return Math.min(samplesPerRequest, Math.floor(this.tokens));
  }

  private due(nowMs: number): Sample[] {
    const { firstLookMs, secondLookMs } = this.limits;
    const due: Sample[] = [];
    for (const sample of this.samples.values()) {
      const { storedAtMs, missedAtMs } = sample;
      if (storedAtMs === null) continue;
      const dueMs = missedAtMs === null ? storedAtMs + firstLookMs : missedAtMs + secondLookMs;
      if (dueMs <= nowMs) due.push(sample);
      if (due.length === spansPerLook) break;
    }
    return due;
  }

  private judge(due: readonly Sample[], found: ReadonlySet<Sample>, nowMs: number): void {
    const missing: Sample[] = [];
    for (const sample of due) {
      if (!found.has(sample) && sample.missedAtMs === null) {
        sample.missedAtMs = nowMs;
        continue;
      }
      this.samples.delete(sample.traceId + sample.spanId);
      if (found.has(sample)) this.checked++;
      else if (!sample.service.startsWith('demo-')) missing.push(sample);
    }
    if (missing.length === 0) return;
    this.checked += missing.length;
    this.missing += missing.length;
    this.lastMissingAtMs = nowMs;
    const spans = missing.slice(0, 20).map(({ traceId, spanId, ackedAtMs, storedAtMs }) => ({
      traceId,
      spanId,
      ackedAt: new Date(ackedAtMs).toISOString(),
      storedAt: new Date(storedAtMs ?? 0).toISOString(),
    }));
    this.options.log.error(
      { missing: missing.length, spans },
      'acknowledged spans are missing from the store',
    );
  }
}
