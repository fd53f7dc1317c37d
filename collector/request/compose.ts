import { type Attempt, attemptFailed, lastAttempt, type Operation } from './attempt.ts';
import type { Call } from './call.ts';
import type { SpanFacts, TokenFacts } from './facts.ts';
import { inherited, type Lineage } from './inherit.ts';
import type { LogIndex, LogNotes } from './log-calls.ts';
import { canonicalModel } from './model-name.ts';
import { spanKey } from './trace-tree.ts';
import { type Paired, spansOf } from './twins.ts';

const MAX_ERROR_TYPE_CHARS = 200;

type LineageOf = (span: SpanFacts) => Lineage;

/** Everything that tells about the deciding try: the believed span, those that repeat it, and log records. */
interface Telling {
  lead: SpanFacts;
  /** The lead first, then what may fill in what it lacks. */
  sources: SpanFacts[];
  notes: LogNotes[];
}

/**
 * The ledger entry of one operation. Its span is the last try's; its time runs from the first try's start to the last
 * one's end, as the application waited and as instrumentations with one span for all tries report it.
 */
export function composeCall(paired: Paired, lineageOf: LineageOf, logs: LogIndex): Call {
  const { operation } = paired;
  const telling = tell(paired, logs);
  const { lead, sources } = telling;
  const tokens = sumTokens([...operation.attempts.slice(0, -1).map(attemptTokens), filledTokens(sources)]);
  const embeds = lead.role === 'embedding';
  const startNs = operation.attempts[0].lead.startNs;
  const whose = inherited(lineagesOf(paired, lineageOf));
  const outcome = outcomeOf(paired, telling);
  const flags = flagsOf(operation, tokens);
  const isCounted = tokens.output !== undefined && !flags.includes('estimated_tokens');
  const requestModel = firstOf(sources, 'requestModel') ?? '';
  const responseModel = firstOf(sources, 'responseModel') ?? '';
  // One literal, so that all calls have one shape: made of smaller objects, it would take as long as all the rest.
  return {
    traceId: lead.traceId,
    spanId: lead.spanId,
    startNs,
    durationNs: lead.endNs > startNs ? lead.endNs - startNs : 0n,
    operation: lead.operation ?? 'chat',
    service: lead.service,
    environment: lead.environment,
    release: lead.release,
    feature: whose.feature,
    tenant: whose.tenant,
    team: whose.team,
    user: whose.user,
    session: whose.session,
    provider: firstOf(sources, 'provider') ?? '',
    model: canonicalModel(responseModel || requestModel),
    requestModel,
    responseModel,
    responseId: firstOf(sources, 'responseId') ?? '',
    agent: whose.agent,
    promptName: whose.promptName,
    promptVersion: whose.promptVersion,
    variant: whose.variant,
    purpose: whose.purpose,
    outcome: whose.outcome,
    dialect: lead.dialect,
    scopeName: lead.scopeName,
    scopeVersion: lead.scopeVersion,
    streaming: firstOf(sources, 'streaming') ?? null,
    finishReason: outcome.finishReason,
    failed: outcome.failed,
    errorType: outcome.errorType,
    errorMessage: outcome.errorMessage,
    httpStatus: outcome.httpStatus,
    attempts: operation.attempts.length,
    failedAttempts: outcome.failedAttempts,
    ttftNs: ttftOf(sources, lead, startNs),
    inputTokens: embeds ? null : (tokens.input ?? null),
    cacheReadTokens: tokens.cacheRead ?? null,
    cacheWriteTokens: tokens.cacheWrite ?? null,
    cacheWrite1hTokens: tokens.cacheWrite1h ?? null,
    outputTokens: tokens.output ?? null,
    reasoningTokens: tokens.reasoning ?? null,
    audioInputTokens: tokens.audioInput ?? null,
    audioOutputTokens: tokens.audioOutput ?? null,
    imageInputTokens: tokens.imageInput ?? null,
    imageOutputTokens: tokens.imageOutput ?? null,
    embeddingTokens: embeds ? (tokens.input ?? tokens.total ?? null) : null,
    totalTokens: embeds ? null : (tokens.total ?? null),
    maxOutputTokens: isCounted ? null : (firstOf(sources, 'maxOutput') ?? null),
    images: firstOf(sources, 'images') ?? null,
    searches: firstOf(sources, 'searches') ?? null,
    rerankUnits: firstOf(sources, 'rerankUnits') ?? null,
    toolCallsRequested:
      firstOf(sources, 'toolCallsRequested') ?? noted(telling, 'toolCallsRequested') ?? null,
    clientCostUsd: firstOf(sources, 'clientCostUsd') ?? null,
    serviceTier: firstOf(sources, 'serviceTier') ?? '',
    flags,
    mergedFrom: mergedFrom(paired),
  };
}

function tell({ operation, twins }: Paired, logs: LogIndex): Telling {
  const { lead, covers } = lastAttempt(operation);
  // Nearly all calls are told once.
  if (covers.length === 0 && twins.length === 0) {
    const note = logs.notesFor(lead);
    return { lead, sources: [lead, ...note.inferences], notes: [note] };
  }
  const repeated = twins.flatMap(twin => [lastAttempt(twin).lead, ...lastAttempt(twin).covers]);
  const spans = [lead, ...covers, ...repeated];
  const notes = spans.map(span => logs.notesFor(span));
  return { lead, sources: [...spans, ...notes.flatMap(({ inferences }) => inferences)], notes };
}

// The believed side first; the framework's side usually knows the feature and the user.
function lineagesOf({ operation, twins }: Paired, lineageOf: LineageOf): Lineage[] {
  const last = lastAttempt(operation);
  if (twins.length === 0 && last.covers.length === 0) return [lineageOf(last.lead)];
  return [operation, ...twins].flatMap(one => {
    const { lead, covers } = lastAttempt(one);
    return [lead, ...covers].map(lineageOf);
  });
}

/** Failed only when the last try failed: a failed try before a success is counted, but the call went well. */
function outcomeOf({ operation, twins }: Paired, telling: Telling) {
  const { sources } = telling;
  const failed = [operation, ...twins].some(one => attemptFailed(lastAttempt(one)));
  const earlier = operation.attempts.slice(0, -1).filter(attemptFailed).length;
  return {
    failed,
    finishReason: firstOf(sources, 'finishReason') ?? noted(telling, 'finishReason') ?? '',
    errorType: failed ? errorTypeOf(telling).slice(0, MAX_ERROR_TYPE_CHARS) : '',
    errorMessage: failed ? (firstOf(sources, 'errorMessage') ?? noted(telling, 'errorMessage') ?? '') : '',
    httpStatus: firstOf(sources, 'httpStatus') ?? null,
    failedAttempts: earlier + (failed ? 1 : 0),
  };
}

// A class that some side knows says more than the conventions' word for "some other error".
function errorTypeOf(telling: Telling): string {
  const sent = telling.sources.map(({ errorType }) => errorType).filter(type => type !== undefined);
  return sent.find(type => type !== '_OTHER') ?? noted(telling, 'errorType') ?? sent[0] ?? '';
}

function ttftOf(sources: readonly SpanFacts[], lead: SpanFacts, startNs: bigint): number | null {
  const ttftNs = firstOf(sources, 'ttftNs');
  return ttftNs === undefined ? null : ttftNs + Number(lead.startNs - startNs);
}

function attemptTokens({ lead, covers }: Attempt): TokenFacts {
  return filledTokens([lead, ...covers]);
}

/** The lead's tokens. Another side fills in a detail only when it agrees on the whole the detail is part of. */
function filledTokens(sources: readonly SpanFacts[]): TokenFacts {
  if (sources.length === 1 && sources[0]!.tokens?.total === undefined) return sources[0]!.tokens ?? {};
  const [first = {}, ...others] = sources.map(({ tokens }) => tokens).filter(tokens => tokens !== undefined);
  const filled = { ...first };
  for (const other of others) {
    fill(filled, other, 'input', ['cacheRead', 'cacheWrite', 'cacheWrite1h', 'audioInput', 'imageInput']);
    fill(filled, other, 'output', ['reasoning', 'audioOutput', 'imageOutput']);
    filled.total ??= other.total;
  }
  if (filled.input !== undefined || filled.output !== undefined) delete filled.total;
  return filled;
}

function fill(
  filled: TokenFacts,
  other: TokenFacts,
  whole: keyof TokenFacts,
  details: (keyof TokenFacts)[],
): void {
  filled[whole] ??= other[whole];
  if (filled[whole] !== other[whole]) return;
  for (const detail of details) filled[detail] ??= other[detail];
}

// Every try was paid for. What no try knows stays unknown.
function sumTokens(tries: readonly TokenFacts[]): TokenFacts {
  if (tries.length === 1) return tries[0]!;
  const sum: TokenFacts = {};
  for (const tokens of tries) {
    for (const key of Object.keys(tokens) as (keyof TokenFacts)[]) {
      if (tokens[key] !== undefined) sum[key] = (sum[key] ?? 0) + tokens[key];
    }
  }
  return sum;
}

function flagsOf(operation: Operation, tokens: TokenFacts): string[] {
  const flags = operation.attempts.flatMap(({ lead }) => lead.flags ?? []);
  if (tokens.total !== undefined) flags.push('total_tokens_only');
  if (flags.length < 2) return flags;
  return [...new Set(flags)].sort();
}

/** Spans that reported the operation again. Earlier tries are not repeats: they happened. */
function mergedFrom({ operation, twins }: Paired): string[] {
  if (twins.length === 0 && operation.folded.length === 0 && operation.attempts.every(isToldOnce)) return [];
  const tries = new Set(operation.attempts.map(({ lead }) => spanKey(lead)));
  const spans = [operation, ...twins].flatMap(spansOf).map(spanKey);
  return spans.filter(key => !tries.has(key)).sort();
}

const isToldOnce = ({ covers }: Attempt) => covers.length === 0;

function noted<K extends 'toolCallsRequested' | 'finishReason' | 'errorType' | 'errorMessage'>(
  { notes }: Telling,
  key: K,
): LogNotes[K] {
  return notes.find(note => note[key] !== undefined)?.[key];
}

function firstOf<K extends keyof SpanFacts>(sources: readonly SpanFacts[], key: K): SpanFacts[K] | undefined {
  for (const source of sources) if (source[key] !== undefined) return source[key];
  return undefined;
}
