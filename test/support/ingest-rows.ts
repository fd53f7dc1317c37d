import {
  clickhouseTime,
  type IngestSourceRow,
  type RejectRow,
  type UnmappedAttributeRow,
} from '#store/rows.ts';

/** What one source did in one minute, everything stored; name only what the test is about. */
export function ingestSourceRow({
  at,
  ...given
}: Partial<IngestSourceRow> & { at: string }): IngestSourceRow {
  const acked = given.acked ?? 10;
  return {
    project_id: 'default',
    minute: at.slice(0, 16).replace('T', ' ').concat(':00'),
    collector_id: 'one',
    signal: 'traces',
    service: 'app',
    sdk: 'opentelemetry nodejs',
    sdk_version: '2.2.0',
    scope_name: 'test',
    scope_version: '1',
    dialect: 'gen_ai',
    received: acked + (given.rejected ?? 0),
    acked,
    stored: acked,
    rejected: 0,
    duplicates: 0,
    truncated: 0,
    delay_ms_sum: acked * 100,
    delay_ms_max: 250,
    last_seen: millis(at),
    version: 1,
    ...given,
  };
}

/** Attributes nobody reads in one hour's sample of one instrumentation. */
export function unmappedRow({
  at,
  ...given
}: Partial<UnmappedAttributeRow> & { at: string; key: string }): UnmappedAttributeRow {
  return {
    project_id: 'default',
    hour: at.slice(0, 13).replace('T', ' ').concat(':00:00'),
    collector_id: 'one',
    scope_name: 'test',
    scope_version: '1',
    dialect: 'gen_ai',
    n: 1,
    sampled: 10,
    example: 'x',
    trace_id: 'a'.repeat(32),
    span_id: 'b'.repeat(16),
    last_seen: millis(at),
    version: 1,
    ...given,
  };
}

/** Something that was refused; `at` is an ISO time. */
export function rejectRow({ at, ...given }: Partial<RejectRow> & { at: string; reason: string }): RejectRow {
  return {
    project_id: 'default',
    time: millis(at),
    signal: 'traces',
    count: 1,
    sample: '{}',
    service: '',
    ...given,
  };
}

const millis = (iso: string) => clickhouseTime(BigInt(Date.parse(iso)) * 1_000_000n).slice(0, 23);
