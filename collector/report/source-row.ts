import { isoToStore } from '#store/queries/time.ts';
import type { IngestSourceRow } from '#store/rows.ts';
import type { SourceMinute } from './source-minutes.ts';

/** One source in one minute as the store keeps it; the row with the highest version counts. */
export function sourceRow(source: SourceMinute, collectorId: string, version: number): IngestSourceRow {
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
