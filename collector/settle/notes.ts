import { factsAttribute, flagsAttribute, logIdAttribute, scoresAttribute } from '../otlp/limits.ts';
import type { ScoreFacts } from '../request/facts.ts';
import { decodeFacts, decodeLogFacts, encodeFacts, encodeLogFacts } from '../request/facts-json.ts';
import { logOutcomes, spanOutcomes } from '../request/outcomes.ts';
import type { Attributes, LogRecord, Span } from '../telemetry.ts';
import type { DescribedLog, DescribedSpan } from './described.ts';

/**
 * A span whose content must not touch the disk is written to the log without it. What was read from the content before
 * travels beside it in attributes of our own, so that a replay gives the same rows.
 */
export function spanNotes({ span, facts, scores }: DescribedSpan): Attributes {
  return { ...notes(encodeFacts(facts), scores), ...flagsNote(span) };
}

/** A span's reading notes, of which some would not be made again where what was too long is gone. */
export function flagsNote({ flags }: Span): Attributes {
  return flags.length > 0 ? { [flagsAttribute]: flags.join(',') } : {};
}

/** See spanNotes. */
export function logNotes({ log, facts, scores }: DescribedLog): Attributes {
  return { ...notes(facts ? encodeLogFacts(facts) : '', scores), ...logIdNote(log) };
}

/** The id of a log record, which is a hash of what it said in the beginning. */
export function logIdNote({ logId }: LogRecord): Attributes {
  return { [logIdAttribute]: logId };
}

/** What spanNotes told, taken off the span again; null for a span without notes. */
export function readSpanNotes(span: Span): DescribedSpan | null {
  const { facts, scores } = takeNotes(span.attributes);
  if (facts === undefined) return null;
  const decoded = decodeFacts(facts);
  // Outcomes are never content: what is left of the span tells them again.
  const outcomes = spanOutcomes(span, decoded);
  return { span, facts: decoded, rederivable: false, content: null, scores, outcomes };
}

/** What logNotes told, taken off the record again; null for a record without notes. */
export function readLogNotes(log: LogRecord): DescribedLog | null {
  const { facts, scores } = takeNotes(log.attributes);
  if (facts === undefined) return null;
  const outcomes = logOutcomes(log);
  return { log, facts: facts === '' ? null : decodeLogFacts(facts), content: null, scores, outcomes };
}

function notes(facts: string, scores: ScoreFacts[]): Record<string, string> {
  const noted: Record<string, string> = { [factsAttribute]: facts };
  if (scores.length > 0) noted[scoresAttribute] = encodeScores(scores);
  return noted;
}

function takeNotes(attributes: Record<string, string>): { facts: string | undefined; scores: ScoreFacts[] } {
  const facts = attributes[factsAttribute];
  const scores = attributes[scoresAttribute];
  delete attributes[factsAttribute];
  delete attributes[scoresAttribute];
  return { facts, scores: scores === undefined ? [] : decodeScores(scores) };
}

function encodeScores(scores: ScoreFacts[]): string {
  return JSON.stringify(scores.map(score => ({ ...score, timeNs: score.timeNs.toString() })));
}

function decodeScores(text: string): ScoreFacts[] {
  const stored: (Omit<ScoreFacts, 'timeNs'> & { timeNs: string })[] = JSON.parse(text);
  return stored.map(score => ({ ...score, timeNs: BigInt(score.timeNs) }));
}
