import { trait } from '../otlp/attribute-key.ts';
import { rangeOf } from '../otlp/decoded-span.ts';
import { ownAttributes } from '../otlp/limits.ts';
import type { ItemEdit, Verdict } from '../otlp/rewrite.ts';
import type { DescribedLog, DescribedSpan } from '../settle/described.ts';
import { flagsNote, logIdNote, logNotes, spanNotes } from '../settle/notes.ts';
import type { Attributes, LogRecord, Span } from '../telemetry.ts';

type NextVerdict = () => Verdict;

/**
 * What becomes of each span of a request on its way to disk, in order: refused ones go, and where `stripped` is given the
 * others lose their content. Null when the request may stay as it is.
 */
export function spanVerdicts(
  spans: readonly Span[],
  stripped: readonly DescribedSpan[] | null,
  refused: ReadonlySet<number>,
): NextVerdict | null {
  const edits = spans.map((span, i) => stripped && stripSpan(span, stripped[i]!));
  return verdicts(edits, refused, at => disownSpan(spans[at]!));
}

/** See spanVerdicts. */
export function logVerdicts(
  logs: readonly LogRecord[],
  stripped: readonly DescribedLog[] | null,
  refused: ReadonlySet<number>,
): NextVerdict | null {
  const edits = logs.map((log, i) => stripped && stripLog(log, stripped[i]!));
  return verdicts(edits, refused, at => disownLog(logs[at]!));
}

/** `disown` is for what stays otherwise: a sender's attribute that looks like a note of ours would be taken for one. */
function verdicts(
  edits: readonly (ItemEdit | null)[],
  refused: ReadonlySet<number>,
  disown: (at: number) => ItemEdit | null,
): NextVerdict | null {
  if (refused.size === 0 && edits.every(edit => edit === null)) return null;
  let place = 0;
  let accepted = 0;
  return () => {
    if (refused.has(place++)) return 'drop';
    const at = accepted++;
    return edits[at] ?? disown(at) ?? 'keep';
  };
}

/** Null when nothing was taken off. */
function stripSpan(span: Span, described: DescribedSpan): ItemEdit | null {
  const stripped = described.span;
  if (stripped === span) return null;
  const isSame =
    !isLess(stripped.attributes, span.attributes) &&
    !stripped.events.some((event, i) => isLess(event.attributes, span.events[i]!.attributes));
  if (isSame) return null;
  const events = span.events.map((event, i) => ({
    before: event.attributes,
    after: stripped.events[i]!.attributes,
  }));
  const notes = spanNotes(described);
  return { before: span.attributes, after: stripped.attributes, events, body: null, notes };
}

function stripLog(log: LogRecord, described: DescribedLog): ItemEdit | null {
  const { attributes, body } = described.log;
  if (body === log.body && !isLess(attributes, log.attributes)) return null;
  const newBody = body === log.body ? null : body;
  return { ...unchanged(log.attributes), after: attributes, body: newBody, notes: logNotes(described) };
}

function disownSpan(span: Span): ItemEdit | null {
  const range = rangeOf(span);
  const isOwn = range ? (range.traits & trait.own) !== 0 : hasOwn(span.attributes);
  if (!isOwn) return null;
  const events = span.events.map(({ attributes }) => ({ before: attributes, after: attributes }));
  return { ...unchanged(span.attributes), events, notes: flagsNote(span) };
}

function disownLog(log: LogRecord): ItemEdit | null {
  return hasOwn(log.attributes) ? { ...unchanged(log.attributes), notes: logIdNote(log) } : null;
}

function unchanged(attributes: Attributes): ItemEdit {
  return { before: attributes, after: attributes, events: [], body: null, notes: {} };
}

function hasOwn(attributes: Attributes): boolean {
  for (const key of ownAttributes) if (attributes[key] !== undefined) return true;
  return false;
}

function isLess(stripped: Attributes, original: Attributes): boolean {
  for (const key in original) if (stripped[key] !== original[key]) return true;
  return false;
}
