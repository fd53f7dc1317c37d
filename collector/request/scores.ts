import type { LogRecord, Span } from '../telemetry.ts';
import type { ScoreFacts, SpanFacts } from './facts.ts';

/** Evaluation results found on a span: its own attributes, its events, or the span being an evaluator. */
export function spanScores(_span: Span, _facts: SpanFacts): ScoreFacts[] {
  return [];
}

/** Evaluation results and user feedback sent as log records. */
export function logScores(_log: LogRecord): ScoreFacts[] {
  return [];
}
