import { z } from 'zod';
import type { GoldenRun } from '#contract/golden.ts';
import { type Message, message } from '#contract/trace.ts';
import {
  type GoldenCall,
  type GoldenSpan,
  type GoldenTraces,
  readGoldenTraces,
} from '#store/queries/golden-spans.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import { readGoldenResults } from '#store/state/golden-runs.ts';
import { toolCallsOf, toolsOf } from '../sampling/example.ts';
import { textOf } from './case.ts';
import type { GoldenDeps } from './deps.ts';
import { keepResults, openRun, type ResultSaid } from './runs.ts';
import { resultOf } from './summary.ts';

const hourMs = 3_600_000;
/** A run that is fed longer than this by spans is two runs. */
const longestMs = 7 * 24 * hourMs;

export interface Collected {
  found: number;
  without_text: number;
  taken: number;
  run: GoldenRun;
}

/** Takes results from spans that name the run; asking again takes only what is new. */
export async function collectResults(deps: GoldenDeps, runId: string): Promise<Collected> {
  const run = await openRun(deps, runId);
  const begunMs = Date.parse(run.row.created_at);
  const traces = await readGoldenTraces(deps.clickhouse, {
    projectId: deps.projectId,
    runId,
    // Clocks of senders may be behind ours.
    fromMs: begunMs - hourMs,
    toMs: Math.min(deps.nowMs() + hourMs, begunMs + longestMs),
  });
  const results = resultsOfTraces(traces).filter(({ case_id }) => run.cases.has(case_id));
  const answered = results.filter(({ output, error }) => output !== null || error !== '');
  const before = await readGoldenResults(deps.state, runId);
  const fresh = answered.filter(one => {
    const row = before.get(one.case_id);
    return !row || !isSame(one, resultOf(row));
  });
  return {
    found: results.length,
    without_text: results.length - answered.length,
    taken: fresh.length,
    run: await keepResults(deps, run, fresh),
  };
}

function isSame(said: ResultSaid, kept: ReturnType<typeof resultOf>): boolean {
  const parts = [
    'output',
    'error',
    'trace_id',
    'span_id',
    'cost_usd',
    'input_tokens',
    'output_tokens',
  ] as const;
  const isAlike = JSON.stringify(said.tool_calls) === JSON.stringify(kept.tool_calls);
  return isAlike && parts.every(part => said[part] === kept[part]);
}

/**
 * The answer to each case: what the last call below the span that names the case said. Its latency is that of this span; tokens
 * and cost are those of all calls below it, unknown when one of them is. A later attempt at a case replaces an earlier one.
 */
export function resultsOfTraces({ spans, calls }: GoldenTraces): ResultSaid[] {
  const byId = new Map(spans.map(span => [`${span.trace_id}/${span.span_id}`, span]));
  const callsOf = new Map<GoldenSpan, GoldenCall[]>();
  for (const call of calls) {
    const span = caseSpan(byId, call);
    if (span) callsOf.set(span, [...(callsOf.get(span) ?? []), call]);
  }
  const results = new Map<string, ResultSaid>();
  const inTime = [...callsOf].sort(([a], [b]) => (a.start_time < b.start_time ? -1 : 1));
  for (const [span, made] of inTime) {
    const last = made.at(-1);
    const tools = (last && byId.get(`${last.trace_id}/${last.span_id}`)?.tools) ?? '';
    results.set(span.case_id, resultOfSpan(span, made, tools));
  }
  return [...results.values()];
}

/** The outermost span around a call that names the nearest case. */
function caseSpan(byId: ReadonlyMap<string, GoldenSpan>, call: GoldenCall): GoldenSpan | undefined {
  let named: GoldenSpan | undefined;
  let span = byId.get(`${call.trace_id}/${call.span_id}`);
  for (let depth = 0; span && depth < 200; depth += 1) {
    if (span.case_id !== '' && (!named || span.case_id === named.case_id)) named = span;
    span = byId.get(`${span.trace_id}/${span.parent_span_id}`);
  }
  return named;
}

function resultOfSpan(span: GoldenSpan, calls: readonly GoldenCall[], sentTools: string): ResultSaid {
  const last = calls.at(-1);
  const messages = last ? messagesOf(last.output) : null;
  const output = messages && textOf(messages);
  const failure = last?.failed ? last.error_message || last.error_type || 'the call failed' : '';
  const failed = span.failed ? span.status_message || failure || 'failed' : failure;
  const tools = toolsOf(sentTools || null);
  const nanos = total(calls.map(({ cost_nanos }) => cost_nanos));
  return {
    case_id: span.case_id,
    output,
    tool_calls: toolCallsOf(messages ?? []),
    ...(tools && { tools }),
    // An application that answers after a failed attempt has answered.
    error: output === null ? failed : '',
    latency_ms: span.duration_ms,
    input_tokens: numberOf(total(calls.map(({ input_tokens }) => input_tokens))),
    output_tokens: numberOf(total(calls.map(({ output_tokens }) => output_tokens))),
    cost_usd: nanos === null ? null : usdFromNanos(nanos.toString()),
    trace_id: span.trace_id,
    span_id: last?.span_id ?? span.span_id,
  };
}

/** Null when one is not known. */
function total(counts: readonly (string | null)[]): bigint | null {
  return counts.reduce<bigint | null>(
    (sum, count) => (sum === null || count === null ? null : sum + BigInt(count)),
    0n,
  );
}

const numberOf = (count: bigint | null) => (count === null ? null : Number(count));

function messagesOf(json: string): Message[] | null {
  if (json === '') return null;
  const messages = z.array(message).safeParse(JSON.parse(json));
  return messages.success ? messages.data : null;
}
