import type { ClickHouse } from '../engine/client.ts';
import { clickhouseTime } from '../rows.ts';

/** What a span is found by. */
export interface SpanId {
  projectId: string;
  startNs: bigint;
  traceId: string;
  spanId: string;
}

const hourNs = 3_600_000_000_000n;
const hoursADay = 24n;

// Every column of the key, and the day for the partition: a granule is read for each span, whatever the table holds.
const SQL = `
SELECT DISTINCT trace_id, span_id
FROM spans
WHERE project_id = {project:String}
  AND start_time >= {from:DateTime64(9)} AND start_time < {to:DateTime64(9)}
  AND (toStartOfHour(start_time), trace_id, span_id) IN (
    SELECT hour, trace, span FROM (SELECT 1)
    ARRAY JOIN {hours:Array(DateTime)} AS hour, {traces:Array(String)} AS trace, {spans:Array(String)} AS span)`;

/** Those of the given spans that are in the store. One query for each project and day among them. */
export async function findSpans<T extends SpanId>(
  clickhouse: ClickHouse,
  wanted: readonly T[],
): Promise<Set<T>> {
  const found = new Set<T>();
  for (const spans of byProjectAndDay(wanted)) {
    const [first] = spans as [T];
    const day = first.startNs / (hourNs * hoursADay);
    const rows = await clickhouse.query<{ trace_id: string; span_id: string }>(SQL, {
      project: first.projectId,
      from: clickhouseTime(day * hourNs * hoursADay),
      to: clickhouseTime((day + 1n) * hourNs * hoursADay),
      hours: spans.map(({ startNs }) => clickhouseTime((startNs / hourNs) * hourNs).slice(0, 19)),
      traces: spans.map(({ traceId }) => traceId),
      spans: spans.map(({ spanId }) => spanId),
    });
    const ids = new Set(rows.map(row => row.trace_id + row.span_id));
    for (const span of spans) if (ids.has(span.traceId + span.spanId)) found.add(span);
  }
  return found;
}

function byProjectAndDay<T extends SpanId>(spans: readonly T[]): Iterable<T[]> {
  const groups = new Map<string, T[]>();
  for (const span of spans) {
    const key = `${span.startNs / (hourNs * hoursADay)} ${span.projectId}`;
    const group = groups.get(key);
    if (group) group.push(span);
    else groups.set(key, [span]);
  }
  return groups.values();
}
