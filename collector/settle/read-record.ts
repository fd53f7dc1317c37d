import { decodeLogs, decodeMetrics, decodeTraces } from '../otlp/decode.ts';
import type { WalRecord } from '../wal/record.ts';
import { type Batch, describeOneLog, describeOneSpan, type Reading } from './described.ts';
import { readLogNotes, readSpanNotes } from './notes.ts';

/** A request read back from the write-ahead log: the same rows as when it was accepted. */
export function readRecord(record: WalRecord, reading: Reading, retentionDays: number): Batch {
  const { kind, payload, projectId, receivedAtMs, reencoded } = record;
  // Points that were refused are still in a metrics payload; everything else was re-encoded without them.
  const ctx = {
    projectId,
    receivedAtMs,
    reencoded,
    retentionDays: kind === 'metrics' ? retentionDays : Infinity,
  };
  const batch: Batch = { projectId, spans: [], logs: [], points: [] };
  if (kind === 'traces') {
    const { spans } = decodeTraces(payload, 'protobuf', ctx);
    batch.spans = spans.map(span => (reencoded && readSpanNotes(span)) || describeOneSpan(span, reading));
  } else if (kind === 'logs') {
    const { logs } = decodeLogs(payload, 'protobuf', ctx);
    batch.logs = logs.map(log => (reencoded && readLogNotes(log)) || describeOneLog(log, reading));
  } else {
    batch.points = decodeMetrics(payload, 'protobuf', ctx).points;
  }
  return batch;
}
