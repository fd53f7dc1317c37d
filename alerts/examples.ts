import type { AlertDetail, AlertExample } from '#contract/alert.ts';
import { type CallColumn, type CallValuesOf, hasCallValues } from '#store/queries/call-values.ts';
import { type ExampleCall, readExampleCalls, readExampleTexts } from '#store/queries/example-calls.ts';
import type { AlertsDeps } from './deps.ts';
import { dayMs } from './drift/season.ts';
import { displayed, metricOf } from './figures.ts';
import type { Finding } from './finding.ts';
import type { RankedCause } from './where/describe-cause.ts';
import { matchPairs } from './where/match.ts';

const withinMs = 7 * dayMs;
const pairsShown = 5;
/** Ordinary calls from before among which the most alike are looked for. */
const mostOrdinary = 300;
const shownLength = 280;
/** What lies beside the calls cannot be asked of them. */
const besideCalls: readonly string[] = ['tool', 'region', 'language'];

/** The worst calls since the change, of the calls that changed, each beside an ordinary one from before that was asked alike. */
export async function examplePairs(
  deps: AlertsDeps,
  finding: Finding,
  cause: RankedCause | undefined,
  texts: boolean,
): Promise<AlertDetail['pairs']> {
  const { changedAtMs, closedAtMs, feature, model, environment } = finding;
  const { rollup } = metricOf(finding);
  if (!hasCallValues(rollup)) return [];
  // The latency's values are milliseconds here: the cut says how many are slow, not which is the slowest.
  const { projectId, clickhouse } = deps;
  const of: CallValuesOf = { projectId, feature, model, environment, metric: rollup, latencyCutBin: null };
  const toMs = Math.min(closedAtMs ?? deps.clock.now(), changedAtMs + withinMs);
  const only = (cause?.conditions ?? [])
    .filter(({ dimension }) => !besideCalls.includes(dimension))
    .map(({ dimension, value }) => ({ dimension: dimension as CallColumn, value }));
  const worst = { by: finding.direction === 'up' ? 'highest' : 'lowest' } as const;
  const ordinary = finding.metric === 'latency_tail' ? usualMs(finding) : finding.before;
  const [after, before] = await Promise.all([
    readExampleCalls(clickhouse, of, { fromMs: changedAtMs, toMs, pick: worst, limit: pairsShown, only }),
    readExampleCalls(clickhouse, of, {
      fromMs: changedAtMs - withinMs,
      toMs: changedAtMs,
      pick: { by: 'nearest', to: ordinary },
      limit: mostOrdinary,
    }),
  ]);
  const found = texts ? await readExampleTexts(clickhouse, projectId, [...after, ...before]) : new Map();
  const told = (call: ExampleCall) => {
    const text = found.get(`${call.traceId}/${call.spanId}`);
    return { ...call, input: text?.input ?? null, answer: text?.answer ?? null };
  };
  const show = finding.metric === 'latency_tail' ? (ms: number) => ms : displayed(finding);
  const shown = (call: ReturnType<typeof told>): AlertExample => ({
    trace_id: call.traceId,
    span_id: call.spanId,
    start_time: call.startTime,
    value: show(call.value),
    model,
    prompt: call.prompt,
    input_tokens: call.inputTokens > 0 ? call.inputTokens : null,
    input: call.input?.slice(0, shownLength) ?? null,
    answer: call.answer,
  });
  return matchPairs(after.map(told), before.map(told)).map(pair => ({
    after: shown(pair.after),
    before: pair.before && shown(pair.before),
    likeness: pair.likeness,
  }));
}

/** A middling latency: half of the p95 is near the median of what models take. */
const usualMs = ({ p95 }: Finding) => (p95?.beforeMs ?? 0) / 2;
