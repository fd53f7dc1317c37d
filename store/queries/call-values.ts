import { scoredCalls } from './scored-calls.ts';
import { promptOf } from './where.ts';

/** Calls of one series in a time range, with the value each has for one metric of the roll-up. */
export interface CallValuesOf {
  projectId: string;
  feature: string;
  model: string;
  environment: string;
  /** A metric of the roll-up, or `score:<name>`. */
  metric: string;
  /** For `latency`: the value is 1 above this log bin and 0 up to it, instead of milliseconds. */
  latencyCutBin: number | null;
  /** Microseconds since the epoch, decimal: only rows stored until then are read. Absent: all. */
  storedUntil?: string | undefined;
}

const ms = '(duration_ns / 1e6)';

/** As in the roll-up: NaN where the metric does not apply to a call. */
const values: Record<string, string> = {
  error: 'toFloat64(failed)',
  refusal: "if(failed, nan, toFloat64(finish_reason = 'content_filter'))",
  latency: `if(failed OR ${ms} <= 0, nan, if({cut:Int32} = -32768, ${ms}, toFloat64(floor(25 * log(${ms})) > {cut:Int32})))`,
  cost: 'if(ifNull(cost_nanos, 0) > 0, log(ifNull(cost_nanos, 0) / 1e9), nan)',
  output_length: 'if(ifNull(output_tokens, 0) > 0, log(ifNull(output_tokens, 0)), nan)',
  pace: `if(NOT failed AND ifNull(output_tokens, 0) > 0 AND ${ms} > 0, log(${ms} / ifNull(output_tokens, 1)), nan)`,
};

/** Columns of a call that can be asked for beside its value. */
const columns = {
  trace_id: 'trace_id',
  span_id: 'span_id',
  start_time: 'start_time',
  duration_ms: ms,
  input_tokens: 'ifNull(input_tokens, 0)',
  prompt: promptOf,
  sdk: "trim(concat(scope_name, ' ', scope_version))",
  model: 'model',
  request_model: 'request_model',
  response_model: 'response_model',
  provider: 'provider',
  release: 'release',
  variant: 'variant',
  service: 'service',
  agent: 'agent',
  service_tier: 'service_tier',
  tenant: 'tenant',
  team: 'team',
  operation: 'operation',
  environment: 'environment',
  finish_reason: 'finish_reason',
  error_type: 'error_type',
} as const;
export type CallColumn = keyof typeof columns;

const raw = [
  'trace_id',
  'span_id',
  'start_time',
  'stored_at',
  'duration_ns',
  'input_tokens',
  'feature',
  'model',
  'environment',
  'prompt_name',
  'prompt_version',
  'scope_name',
  'scope_version',
  'request_model',
  'response_model',
  'provider',
  'release',
  'variant',
  'service',
  'agent',
  'service_tier',
  'tenant',
  'team',
  'operation',
  'finish_reason',
  'error_type',
];

const storedInTime = 'stored_at <= fromUnixTimestamp64Micro({storedUntil:Int64})';

/** Whether single calls have a value of this metric: roll-ups of other things than calls do not. */
export const hasCallValues = (metric: string): boolean =>
  metric.startsWith('score:') || Object.hasOwn(values, metric);

/**
 * SQL of a subquery with one row per value: `x` and the wanted columns. Parameters: those of `callValueParams` and
 * {from:DateTime64(3)}, {to:DateTime64(3)}. `where` narrows it, over the columns of `calls`.
 */
export function callValues(metric: string, wanted: readonly CallColumn[], where = ''): string {
  // Another name for the time: a column and its alias must not be mixed up in a condition.
  const chosen = wanted.map(name => `${columns[name]} AS ${name === 'start_time' ? 'at' : name}`).join(', ');
  const ofSeries =
    'feature = {feature:String} AND model = {model:String} AND environment = {environment:String}';
  if (metric.startsWith('score:')) {
    const unprefixed = raw.map(name => `call_${name} AS ${name}`).join(', ');
    const scores = scoredCalls(raw, `AND name = {score:String} AND ${storedInTime}`);
    return `
      SELECT ${chosen}, x FROM
      (SELECT ${unprefixed}, value AS x FROM (${scores}))
      WHERE ${ofSeries} AND ${storedInTime} ${where}`;
  }
  const value = values[metric];
  if (!value) throw new Error(`"${metric}" has no value per call`);
  return `
    SELECT * FROM
    (
      SELECT ${chosen}, ${value} AS x FROM calls FINAL
      WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
        AND ${ofSeries} AND ${storedInTime} ${where}
    )
    WHERE isFinite(x)`;
}

/** Later than anything that is stored. */
const endOfTime = '9000000000000000';

export function callValueParams({
  projectId,
  feature,
  model,
  environment,
  metric,
  latencyCutBin,
  storedUntil,
}: CallValuesOf) {
  const score = metric.startsWith('score:') ? metric.slice('score:'.length) : '';
  return {
    project: projectId,
    feature,
    model,
    environment,
    score,
    cut: latencyCutBin ?? -32768,
    storedUntil: storedUntil ?? endOfTime,
  };
}
