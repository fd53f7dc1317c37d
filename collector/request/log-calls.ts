import { spansAbove } from './candidates.ts';
import type { LogFacts, SpanFacts } from './facts.ts';
import { groupBy } from './group-by.ts';
import { hasUsage } from './tokens.ts';
import { spanKey, type TraceTree } from './trace-tree.ts';

/** What log records say about the spans they belong to. */
export interface LogNotes {
  /** The same facts a span would carry, in order of time. */
  inferences: SpanFacts[];
  toolCallsRequested?: number;
  finishReason?: string;
  errorType?: string;
  errorMessage?: string;
}

/** Log records by the span they were written in, and by the answer they tell about. */
export interface LogIndex {
  notesFor(span: SpanFacts): LogNotes;
  /** Section 5 rule 5: calls that only log records tell about, as spans. */
  orphans: SpanFacts[];
}

/** The index of no records. */
export const noLogs: LogIndex = { notesFor: () => ({ inferences: [] }), orphans: [] };

/** Reads the log records of some traces against their spans; `calls` are the spans that stand for calls. */
export function indexLogs(logs: Iterable<LogFacts>, tree: TraceTree, calls: readonly SpanFacts[]): LogIndex {
  const records = unique(logs);
  const bySpan = groupBy(records, record => (record.spanId === '' ? undefined : spanKey(record)));
  const byAnswer = groupBy(records, ({ inference }) => inference && answerKey(inference));
  const notes = (span: SpanFacts) => {
    const own = bySpan.get(spanKey(span)) ?? [];
    const elsewhere = byAnswer.get(answerKey(span) ?? '') ?? [];
    return notesOf([...own, ...elsewhere.filter(record => !own.includes(record))]);
  };
  return { notesFor: notes, orphans: orphansOf(records, tree, calls) };
}

// Sorted by time and id, so that what is found first does not depend on the order of arrival.
function unique(logs: Iterable<LogFacts>): LogFacts[] {
  const byId = new Map<string, LogFacts>();
  for (const log of logs) byId.set(log.logId, log);
  return [...byId.values()].sort((a, b) => {
    if (a.timeNs !== b.timeNs) return a.timeNs < b.timeNs ? -1 : 1;
    return a.logId < b.logId ? -1 : 1;
  });
}

function notesOf(records: readonly LogFacts[]): LogNotes {
  const counts = records.map(record => record.toolCallsRequested).filter(count => count !== undefined);
  return {
    inferences: records.map(record => record.inference).filter(inference => inference !== undefined),
    toolCallsRequested: counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0),
    finishReason: records.find(record => record.finishReason !== undefined)?.finishReason,
    errorType: records.find(record => record.errorType !== undefined)?.errorType,
    errorMessage: records.find(record => record.errorMessage !== undefined)?.errorMessage,
  };
}

// A record belongs to a call that is known by its span or by its answer. Written in any other span, it only stands for
// a call of its own when nothing below that span could be the one it repeats.
function orphansOf(records: readonly LogFacts[], tree: TraceTree, calls: readonly SpanFacts[]): SpanFacts[] {
  const callKeys = new Set(calls.map(spanKey));
  const answers = new Set(calls.map(answerKey));
  const aboveCalls = spansAbove(calls, tree);
  const isAbove = ({ traceId, spanId }: SpanFacts) => {
    const span = tree.get(traceId, spanId);
    return span !== undefined && aboveCalls.has(span);
  };
  const alone = records.filter(({ inference }) => {
    if (inference === undefined || !canStandAlone(inference)) return false;
    return (
      !callKeys.has(spanKey(inference)) &&
      !answers.has(answerKey(inference)) &&
      (inference.responseId !== undefined || !isAbove(inference))
    );
  });
  return [...groupBy(alone, callOfRecord).values()].map(([record], _index, all) =>
    asCall(record!, tree, all.filter(([other]) => spanKey(other!) === spanKey(record!)).length),
  );
}

function canStandAlone(inference: SpanFacts): boolean {
  const hasModel = (inference.responseModel ?? inference.requestModel) !== undefined;
  const isCall =
    inference.role === 'model_call' || inference.role === 'embedding' || inference.role === 'rerank';
  return isCall && hasModel && (hasUsage(inference.tokens) || inference.responseId !== undefined);
}

function callOfRecord(record: LogFacts): string {
  return record.inference?.responseId ?? (record.spanId === '' ? record.logId : spanKey(record));
}

// The record's own span id when it is free, so that the span, should it still come, takes the same row.
function asCall(record: LogFacts, tree: TraceTree, callsInSpan: number): SpanFacts {
  const inference = record.inference!;
  const parent = tree.get(record.traceId, record.spanId);
  const isFree = record.spanId !== '' && parent === undefined && callsInSpan === 1;
  return {
    ...inference,
    spanId: isFree ? record.spanId : record.logId,
    parentSpanId: parent?.spanId ?? '',
    flags: [...(inference.flags ?? []), 'from_log_record'],
  };
}

function answerKey({ resourceKey, responseId }: SpanFacts): string | undefined {
  return responseId === undefined ? undefined : `${resourceKey} ${responseId}`;
}
