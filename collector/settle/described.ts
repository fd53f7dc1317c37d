import type { Mapping } from '#contract/mapping.ts';
import { logContent, spanContent, stripContent, stripLogContent } from '../request/contents.ts';
import { describeLog, describeSpan } from '../request/describe.ts';
import type { Content, LogFacts, ScoreFacts, SpanFacts } from '../request/facts.ts';
import { logScores, spanScores } from '../request/scores.ts';
import type { LogRecord, MetricPoint, Span } from '../telemetry.ts';

/** A span with everything that is read from it alone. */
export interface DescribedSpan {
  /** Without prompt, answer and tool text, which is stored apart. */
  span: Span;
  facts: SpanFacts;
  /** Null when it carries none, or when content is not captured. */
  content: Content | null;
  scores: ScoreFacts[];
}

export interface DescribedLog {
  log: LogRecord;
  facts: LogFacts | null;
  content: Content | null;
  scores: ScoreFacts[];
}

/** One accepted request, ready to be stored. */
export interface Batch {
  projectId: string;
  spans: DescribedSpan[];
  logs: DescribedLog[];
  points: MetricPoint[];
}

/** How spans and log records are read for a project. */
export interface Reading {
  captureContent: boolean;
  /** Undefined when nothing is configured: the built-in rules alone. */
  mapping: Mapping | undefined;
}

/** Facts and scores are read before the content is taken off, since some of them come from it. */
export function describeOneSpan(span: Span, { captureContent, mapping }: Reading): DescribedSpan {
  const facts = describeSpan(span, mapping);
  return {
    span: stripContent(span),
    facts,
    content: captureContent ? spanContent(span) : null,
    scores: spanScores(span, facts),
  };
}

/** See describeOneSpan. */
export function describeOneLog(log: LogRecord, { captureContent, mapping }: Reading): DescribedLog {
  return {
    log: stripLogContent(log),
    facts: describeLog(log, mapping),
    content: captureContent ? logContent(log) : null,
    scores: logScores(log),
  };
}

/** Spans, log records and points: what counters count. */
export function itemsIn({ spans, logs, points }: Batch): number {
  return spans.length + logs.length + points.length;
}
