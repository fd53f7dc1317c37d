import { type ClickHouse, dashboardLimits } from '../engine/client.ts';
import { isoFromStore, isoToStore } from './time.ts';

export interface IngestQuestion {
  projectId: string;
  /** Unix milliseconds, [fromMs, toMs); the minute in which it begins counts whole. */
  fromMs: number;
  toMs: number;
}

export interface IngestCounts {
  received: number;
  acked: number;
  stored: number;
  rejected: number;
  duplicates: number;
  truncated: number;
}

export interface SourceRow extends IngestCounts {
  service: string;
  sdk: string;
  sdk_version: string;
  scope_name: string;
  scope_version: string;
  dialect: string;
  signals: string[];
  last_seen: string;
  /** From the end of a span to its receipt; null for a source without spans. */
  delay_mean_ms: number | null;
  delay_max_ms: number | null;
}

const COUNTS = ['received', 'acked', 'stored', 'rejected', 'duplicates', 'truncated'] as const;
const sums = COUNTS.map(name => `sum(${name}) AS n_${name}`).join(', ');
const source = 'service, sdk, sdk_version, scope_name, scope_version, dialect';

// A minute is written again as a newer version while it runs, so FINAL; each collector counts for itself, so sum.
const minutes = `
FROM ingest_sources FINAL
WHERE project_id = {project:String} AND minute >= {from:DateTime64(3)} AND minute < {to:DateTime64(3)}`;

const SOURCES = `
SELECT ${source}, ${sums},
  arraySort(groupUniqArray(signal)) AS signals, toString(max(last_seen)) AS seen,
  sumIf(acked, signal = 'traces') AS spans,
  spans > 0 ? sumIf(delay_ms_sum, signal = 'traces') / spans : NULL AS delay_mean_ms,
  spans > 0 ? maxIf(delay_ms_max, signal = 'traces') : NULL AS delay_max_ms
${minutes}
GROUP BY ${source}
ORDER BY n_received DESC, ${source}
LIMIT {limit:UInt32}`;

/** What each sender did, the one that sent most first. */
export async function readIngestSources(
  clickhouse: ClickHouse,
  question: IngestQuestion,
  limit = 500,
): Promise<SourceRow[]> {
  type Row = Omit<SourceRow, keyof IngestCounts | 'last_seen'> & { seen: string; spans: string };
  const rows = await clickhouse.query<Row & CountColumns>(
    SOURCES,
    { ...rangeParams(question), limit },
    limits,
  );
  return rows.map(({ seen, spans: _, ...row }) => ({
    service: row.service,
    sdk: row.sdk,
    sdk_version: row.sdk_version,
    scope_name: row.scope_name,
    scope_version: row.scope_version,
    dialect: row.dialect,
    signals: row.signals,
    ...countsOf(row),
    last_seen: isoFromStore(seen),
    delay_mean_ms: row.delay_mean_ms,
    delay_max_ms: row.delay_max_ms,
  }));
}

export interface IngestBucket extends IngestCounts {
  /** Start of the bucket, Unix milliseconds. */
  timeMs: number;
}

const SERIES = `
SELECT intDiv(toUnixTimestamp(minute), {step:UInt32}) * {step:UInt32} AS bucket, ${sums}
${minutes}
GROUP BY bucket
ORDER BY bucket`;

/** The sum over all sources in buckets of `stepS` seconds from the epoch on; buckets in which nothing came are left out. */
export async function readIngestSeries(
  clickhouse: ClickHouse,
  question: IngestQuestion,
  stepS: number,
): Promise<IngestBucket[]> {
  const params = { ...rangeParams(question), step: stepS };
  const rows = await clickhouse.query<CountColumns & { bucket: string }>(SERIES, params, limits);
  return rows.map(row => ({ timeMs: Number(row.bucket) * 1000, ...countsOf(row) }));
}

const STEPS_S = [60, 300, 900, 3600, 21_600, 86_400];
const MOST_POINTS = 200;

/** Width of the buckets of a chart over the range, in seconds: the smallest that needs at most about 200 of them. */
export function ingestStepS({ fromMs, toMs }: Pick<IngestQuestion, 'fromMs' | 'toMs'>): number {
  const spanS = (toMs - fromMs) / 1000;
  return STEPS_S.find(step => spanS / step <= MOST_POINTS) ?? 7 * 86_400;
}

type CountColumns = Record<`n_${(typeof COUNTS)[number]}`, string>;

function countsOf(row: CountColumns): IngestCounts {
  return {
    received: Number(row.n_received),
    acked: Number(row.n_acked),
    stored: Number(row.n_stored),
    rejected: Number(row.n_rejected),
    duplicates: Number(row.n_duplicates),
    truncated: Number(row.n_truncated),
  };
}

/** The range as query parameters. */
export function rangeParams({ projectId, fromMs, toMs }: IngestQuestion) {
  const minuteMs = Math.floor(fromMs / 60_000) * 60_000;
  return { project: projectId, from: isoToStore(minuteMs), to: isoToStore(toMs) };
}

// Keys hold their time, so the versions of a row are all in one partition.
const limits = {
  settings: { ...dashboardLimits, do_not_merge_across_partitions_select_final: 1 as const },
};
