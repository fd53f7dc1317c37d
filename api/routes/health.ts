import type { Router } from 'express';
import type { ReplyOf } from '#contract/endpoint.ts';
import { health } from '#contract/health.ts';
import { type ClickHouse, ownLane } from '#store/engine/client.ts';
import { type IngestStatus, readIngestStatuses } from '#store/state/ingest-status.ts';
import { reportedProblems } from '../ingest/state.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

/** A collector reports every second while its counters change, and now and then when they do not. */
const QUIET_MS = 60_000;
const PING_MS = 2_000;

export function healthRoutes(router: Router, { clickhouse, state, about, nowMs }: Services): void {
  // A store that many pages wait for is busy and not away.
  const store = ownLane(clickhouse);
  serve(router, health, async (): Promise<ReplyOf<typeof health>> => {
    const [engine, collectors] = await Promise.all([engineVersion(store), readIngestStatuses(state)]);
    const ingest = sum(collectors);
    const problems = [
      ...(engine === null ? ['The store does not answer; it restarts by itself.'] : []),
      ...backlogProblems(collectors, nowMs()),
      ...new Set(reportedProblems(collectors).map(({ title }) => `${title}.`)),
    ];
    return {
      status: problems.length ? 'degraded' : 'ok',
      problems,
      version: about.version,
      engine: { status: engine === null ? 'down' : 'ok', version: engine },
      ingest,
    };
  });
}

/** Null when it does not answer. */
async function engineVersion(clickhouse: ClickHouse): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(PING_MS);
    const [row] = await clickhouse.query<{ version: string }>('SELECT version() AS version', {}, { signal });
    return row?.version ?? null;
  } catch {
    return null;
  }
}

function sum(collectors: IngestStatus[]) {
  const rejected: Record<string, number> = {};
  const total = { acked: 0, stored: 0, waiting: 0, rejected, last_received_at: null as string | null };
  for (const collector of collectors) {
    total.acked += collector.acked;
    total.stored += collector.stored;
    total.waiting += collector.waiting;
    for (const [reason, count] of Object.entries(collector.rejected)) {
      rejected[reason] = (rejected[reason] ?? 0) + count;
    }
    const received = collector.last_received_at;
    if (received && received > (total.last_received_at ?? '')) total.last_received_at = received;
  }
  return total;
}

/** A collector that holds data and has not said a word for a minute is stuck or gone. */
function backlogProblems(collectors: IngestStatus[], nowMs: number): string[] {
  return collectors
    .filter(({ waiting, at }) => waiting > 0 && nowMs - Date.parse(at) > QUIET_MS)
    .map(
      ({ waiting, at }) =>
        `${waiting} items wait to be stored since ${at}; the collector has been silent since.`,
    );
}
