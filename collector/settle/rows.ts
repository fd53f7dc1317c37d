import { createHash } from 'node:crypto';
import { outcomeId } from '#store/queries/insert-outcomes.ts';
import {
  type ContentRow,
  clickhouseTime,
  type LogRow,
  type MetricRow,
  type OutcomeRow,
  type ScoreOrigin,
  type ScoreRow,
} from '#store/rows.ts';
import type { Content, ScoreFacts } from '../request/facts.ts';
import { encodeLogFacts } from '../request/facts-json.ts';
import type { OutcomeFacts } from '../request/outcomes.ts';
import type { MetricPoint } from '../telemetry.ts';
import type { DescribedLog, DescribedSpan } from './described.ts';

/** Later receipt wins; the same receipt, replayed, gives the same row. */
export function versionOf(receivedAtMs: number): number {
  return receivedAtMs * 1000;
}

export function logRow({ log, facts }: DescribedLog): LogRow {
  return {
    project_id: log.projectId,
    time: clickhouseTime(log.timeNs),
    log_id: log.logId,
    trace_id: log.traceId,
    span_id: log.spanId,
    event_name: log.eventName,
    severity: log.severity,
    body: log.body,
    service: log.resource.service,
    environment: log.resource.environment,
    release: log.resource.release,
    scope_name: log.scope.name,
    scope_version: log.scope.version,
    attributes: log.attributes,
    resource: log.resource.attributes,
    facts: facts ? encodeLogFacts(facts) : '',
    received_at: clickhouseTime(BigInt(log.receivedAtMs) * 1_000_000n),
    version: String(versionOf(log.receivedAtMs)),
  };
}

/** Whose messages or scores a row holds. */
export interface Bearer {
  projectId: string;
  timeNs: bigint;
  traceId: string;
  spanId: string;
  /** Log id; empty for spans. */
  recordId: string;
  receivedAtMs: number;
}

export function bearerOfSpan({ span }: DescribedSpan): Bearer {
  const { projectId, startNs, traceId, spanId, receivedAtMs } = span;
  return { projectId, timeNs: startNs, traceId, spanId, recordId: '', receivedAtMs };
}

export function bearerOfLog({ log }: DescribedLog): Bearer {
  const { projectId, timeNs, traceId, spanId, logId, receivedAtMs } = log;
  return { projectId, timeNs, traceId, spanId, recordId: logId, receivedAtMs };
}

export function contentRow(content: Content, bearer: Bearer): ContentRow {
  return {
    project_id: bearer.projectId,
    time: clickhouseTime(bearer.timeNs),
    trace_id: bearer.traceId,
    span_id: bearer.spanId,
    record_id: bearer.recordId,
    input: JSON.stringify(content.input),
    output: JSON.stringify(content.output),
    version: String(versionOf(bearer.receivedAtMs)),
  };
}

export function scoreRow(score: ScoreFacts, bearer: Bearer): ScoreRow & Partial<ScoreOrigin> {
  // A score's own time is the sender's word; one that is days away from what carries it would open partitions at will.
  const timeNs = isNear(score.timeNs, bearer.timeNs) ? score.timeNs : bearer.timeNs;
  const row = {
    project_id: bearer.projectId,
    time: clickhouseTime(timeNs),
    name: score.name,
    value: score.value !== undefined && Number.isFinite(score.value) ? score.value : null,
    label: score.label ?? '',
    explanation: score.explanation ?? '',
    error_type: score.errorType ?? '',
    source: 'otlp',
    target: score.target,
    trace_id: score.traceId,
    span_id: score.spanId,
    response_id: score.responseId,
    session: score.session,
  };
  const origin: Partial<ScoreOrigin> = {
    ...(score.probability !== undefined && { inclusion_probability: score.probability }),
    ...(score.evaluator !== undefined && { evaluator: score.evaluator }),
    ...(score.rater !== undefined && { rater: score.rater }),
  };
  if (score.id !== undefined) {
    // As insertScores does, so that one score may be sent by either way. Of two with one id the one made later is valid,
    // also when a retry brings the earlier one last.
    const score_id = hexId([bearer.projectId, score.name, score.id]);
    return { ...row, ...origin, score_id, version: (timeNs / 1000n).toString(), is_deleted: 0 };
  }
  // Two people may say the same of one thing.
  const score_id = hexId([...Object.values(row), bearer.recordId, ...(score.rater ? [score.rater] : [])]);
  return { ...row, ...origin, score_id, version: String(versionOf(bearer.receivedAtMs)), is_deleted: 0 };
}

export function outcomeRow(outcome: OutcomeFacts, bearer: Bearer): OutcomeRow {
  const timeNs = isNear(outcome.timeNs, bearer.timeNs) ? outcome.timeNs : bearer.timeNs;
  const row = {
    project_id: bearer.projectId,
    time: clickhouseTime(timeNs),
    name: outcome.name,
    value: outcome.value ?? null,
    value_nanos: outcome.valueNanos ?? null,
    label: outcome.label ?? '',
    source: 'otlp',
    trace_id: outcome.traceId,
    response_id: outcome.responseId,
    session: outcome.session,
    user: outcome.user,
    feature: outcome.feature,
  };
  // Of two with one id the one that happened later is valid, also when a retry brings the earlier one last.
  const [outcome_id, version] =
    outcome.id === undefined
      ? [hexId([...Object.values(row), bearer.recordId]), versionOf(bearer.receivedAtMs).toString()]
      : [outcomeId(bearer.projectId, outcome.name, outcome.id), (timeNs / 1000n).toString()];
  return { ...row, outcome_id, version, is_deleted: 0 };
}

const dayNs = 86_400_000_000_000n;

function isNear(a: bigint, b: bigint): boolean {
  return a - b < dayNs && b - a < dayNs;
}

export function metricRow(point: MetricPoint, receivedAtMs: number): MetricRow {
  const { resource, timeNs, startNs } = point;
  const startedLater = startNs > timeNs;
  const hasBounds = point.bounds.every(Number.isFinite);
  return {
    project_id: point.projectId,
    time: clickhouseTime(timeNs),
    start_time: clickhouseTime(startedLater ? timeNs : startNs),
    name: point.name,
    unit: point.unit,
    kind: point.kind,
    temporality: point.temporality,
    monotonic: point.monotonic ? 1 : 0,
    service: resource.service,
    environment: resource.environment,
    release: resource.release,
    attributes: point.attributes,
    resource: resource.attributes,
    series_id: seriesId(point),
    value: point.value,
    count: point.count === null ? null : point.count.toString(),
    sum: point.sum,
    min: point.min,
    max: point.max,
    bounds: hasBounds ? point.bounds : [],
    bucket_counts: hasBounds ? point.bucketCounts.map(String) : [],
    version: String(versionOf(receivedAtMs)),
  };
}

/** Points of one instrument with the same labels from the same process. */
function seriesId({ name, unit, kind, temporality, attributes, resource }: MetricPoint): string {
  return hash([name, unit, kind, temporality, sorted(attributes), sorted(resource.attributes)])
    .readBigUInt64LE(0)
    .toString();
}

function sorted(attributes: Record<string, string>): [string, string][] {
  return Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
}

function hexId(parts: unknown[]): string {
  return hash(parts).toString('hex').slice(0, 32);
}

function hash(parts: unknown[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}
