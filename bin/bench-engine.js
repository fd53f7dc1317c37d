// An engine on a temporary folder with generated data, for figures that need one: used by bench-drift-speed.js.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulateStream } from '../dist/alerts/drift/simulated-stream.js';
import { openClickHouse } from '../dist/store/engine/client.js';
import { migrate } from '../dist/store/engine/migrate.js';
import { startEngine } from '../dist/store/engine/supervise.js';

const dayMs = 86_400_000;
/** A Monday. */
export const monday = Date.UTC(2026, 0, 5);
/** The last one at or before a time. */
export const mondayBefore = ms => ms - ((ms - monday) % (7 * dayMs));
const silent = { info() {}, warn() {}, error() {} };

export async function startBenchEngine() {
  const dataDir = mkdtempSync(join(tmpdir(), 'driftline-bench-drift-'));
  const engine = await startEngine({ dataDir, maxMemoryBytes: 2e9, log: silent });
  await engine.ready;
  await migrate(engine);
  const clickhouse = openClickHouse(engine);
  return {
    clickhouse,
    /** Processor time of the engine so far, in ms. */
    cpuMs() {
      const [user, system] = readFileSync(`/proc/${engine.pid()}/stat`, 'utf8')
        .split(') ')[1]
        .split(' ')
        .slice(11, 13);
      return 10 * (Number(user) + Number(system));
    },
    async stop() {
      await clickhouse.close();
      await engine.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Roll-ups of 15 minutes: for each of `features` four models, with scores and latencies of 5 requests a minute. */
export async function insertSeries(clickhouse, { features, days, uniform }) {
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  for (let at = 0; at < features * 4; at += 1) {
    const series = {
      feature: `feature-${at % features}`,
      model: `model-${at % 4}`,
      environment: 'production',
    };
    const stream = { seed: at, requestsPerMinute: 5, fromMs: monday, days };
    const row = (metric, { startMs, n, sum, sumSq }, histogram = {}) => ({
      ...{ project_id: 'default', ...series, metric, bucket: Math.floor(startMs / 1000), version: 1 },
      ...{ n, sum, sum_sq: sumSq, histogram },
    });
    const scores = simulateStream({ ...stream, metric: 'quality' }).filter(({ n }) => n > 0);
    const latencies = simulateStream({ ...stream, metric: 'latency_tail' }).filter(({ n }) => n > 0);
    await clickhouse.insert('call_stats_15m', [
      ...scores.map(bucket => row('score:answer_quality', bucket)),
      ...latencies.map(bucket => {
        const histogram = {};
        for (let i = 0; i < bucket.n; i += 1) {
          const bin = Math.floor(25 * (7 + 0.7 * normal()));
          histogram[bin] = (histogram[bin] ?? 0) + 1;
        }
        return row('latency', bucket, histogram);
      }),
    ]);
  }
  await clickhouse.command('OPTIMIZE TABLE call_stats_15m FINAL');
}

/** Calls of one series over 17 days, with regions, languages and tools beside them; errors of a new prompt rise on the fifteenth day. */
export async function insertCalls(clickhouse, { calls, fromMs, changedMs }) {
  const perDay = Math.round(calls / 17);
  for (let day = 0; day < 17; day += 1) {
    const at = `toDateTime64(${(fromMs + day * dayMs) / 1000}, 9, 'UTC') + toIntervalMicrosecond(intDiv(number * 86400000000, ${perDay}))`;
    const random = key => `cityHash64(number, ${day}, ${key})`;
    const trace = `lower(hex(MD5(toString(number * 100 + ${day}))))`;
    const rows = `(SELECT number, ${at} AS at, toUnixTimestamp64Milli(at) >= ${changedMs} AS later FROM numbers(${perDay}))`;
    await clickhouse.command(`INSERT INTO calls (project_id, start_time, trace_id, span_id, operation, service, environment, release, feature,
        tenant, team, provider, model, request_model, response_model, prompt_name, prompt_version, scope_name, scope_version, finish_reason,
        failed, error_type, duration_ns, input_tokens, output_tokens, cost_nanos, version, is_deleted, stored_at)
      SELECT 'default', at, ${trace}, substring(${trace}, 1, 16), 'chat', 'chat', 'production', if(later, '2.1', '2.0'), 'support-bot',
        concat('tenant-', toString(least(${random(1)}, ${random(2)}) % 12)), concat('team-', toString(${random(1)} % 3)), 'openai', 'gpt-5-mini', 'gpt-5-mini', 'gpt-5-mini',
        'answer', if(${random(3)} % 4 = 0, 'v4', 'v3') AS prompt_version, 'openai-sdk', if(${random(4)} % 5 = 0, '1.1', '2.0'),
        if(failed, '', if(${random(5)} % 20 = 0, 'length', 'stop')), ${random(6)} % 1000 < 10 + 60 * (later AND prompt_version = 'v4') AS failed,
        if(failed, 'timeout', ''), toUInt64(1e9 * exp((${random(7)} % 1000) / 500)), 300, 100 + ${random(8)} % 300, 1000000 + ${random(9)} % 1000000, 1, 0, at + 3
      FROM ${rows}`);
    await clickhouse.command(`INSERT INTO spans (project_id, start_time, trace_id, span_id, name, service, environment, attributes, resource, version)
      SELECT 'default', at, ${trace}, 'a000000000000000', 'POST /chat', 'web', 'production',
        map('user.language', ['en', 'de'][1 + ${random(10)} % 2]), map('cloud.region', ['eu-west', 'us-east', 'ap-south'][1 + ${random(11)} % 3]), 1 FROM ${rows}`);
    await clickhouse.command(`INSERT INTO tool_calls (project_id, start_time, trace_id, span_id, name, service, environment, feature, version, is_deleted)
      SELECT 'default', at, ${trace}, 'b000000000000000', 'search', 'web', 'production', 'support-bot', 1, 0 FROM ${rows} WHERE number % 3 = 0`);
  }
  for (const table of ['calls', 'spans', 'tool_calls'])
    await clickhouse.command(`OPTIMIZE TABLE ${table} FINAL`);
}
