// Calls of a month, made inside ClickHouse: 40 features of 12 teams, 25 models, 200 tenants, 4 environments, prompts with versions.
// Who uses what is sparse and skewed, as it is in life; every number follows from the row's number, so runs are alike.

const hash = (row, what) => `(cityHash64(${row}, '${what}', {day:UInt32}) % 1000000)`;
const share = what => `(${hash('number', what)} / 1000000)`;

const LAYERS = [
  {
    f: `toUInt32(floor(40 * pow(${share('feature')}, 2.2)))`,
    is_live: `${share('environment')} < 0.93`,
    shade: share('model'),
    line: share('line'),
    input_size: share('input'),
  },
  {
    m: 'toUInt32(f * 7 + multiIf(shade < 0.78, 0, shade < 0.96, 3, 11)) % 25',
    t: `(toUInt32(floor(60 * pow(${share('tenant')}, 2.5))) * 7 + f * 13) % 200`,
    inputs: 'toUInt64(120 + 6000 * pow(input_size, 3))',
    outputs: `toUInt64(20 + 900 * pow(${share('output')}, 2))`,
    is_failed: 'line < 0.015',
  },
  {
    reads: `if(f % 3 = 0, toUInt64(inputs * ${share('cache')} * 0.9), 0)`,
    is_priced: 'm != 24',
    dearness: 'toInt64(100 * (1 + m % 9))',
  },
  {
    n_input: 'toInt64(inputs - reads) * dearness',
    n_read: 'intDiv(toInt64(reads) * dearness, 10)',
    n_output: 'if(is_failed, 0, toInt64(outputs) * dearness * 4)',
  },
];

// Three of four calls come between 6 and 20 o'clock.
const SECOND = `if(${share('busy')} < 0.75, 21600 + 50400 * ${share('second')}, 86400 * ${share('second')})`;

const COLUMNS = {
  project_id: "'default'",
  start_time: `addNanoseconds(toDateTime64({start:UInt32}, 9, 'UTC'), toInt64(1000000000 * (${SECOND})))`,
  trace_id: 'lower(hex(cityHash64(number, {day:UInt32}))) || lower(hex({day:UInt32} * 1000000000 + number))',
  span_id: "leftPad(lower(hex({day:UInt32} * 1000000000 + number)), 16, '0')",
  operation: "'chat'",
  service: "concat('service-', toString(f % 15))",
  environment: "if(is_live, 'production', ['staging', 'staging', 'development', 'preview'][1 + f % 4])",
  release: "'1.0'",
  feature: "concat('feature-', toString(f))",
  tenant: "if(is_live, concat('tenant-', toString(t)), 'internal')",
  team: "concat('team-', toString(f % 12))",
  user: `concat('user-', toString(${hash('number', 'user')} % 200000))`,
  session: "''",
  provider: "['openai', 'anthropic', 'google', 'mistral'][1 + m % 4]",
  model: "concat('model-', toString(m))",
  request_model: "concat('model-', toString(m))",
  response_model: "concat('model-', toString(m))",
  prompt_name: "concat('prompt-', toString(f), if(shade > 0.7, '-b', ''))",
  prompt_version: `concat('v', toString(1 + intDiv({index:UInt32} + f, 9) + (${share('version')} > 0.97)))`,
  variant: `if(f < 4, ['a', 'b'][1 + number % 2], '')`,
  purpose: "if(line > 0.96, 'evaluation', '')",
  failed: 'is_failed',
  attempts: 'if(line < 0.035, 2, 1)',
  failed_attempts: 'if(is_failed, 2, if(line < 0.035, 1, 0))',
  duration_ns: '800000000',
  input_tokens: 'inputs',
  cache_read_tokens: 'if(f % 3 = 0, reads, NULL)',
  output_tokens: 'if(is_failed, 0, outputs)',
  cost_nanos: 'if(is_priced, n_input + n_read + n_output, NULL)',
  cost_low_nanos: 'if(is_priced, n_input + n_read + n_output, 0)',
  cost_high_nanos: 'n_input + n_read + n_output',
  uncached_nanos: 'if(is_priced, n_input + n_read * 10 + n_output, NULL)',
  cost_by_kind: `if(is_priced, CAST(map('input', n_input, 'cache_read', n_read, 'output', n_output), 'Map(LowCardinality(String), Int64)'),
    CAST(map(), 'Map(LowCardinality(String), Int64)'))`,
  price_version: "if(is_priced, '2026-09-20', '')",
  service_tier: "if(f % 10 = 9, 'batch', '')",
  version: '1',
};

const ROWS = LAYERS.reduce(
  (inner, layer) =>
    `SELECT *, ${Object.entries(layer)
      .map(([name, sql]) => `${sql} AS ${name}`)
      .join(', ')} FROM (${inner})`,
  'SELECT number FROM numbers_mt({rows:UInt64})',
);

const INSERT = `
INSERT INTO calls (${Object.keys(COLUMNS).join(', ')})
SELECT ${Object.values(COLUMNS).join(',\n  ')}
FROM (${ROWS})`;

/** Inserts about `calls` calls spread over the days of [fromMs, toMs), fewer at weekends; tells after each day. */
export async function makeCalls(clickhouse, { calls, fromMs, toMs, onDay = () => {} }) {
  const days = [];
  for (let ms = fromMs; ms < toMs; ms += 86_400_000)
    days.push({ ms, weight: [0, 6].includes(new Date(ms).getUTCDay()) ? 0.45 : 1 });
  const weights = days.reduce((sum, { weight }) => sum + weight, 0);
  for (const [index, { ms, weight }] of days.entries()) {
    const params = {
      rows: Math.round((calls * weight) / weights),
      day: Number(new Date(ms).toISOString().slice(0, 10).replaceAll('-', '')),
      start: ms / 1000,
      index,
    };
    await clickhouse.command(INSERT, params, {
      settings: {
        max_insert_block_size: '1048576',
        min_insert_block_size_rows: '1048576',
        // There is nothing to replace yet, and looking for it is most of the work.
        optimize_on_insert: 0,
        max_memory_usage: '3000000000',
        max_execution_time: 600,
      },
    });
    onDay(index + 1, days.length);
  }
}
