import { trait } from '../otlp/attribute-key.ts';
import { rangeOf } from '../otlp/decoded-span.ts';
import type { Attributes, LogRecord, Span } from '../telemetry.ts';
import type { ScoreFacts, SpanFacts } from './facts.ts';
import { asNumber, asText, dig, parseJson } from './reading.ts';
import { cutBytes } from './text.ts';

/** Most spans have no score. */
const none: ScoreFacts[] = [];

const EVALUATION_RESULT = 'gen_ai.evaluation.result';

/** Of a log record with an evaluation result: the sender's own id of the score, by which it can be replaced. */
export const scoreIdAttribute = 'driftline.score.id';

/**
 * How a score came about, for which the conventions have no words: on the evaluation event, or on a span for the scores in its
 * attributes. The chance is over 0 and up to 1; another one is left out. The kind is HUMAN, LLM or CODE, as OpenInference has it.
 */
const probabilityAttribute = 'driftline.score.sampling_probability';
const annotatorAttribute = 'driftline.score.annotator_kind';
const evaluatorAttribute = 'driftline.score.evaluator';

type Judged = Pick<ScoreFacts, 'target' | 'traceId' | 'spanId' | 'responseId' | 'session'>;
type Verdict = Pick<
  ScoreFacts,
  'value' | 'label' | 'explanation' | 'errorType' | 'probability' | 'rater' | 'evaluator'
>;

/** Evaluation results found on a span: its own attributes, its events, or the span being an evaluator. */
export function spanScores(span: Span, facts: SpanFacts): ScoreFacts[] {
  const range = rangeOf(span);
  const mayHold = range === null || (range.traits & trait.judgement) !== 0 || span.events.length > 0;
  if (!mayHold && facts.role !== 'evaluation') return none;
  return [...eventScores(span), ...attributeScores(span, facts), ...evaluatorScores(span, facts)];
}

/** Evaluation results and user feedback sent as log records; feedback is an evaluation with a name of its own. */
export function logScores(log: LogRecord): ScoreFacts[] {
  if (log.eventName !== EVALUATION_RESULT) return [];
  return evaluationResult(log.attributes, log.timeNs, log.traceId, log.spanId);
}

function eventScores(span: Span): ScoreFacts[] {
  return span.events
    .filter(({ name }) => name === EVALUATION_RESULT)
    .flatMap(({ attributes, timeNs }) => evaluationResult(attributes, timeNs, span.traceId, span.spanId));
}

// The response id names the call itself, while the record's span may be the agent that asked for the evaluation. Both
// are kept: a reader that does not find the answer still has the span.
function evaluationResult(
  attributes: Attributes,
  timeNs: bigint,
  traceId: string,
  spanId: string,
): ScoreFacts[] {
  const name = asText(attributes['gen_ai.evaluation.name']);
  const responseId = attributes['gen_ai.response.id'] ?? '';
  const session = attributes['gen_ai.conversation.id'] ?? attributes['session.id'] ?? '';
  const target = targetOf({ responseId, spanId, traceId, session });
  if (name === undefined || target === null) return [];
  const verdict = {
    value: asNumber(attributes['gen_ai.evaluation.score.value']),
    label: asText(attributes['gen_ai.evaluation.score.label']),
    explanation: asText(attributes['gen_ai.evaluation.explanation']),
    errorType: asText(attributes['error.type']),
    ...originOf(attributes),
  };
  const result = score(name, timeNs, verdict, { target, traceId, spanId, responseId, session });
  const id = asText(attributes[scoreIdAttribute]);
  return [id === undefined ? result : { id, ...result }];
}

/** What is judged is the narrowest thing that is named; null when nothing is. */
function targetOf(named: Omit<Judged, 'target'>): Judged['target'] | null {
  if (named.responseId !== '') return 'response';
  if (named.spanId !== '') return 'span';
  if (named.traceId !== '') return 'trace';
  return named.session === '' ? null : 'session';
}

/** `[trace.|session.]evaluations.N.evaluation.name`, `annotations.N.annotation.name` and their siblings of I. */
const INDEXED =
  /^(trace\.|session\.)?(evaluations|annotations)\.(\d{1,4})\.(evaluation|annotation)\.(name|score|label|explanation|annotator_kind)$/;

function attributeScores(span: Span, facts: SpanFacts): ScoreFacts[] {
  const found = new Map<string, Map<string, string>>();
  for (const key in span.attributes) {
    const match = key.includes('.evaluation.') || key.includes('.annotation.') ? INDEXED.exec(key) : null;
    if (!match) continue;
    const place = `${match[1] ?? ''}${match[2]}.${match[3]}`;
    const fields = found.get(place) ?? new Map<string, string>();
    fields.set(match[5]!, span.attributes[key]!);
    found.set(place, fields);
  }
  return [...found].flatMap(([place, fields]) => {
    const name = fields.get('name');
    if (!name) return [];
    const verdict = {
      value: asNumber(fields.get('score')),
      label: asText(fields.get('label')),
      explanation: asText(fields.get('explanation')),
      ...originOf(span.attributes, fields.get('annotator_kind')),
    };
    return [score(name, span.endNs, verdict, judgedBy(place, facts))];
  });
}

function judgedBy(place: string, { traceId, spanId, session }: SpanFacts): Judged {
  const target = place.startsWith('trace.') ? 'trace' : place.startsWith('session.') ? 'session' : 'span';
  return {
    target,
    traceId,
    spanId: target === 'span' ? spanId : '',
    responseId: '',
    session: session ?? '',
  };
}

/** I `EVALUATOR` and L `evaluator` spans judge the span they are in, by a JSON answer. */
function evaluatorScores(span: Span, facts: SpanFacts): ScoreFacts[] {
  if (facts.role !== 'evaluation') return [];
  const answer = parseJson(span.attributes['output.value'] ?? span.attributes['langfuse.observation.output']);
  const verdict = {
    value: asNumber(typeof answer === 'number' ? answer : dig(answer, ['score'])),
    label: asText(dig(answer, ['label'])),
    explanation: asText(dig(answer, ['explanation'])),
    errorType: facts.errorType,
  };
  if (verdict.value === undefined && verdict.label === undefined && verdict.errorType === undefined)
    return [];
  const { traceId, parentSpanId, session } = facts;
  const target = parentSpanId === '' ? 'trace' : 'span';
  const judged: Judged = { target, traceId, spanId: parentSpanId, responseId: '', session: session ?? '' };
  return [score(span.name, span.endNs, verdict, judged)];
}

const raters: Record<string, ScoreFacts['rater']> = { HUMAN: 'human', LLM: 'judge', CODE: 'rule' };

function originOf(
  attributes: Attributes,
  annotatorKind = attributes[annotatorAttribute],
): Pick<Verdict, 'probability' | 'rater' | 'evaluator'> {
  const chance = asNumber(attributes[probabilityAttribute]);
  return {
    probability: chance !== undefined && chance > 0 && chance <= 1 ? chance : undefined,
    rater: raters[annotatorKind?.trim().toUpperCase() ?? ''],
    evaluator: asText(attributes[evaluatorAttribute])?.slice(0, 128),
  };
}

// A score of 0 and no score are different things, so what was not sent is left out.
function score(name: string, timeNs: bigint, verdict: Verdict, judged: Judged): ScoreFacts {
  const { value, label, explanation, errorType, probability, rater, evaluator } = verdict;
  return {
    timeNs,
    name,
    ...(value === undefined ? {} : { value }),
    ...(label === undefined ? {} : { label }),
    ...(explanation === undefined ? {} : { explanation: cutBytes(explanation) }),
    ...(errorType === undefined ? {} : { errorType }),
    ...(probability === undefined ? {} : { probability }),
    ...(rater === undefined ? {} : { rater }),
    ...(evaluator === undefined ? {} : { evaluator }),
    ...judged,
  };
}
