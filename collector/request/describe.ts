import type { Mapping } from '#contract/mapping.ts';
import type { LogRecord, Span } from '../telemetry.ts';
import { associationOf } from './association.ts';
import { clientCostOf, outputAskedOf, piecesOf, responseIdOf, serviceTierOf, toolNameOf } from './details.ts';
import { errorsOf } from './errors.ts';
import type { LogFacts, Role, SpanFacts } from './facts.ts';
import { finishReasonOf, normalFinishReason } from './finish-reason.ts';
import { requestModelOf, responseModelOf } from './model-name.ts';
import { placeOf } from './places.ts';
import { providerOf } from './provider.ts';
import { purposeOf } from './purpose.ts';
import { dig, parseJson, type Reading, readSpan } from './reading.ts';
import { resourceKeyOf } from './resource-key.ts';
import { operationFor, roleOf } from './role.ts';
import { streamingOf, ttftNsOf } from './timing.ts';
import { tokensOf } from './tokens.ts';
import { countToolCalls, toolCallsRequestedOf } from './tool-request.ts';

const OPERATION_DETAILS = 'gen_ai.client.inference.operation.details';

const environment = placeOf('langfuse.environment');
const release = placeOf('langfuse.release');

/** These may answer: they have a model, usage, a finish reason. Aggregates of agents and workflows are read too. */
const answering: ReadonlySet<Role> = new Set([
  'model_call',
  'embedding',
  'rerank',
  'agent',
  'workflow',
  'other',
]);

/**
 * What one span says in our words, read without looking at any other. Must see the span before its content is taken
 * off: facts hold everything that is derived from content, so that they never have to be derived again.
 */
export function describeSpan(span: Span, mapping?: Mapping): SpanFacts {
  return describeReading(readSpan(span), mapping);
}

/** See describeSpan. */
export function describeReading(reading: Reading, mapping?: Mapping): SpanFacts {
  const { span } = reading;
  const role = roleOf(reading);
  const answer = answering.has(role) ? answerOf(reading, role) : null;
  const error = errorsOf(reading);
  const association = associationOf(reading, mapping);
  const { values } = reading;
  // One literal, so that all facts have one shape: this runs for every span that arrives.
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    startNs: span.startNs,
    endNs: span.endNs,
    name: span.name,
    dialect: reading.dialect,
    role,
    scopeName: span.scope.name,
    scopeVersion: span.scope.version,
    service: span.resource.service,
    // Langfuse sends its own per span, which is nearer to the truth than the process.
    environment: values[environment] || span.resource.environment,
    release: values[release] || span.resource.release,
    resourceKey: resourceKeyOf(span.resource),
    operation: answer?.operation,
    provider: answer?.provider,
    requestModel: answer?.requestModel,
    responseModel: answer?.responseModel,
    responseId: answer?.responseId,
    tokens: answer?.tokens,
    maxOutput: answer?.maxOutput,
    images: answer?.pieces?.images,
    searches: answer?.pieces?.searches,
    rerankUnits: answer?.pieces?.rerankUnits,
    ttftNs: answer?.ttftNs,
    streaming: answer?.streaming,
    finishReason: answer?.finishReason,
    finishReasonRaw: answer?.finishReasonRaw,
    serviceTier: answer?.serviceTier,
    failed: error?.failed,
    errorType: error?.errorType,
    errorMessage: error?.errorMessage,
    httpStatus: error?.httpStatus,
    clientCostUsd: answer?.clientCostUsd,
    toolCallsRequested: answer?.toolCallsRequested,
    toolName: role === 'tool' ? toolNameOf(reading) : undefined,
    feature: association.feature,
    workflow: association.workflow,
    chain: association.chain,
    tenant: association.tenant,
    team: association.team,
    purpose: association.purpose ?? purposeOf(reading, association.agent),
    user: association.user,
    session: association.session,
    agent: association.agent,
    promptName: association.promptName,
    promptVersion: association.promptVersion,
    variant: association.variant,
    outcome: association.outcome,
    flags: answer?.flags,
  };
}

/** What a log record adds to a span, or null when it adds nothing (evaluations are scores, prompts are content). */
export function describeLog(log: LogRecord, mapping?: Mapping): LogFacts | null {
  const found = logFindings(log, mapping);
  if (found === null) return null;
  const { logId, timeNs, traceId, spanId, eventName } = log;
  return { logId, timeNs, traceId, spanId, eventName, ...found };
}

function answerOf(reading: Reading, role: Role) {
  const requestModel = requestModelOf(reading);
  const responseModel = responseModelOf(reading);
  const model = responseModel ?? requestModel;
  const provider = providerOf(reading, model);
  const usage = tokensOf(reading, provider, model);
  const finish = finishReasonOf(reading);
  const ttftNs = ttftNsOf(reading);
  const flags = [...reading.span.flags, ...(usage?.flags ?? [])];
  // What was asked for bounds what was given, where that is not counted.
  const isCounted = usage?.tokens.output !== undefined && !usage.flags.includes('estimated_tokens');
  const asked = isCounted ? undefined : outputAskedOf(reading);
  if (asked && asked.answers > 1) flags.push('several_answers');
  return {
    operation: operationFor(reading, role),
    provider,
    requestModel,
    responseModel,
    responseId: responseIdOf(reading),
    tokens: usage?.tokens,
    maxOutput: asked?.most,
    pieces: piecesOf(reading),
    ttftNs,
    streaming: streamingOf(reading, ttftNs),
    finishReason: finish?.reason,
    finishReasonRaw: finish?.raw,
    serviceTier: serviceTierOf(reading),
    clientCostUsd: clientCostOf(reading),
    toolCallsRequested: role === 'model_call' ? toolCallsRequestedOf(reading, finish?.reason) : undefined,
    flags: flags.length > 0 ? flags : undefined,
  };
}

type LogFindings = Pick<
  LogFacts,
  'inference' | 'toolCallsRequested' | 'finishReason' | 'errorType' | 'errorMessage'
>;

function logFindings(log: LogRecord, mapping: Mapping | undefined): LogFindings | null {
  switch (log.eventName) {
    case OPERATION_DETAILS:
      return { inference: describeSpan(asSpan(log), mapping) };
    case 'gen_ai.choice': {
      const body = parseJson(log.body);
      const finish = normalFinishReason(dig(body, ['finish_reason']));
      // With content switched off the message is empty, which says nothing about tools.
      const answered = Object.keys(dig(body, ['message']) ?? {}).length > 0;
      return {
        finishReason: finish?.reason,
        toolCallsRequested: answered ? countToolCalls(dig(body, ['message'])) : undefined,
      };
    }
    case 'gen_ai.client.operation.exception':
      return {
        errorType: log.attributes['exception.type'],
        errorMessage: log.attributes['exception.message'],
      };
    default:
      return null;
  }
}

// An operation-details record has the attributes of the span it belongs to, so it is read as one that took no time.
function asSpan(log: LogRecord): Span {
  return {
    projectId: log.projectId,
    traceId: log.traceId,
    spanId: log.spanId,
    parentSpanId: '',
    name: log.eventName,
    kind: 'client',
    startNs: log.timeNs,
    endNs: log.timeNs,
    status: 'unset',
    statusMessage: '',
    attributes: log.attributes,
    events: [],
    links: [],
    resource: log.resource,
    scope: log.scope,
    receivedAtMs: log.receivedAtMs,
    flags: [],
  };
}
