import type { Router } from 'express';
import type { ReplyOf } from '#contract/endpoint.ts';
import { type IngestProblem, ingest, ingestFindings } from '#contract/ingest.ts';
import {
  type IngestQuestion,
  ingestStepS,
  readIngestSeries,
  readIngestSources,
} from '#store/queries/ingest.ts';
import { readRejectSeries, readRejects } from '#store/queries/ingest-rejects.ts';
import { readFlaggedCalls, readTokenSources } from '#store/queries/token-accounting.ts';
import { readUnmappedAttributes } from '#store/queries/unmapped.ts';
import { readIngestStatuses } from '#store/state/ingest-status.ts';
import { rangeOf } from '../asked.ts';
import { rejectMeaning, requestReasons } from '../ingest/reject-meanings.ts';
import { type IngestState, ingestProblems, ingestState, latest } from '../ingest/state.ts';
import { isSuspicious } from '../ingest/suspicious-attribute.ts';
import { flagsBesideTokens, tokenAccounting } from '../ingest/token-rules.ts';
import { isConnectionError } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

type Ingest = ReplyOf<typeof ingest>;
type Findings = ReplyOf<typeof ingestFindings>;
type FromStore = Pick<Ingest, 'series' | 'sources' | 'rejects'> & {
  totals: Pick<Ingest['totals'], (typeof summed)[number] | 'refused_requests'>;
};

const summed = ['received', 'acked', 'stored', 'rejected', 'duplicates', 'truncated'] as const;

export function ingestRoutes(router: Router, services: Services): void {
  const { clickhouse, state, projectId, nowMs } = services;

  serve(router, ingest, async (asked): Promise<Ingest> => {
    const now = nowMs();
    const question = { projectId, ...rangeOf(asked, now) };
    const interval_s = ingestStepS(question);
    const [collectors, stored] = await Promise.all([
      readIngestStatuses(state),
      fromStore(services, question, interval_s),
    ]);
    const reported = ingestState(collectors);
    const problems = ingestProblems(collectors, now);
    return {
      store_answers: stored !== null,
      totals: {
        ...(stored?.totals ?? sinceStart(reported)),
        waiting: reported.waiting,
        unread_since: reported.unread_since,
        quarantined: reported.quarantined,
        wal_bytes: reported.wal_bytes,
        wal_limit_bytes: reported.wal_limit_bytes,
        last_received_at: latest([
          reported.last_received_at,
          ...(stored?.sources ?? []).map(source => source.last_seen),
        ]),
      },
      check: reported.check,
      problems: stored ? problems : [storeIsAway(now), ...problems],
      series: stored?.series ?? [],
      interval_s,
      sources: stored?.sources ?? [],
      rejects: stored?.rejects ?? [],
    };
  });

  serve(router, ingestFindings, async (asked): Promise<Findings> => {
    const question = { projectId, ...rangeOf(asked, nowMs()) };
    const [sources, flagged, unmapped] = await Promise.all([
      readTokenSources(clickhouse, question),
      readFlaggedCalls(clickhouse, question, flagsBesideTokens),
      readUnmappedAttributes(clickhouse, question),
    ]);
    return {
      tokens: sources.map(source => tokenAccounting(source, flagged)),
      unmapped: unmapped
        .map(({ sampled, ...row }) => ({
          ...row,
          share: sampled > 0 ? Math.min(1, row.spans / sampled) : 0,
          suspicious: isSuspicious(row.key),
        }))
        .sort((one, other) => Number(other.suspicious) - Number(one.suspicious)),
    };
  });
}

/** What the store knows of the time asked for; null while it is away, which is when people look at this most. */
async function fromStore(
  { clickhouse }: Services,
  question: IngestQuestion,
  stepS: number,
): Promise<FromStore | null> {
  try {
    const [sources, series, rejects, refused] = await Promise.all([
      readIngestSources(clickhouse, question),
      readIngestSeries(clickhouse, question, stepS),
      readRejects(clickhouse, question),
      readRejectSeries(clickhouse, question, { reasons: requestReasons, stepS }),
    ]);
    const total = (name: (typeof summed)[number]) => series.reduce((sum, bucket) => sum + bucket[name], 0);
    return {
      totals: {
        received: total('received'),
        acked: total('acked'),
        stored: total('stored'),
        rejected: total('rejected'),
        duplicates: total('duplicates'),
        truncated: total('truncated'),
        refused_requests: refused.reduce((sum, { count }) => sum + count, 0),
      },
      series: withRefused(series, refused),
      sources: sources.map(source => ({ ...source, waiting: Math.max(0, source.acked - source.stored) })),
      rejects: rejects.map(row => ({ ...row, ...rejectMeaning(row.reason) })),
    };
  } catch (error) {
    if (isConnectionError(error)) return null;
    throw error;
  }
}

/** A refused request belongs to no source, so it is not in their buckets. */
function withRefused(
  series: Awaited<ReturnType<typeof readIngestSeries>>,
  refused: Awaited<ReturnType<typeof readRejectSeries>>,
): Ingest['series'] {
  const buckets = new Map(series.map(bucket => [bucket.timeMs, bucket]));
  const extra = new Map(refused.map(({ timeMs, count }) => [timeMs, count]));
  const times = [...new Set([...buckets.keys(), ...extra.keys()])].sort((one, other) => one - other);
  return times.map(timeMs => {
    const bucket = buckets.get(timeMs);
    return {
      time: new Date(timeMs).toISOString(),
      acked: bucket?.acked ?? 0,
      stored: bucket?.stored ?? 0,
      rejected: (bucket?.rejected ?? 0) + (extra.get(timeMs) ?? 0),
      duplicates: bucket?.duplicates ?? 0,
    };
  });
}

/** Without the store there is what the collectors count in memory. */
function sinceStart(reported: IngestState): FromStore['totals'] {
  const { acked, stored, rejected, duplicates, truncated, refused_requests } = reported;
  return { received: acked + rejected, acked, stored, rejected, duplicates, truncated, refused_requests };
}

function storeIsAway(nowMs: number): IngestProblem {
  return {
    id: 'store-away',
    severity: 'critical',
    title: 'The store does not answer',
    detail:
      'It restarts by itself within seconds. Data is still received and kept in the write-ahead log; figures here are those since the collector started.',
    since: new Date(nowMs).toISOString(),
  };
}
