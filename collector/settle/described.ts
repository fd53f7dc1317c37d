import type { Mapping } from '#contract/mapping.ts';
import { contentOf, logContent, stripContent, stripLogContent } from '../request/contents.ts';
import { describeLog, describeReading } from '../request/describe.ts';
import type { Content, LogFacts, ScoreFacts, SpanFacts } from '../request/facts.ts';
import { logOutcomes, type OutcomeFacts, spanOutcomes } from '../request/outcomes.ts';
import { readSpan } from '../request/reading.ts';
import { logScores, spanScores } from '../request/scores.ts';
import type { LogRecord, MetricPoint, Span } from '../telemetry.ts';

/** A span with everything that is read from it alone. */
export interface DescribedSpan {
  /** Without prompt, answer and tool text, which is stored apart. */
  span: Span;
  facts: SpanFacts;
  /** Whether the facts can be read again from what is stored of the span, so that they need not be stored themselves. */
  rederivable: boolean;
  /** Null when it carries none, or when content is not captured. */
  content: Content | null;
  scores: ScoreFacts[];
  outcomes: OutcomeFacts[];
}

export interface DescribedLog {
  log: LogRecord;
  facts: LogFacts | null;
  content: Content | null;
  scores: ScoreFacts[];
  outcomes: OutcomeFacts[];
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
  const reading = readSpan(span);
  const facts = describeReading(reading, mapping);
  // Scores first: to take content off, the attributes become an object.
  const scores = spanScores(span, facts);
  const outcomes = spanOutcomes(span, facts);
  const content = captureContent ? contentOf(reading) : null;
  reading.end();
  const stripped = stripContent(span);
  // A mapping of the user's own may have changed by the time they are read again.
  return {
    span: stripped,
    facts,
    rederivable: stripped === span && mapping === undefined,
    content,
    scores,
    outcomes,
  };
}

/** See describeOneSpan. */
export function describeOneLog(log: LogRecord, { captureContent, mapping }: Reading): DescribedLog {
  return {
    log: stripLogContent(log),
    facts: describeLog(log, mapping),
    content: captureContent ? logContent(log) : null,
    scores: logScores(log),
    outcomes: logOutcomes(log),
  };
}

/** Spans, log records and points: what counters count. */
export function itemsIn({ spans, logs, points }: Batch): number {
  return spans.length + logs.length + points.length;
}
