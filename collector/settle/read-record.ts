import { decodeMetrics } from '../otlp/decode.ts';
import { readLogs } from '../otlp/logs.ts';
import { allSteps } from '../otlp/request.ts';
import { readTraces } from '../otlp/traces.ts';
import type { WalRecord } from '../wal/record.ts';
import {
  type Batch,
  type DescribedSpan,
  describeOneLog,
  describeOneSpan,
  type Reading,
} from './described.ts';
import { readLogNotes, readSpanNotes } from './notes.ts';

const spansPerStep = 64;

/** What an acknowledged request says, in steps, from what the write-ahead log has of it. */
export function* readRecordInSteps(
  record: WalRecord,
  reading: Reading,
  retentionDays: number,
): Generator<void, Batch> {
  const { kind, payload, projectId, receivedAtMs, reencoded } = record;
  // Points that were refused are still in a metrics payload; everything else was written without them.
  const ctx = {
    projectId,
    receivedAtMs,
    reencoded,
    retentionDays: kind === 'metrics' ? retentionDays : Infinity,
  };
  const batch: Batch = { projectId, spans: [], logs: [], points: [] };
  if (kind === 'traces') {
    const { spans } = yield* readTraces(payload, ctx);
    const described: DescribedSpan[] = [];
    for (const span of spans) {
      described.push((reencoded && readSpanNotes(span)) || describeOneSpan(span, reading));
      if (described.length % spansPerStep === 0) yield;
    }
    batch.spans = described;
  } else if (kind === 'logs') {
    const { logs } = readLogs(payload, ctx);
    batch.logs = logs.map(log => (reencoded && readLogNotes(log)) || describeOneLog(log, reading));
  } else {
    batch.points = decodeMetrics(payload, 'protobuf', ctx).points;
  }
  return batch;
}

/** The same at once. */
export function readRecord(record: WalRecord, reading: Reading, retentionDays: number): Batch {
  return allSteps(readRecordInSteps(record, reading, retentionDays));
}
