/** How calls are counted by the hour (call_counts_1h), for the roll-up that writes it and the questions that read it. */

/** What a row is of, besides project and hour; all of them columns of `calls`. */
export const countKeys = [
  'feature',
  'environment',
  'service',
  'provider',
  'model',
  'request_model',
  'response_model',
  'operation',
  'tenant',
  'team',
  'prompt_name',
  'prompt_version',
] as const;

/** Columns that add up, and what a single call adds to each. Null adds nothing; a sum of nothing but nulls is null. */
export const countColumns = {
  calls: '1',
  failed: 'failed',
  attempts: 'attempts',
  failed_attempts: 'failed_attempts',
  duplicates: 'length(merged_from)',
  unpriced: 'isNull(cost_nanos) AND ifNull(cost_high_nanos, 1) != 0',
  unbounded: 'isNull(cost_high_nanos)',
  input_tokens: 'input_tokens',
  cache_read_tokens: 'cache_read_tokens',
  cache_write_tokens: 'cache_write_tokens',
  output_tokens: 'output_tokens',
  reasoning_tokens: 'reasoning_tokens',
  embedding_tokens: 'embedding_tokens',
  cost_nanos: 'cost_nanos',
  cost_low_nanos: 'cost_low_nanos',
  cost_high_nanos: 'cost_high_nanos',
  client_cost_nanos: 'client_cost_nanos',
} as const;

/** Calls as rows of the same columns as call_counts_1h; `condition` is SQL over the columns of `calls`. */
export const callsAsCounts = (keys: readonly string[], columns: readonly string[], condition: string) => `
  SELECT ${[...keys, ...columns.map(name => `${countColumns[name as keyof typeof countColumns]} AS c_${name}`)].join(', ')}
  FROM calls FINAL WHERE project_id = {project:String} AND ${condition}`;
