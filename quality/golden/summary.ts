import type { GoldenResult, GoldenRun, RunScore } from '#contract/golden.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import type { GoldenFigures, GoldenResultRow } from '#store/state/golden-runs.ts';
import { counted, lowerBound, upperBound } from './betting.ts';
import type { Chosen } from './evaluate.ts';

export type Summary = Pick<GoldenRun, 'totals' | 'scores'>;

/** 95 %, half of what is left on each side. */
const alphaOneSide = 0.025;

/** What a run came to. `cases` is how many its version has. */
export function summarize(rows: readonly GoldenFigures[], chosen: readonly Chosen[], cases: number): Summary {
  const results = rows.map(row =>
    resultOf({ ...row, output: null, context: null, tool_calls: null, tools: null }),
  );
  const costs = rows.flatMap(({ cost_nanos }) => (cost_nanos === null ? [] : [BigInt(cost_nanos)]));
  return {
    totals: {
      cases,
      results: rows.length,
      errors: results.filter(({ error }) => error !== '').length,
      median_latency_ms: median(results.flatMap(({ latency_ms }) => latency_ms ?? [])),
      input_tokens: sum(results.flatMap(({ input_tokens }) => input_tokens ?? [])),
      output_tokens: sum(results.flatMap(({ output_tokens }) => output_tokens ?? [])),
      cost_usd:
        costs.length === 0 ? null : usdFromNanos(costs.reduce((all, one) => all + one, 0n).toString()),
      without_cost: rows.length - costs.length,
    },
    scores: chosen.map(one => summarizeScore(results, one)),
  };
}

function summarizeScore(results: readonly GoldenResult[], { id, evaluator }: Chosen): RunScore {
  const said = results.flatMap(({ scores }) => scores[id] ?? []);
  const values = said.flatMap(({ value }) => value ?? []);
  const isShare = values.every(value => value >= 0 && value <= 1);
  // A thousandth is finer than anybody reads, and makes a large run as cheap as a small one.
  const rounded = isShare ? counted(values.map(value => Math.round(value * 1000) / 1000)) : null;
  const mean = values.length === 0 ? null : (sum(values) ?? 0) / values.length;
  return {
    evaluator: id,
    direction: evaluator.direction,
    mean,
    low: mean === null || !rounded ? null : Math.min(mean, lowerBound(rounded, alphaOneSide)),
    high: mean === null || !rounded ? null : Math.max(mean, upperBound(rounded, alphaOneSide)),
    n: values.length,
    not_judged: said.length - values.length,
  };
}

export function resultOf(row: GoldenResultRow): GoldenResult {
  const count = (value: number | string | null) => (value === null ? null : Number(value));
  return {
    output: row.output,
    tool_calls: row.tool_calls === null ? [] : (JSON.parse(row.tool_calls) as GoldenResult['tool_calls']),
    error: row.error,
    latency_ms: row.latency_ms,
    input_tokens: count(row.input_tokens),
    output_tokens: count(row.output_tokens),
    cost_usd: usdFromNanos(row.cost_nanos),
    trace_id: row.trace_id,
    span_id: row.span_id,
    scores: JSON.parse(row.scores) as GoldenResult['scores'],
  };
}

const sum = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((all, one) => all + one, 0);

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
