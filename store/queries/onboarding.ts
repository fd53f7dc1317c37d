import type { ClickHouse } from '../engine/client.ts';
import { isoFromStore } from './time.ts';
import { summarize } from './traces.ts';

export interface FirstSpan {
  trace_id: string;
  name: string;
  service: string;
  feature: string;
  duration_ms: number;
  cost_usd: string | null;
  received_at: string;
}

/** The trace that came first, of demo traffic or of all the rest; null before any. Looks at every span there is. */
export async function firstSpan(
  clickhouse: ClickHouse,
  { projectId, ofDemo }: { projectId: string; ofDemo: boolean },
): Promise<FirstSpan | null> {
  const [first] = await clickhouse.query<{ trace_id: string; received: string }>(FIRST, {
    project: projectId,
    demo: Number(ofDemo),
  });
  if (!first) return null;
  const [summary] = await summarize(clickhouse, { projectId, traceIds: [first.trace_id] });
  if (!summary) return null;
  const { trace_id, name, service, feature, duration_ms, cost_usd } = summary;
  return {
    trace_id,
    name,
    service,
    feature,
    duration_ms,
    cost_usd,
    received_at: isoFromStore(first.received),
  };
}

const FIRST = `
SELECT trace_id, toString(received_at) AS received
FROM spans
PREWHERE project_id = {project:String} AND startsWith(service, 'demo-') = {demo:UInt8}
ORDER BY received_at
LIMIT 1`;

/** What was refused last, and why; null when nothing was. */
export async function lastReject(
  clickhouse: ClickHouse,
  projectId: string,
): Promise<{ at: string; reason: string; sample: string } | null> {
  const [row] = await clickhouse.query<{ at: string; reason: string; sample: string }>(
    `SELECT toString(time) AS at, reason, sample FROM rejects
     WHERE project_id = {project:String} ORDER BY time DESC LIMIT 1`,
    { project: projectId },
  );
  return row ? { ...row, at: isoFromStore(row.at) } : null;
}
