import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { callRow } from '../../test/support/rows.ts';
import { seeded } from '../../test/support/seeded.ts';
import { rollUpChanged } from '../rollup.ts';
import { type MeasuresQuestion, readMeasures } from './measures.ts';

const fromMs = Date.parse('2026-11-02T10:20:00Z');
const toMs = Date.parse('2026-11-09T16:45:00Z');
const base: MeasuresQuestion = {
  projectId: 'default',
  measures: [
    'calls',
    'failed_calls',
    'attempts',
    'failed_attempts',
    'duplicate_spans',
    'input_tokens',
    'cache_read_tokens',
    'output_tokens',
    'cost_usd',
    'cost_low_usd',
    'cost_high_usd',
    'client_cost_usd',
    'unpriced_calls',
  ],
  groupBy: [],
  fromMs,
  toMs,
  where: [],
  tz: 'UTC',
  limit: 1000,
};

let engine: TestEngine;
/** By the engine's clock, as the job that rolls up keeps it. */
let rolledUpTo: string;

function calls(seed: number, howMany: number) {
  const random = seeded(seed);
  return Array.from({ length: howMany }, (_, n) => {
    const cost = String(random.integer(10_000_000));
    const priced = random.next() < 0.9;
    return callRow({
      at: new Date(random.between(fromMs - 3_600_000, toMs + 3_600_000)).toISOString(),
      span_id: `${seed}x${n}`,
      feature: random.pick(['support', 'search']),
      model: random.pick(['gpt-4o-mini', 'claude']),
      prompt_name: random.pick(['', 'greet']),
      prompt_version: random.pick(['', '3']),
      tenant: random.pick(['acme', 'umbrella']),
      failed: random.next() < 0.1 ? 1 : 0,
      failed_attempts: random.integer(2),
      input_tokens: random.next() < 0.9 ? random.integer(1e6) : null,
      cost_nanos: priced ? cost : null,
      cost_low_nanos: cost,
      cost_high_nanos: priced ? cost : null,
      merged_from: random.next() < 0.1 ? ['x/y'] : [],
    });
  });
}

beforeAll(async () => {
  engine = await startTestEngine();
  await engine.clickhouse.insert('calls', calls(1, 2000));
  await rollUpChanged(engine.clickhouse, { projectId: 'default', sinceStored: '0' });
  // As if the roll-up were minutes old: its overlap would make everything look as if it had just been stored.
  const [clock] = await engine.clickhouse.query<{ now: string }>(
    `SELECT toString(toUnixTimestamp64Micro(now64(6)) + 90000000) AS now`,
  );
  rolledUpTo = clock!.now;
});
afterAll(() => engine.stop());

async function both(question: Partial<MeasuresQuestion>) {
  const asked = { ...base, ...question };
  const [slow, fast] = await Promise.all([
    readMeasures(engine.clickhouse, asked),
    readMeasures(engine.clickhouse, { ...asked, rolledUpTo }),
  ]);
  const sorted = (rows: object[]) => rows.map(row => JSON.stringify(row)).sort();
  expect(sorted(fast)).toEqual(sorted(slow));
  return fast;
}

describe('long ranges of /measures', () => {
  test.each<[string, Partial<MeasuresQuestion>]>([
    ['as a whole', {}],
    ['by feature and model', { groupBy: ['feature', 'model'] }],
    ['by prompt and day', { groupBy: ['prompt'], interval: 'day' }],
    ['by hour in a zone of whole hours', { interval: 'hour', tz: 'Europe/Berlin' }],
    ['by day in a zone that begins at half past', { interval: 'day', tz: 'Asia/Kolkata' }],
    ['of a model by any of its names', { where: [{ dimension: 'model', value: 'gpt-4o-mini-2024-07-18' }] }],
    ['of a tenant', { where: [{ dimension: 'tenant', value: 'acme' }], interval: 'day' }],
    ['by something that is not rolled up', { groupBy: ['finish_reason'] }],
  ])('have the same sums from the roll-up as from the calls, %s', async (_, question) => {
    expect((await both(question)).length).toBeGreaterThan(0);
  });

  test('are read from the roll-up: what it does not hold is not there', async () => {
    const [before] = await both({});
    await engine.clickhouse.command('TRUNCATE TABLE call_counts_1h');
    const [edges] = await readMeasures(engine.clickhouse, { ...base, rolledUpTo });
    expect(Number(edges!.calls)).toBeLessThan(Number(before!.calls) / 10);
    await rollUpChanged(engine.clickhouse, { projectId: 'default', sinceStored: '0' });
    expect(await both({})).toEqual([before]);
  });

  test('hold what was stored since, and lose what was deleted', async () => {
    const [before] = await both({});
    const [clock] = await engine.clickhouse.query<{ now: string }>(
      `SELECT toString(toUnixTimestamp64Micro(now64(6)) + 90000000) AS now`,
    );
    rolledUpTo = clock!.now;
    const [gone] = calls(1, 1);
    const late = callRow({ at: '2026-11-05T07:30:00Z', span_id: 'late' });
    const stored_at = new Date(Number(BigInt(rolledUpTo) / 1000n) + 1)
      .toISOString()
      .slice(0, 23)
      .replace('T', ' ');
    await engine.clickhouse.insert('calls', [
      { ...late, stored_at },
      { ...gone!, version: '2', is_deleted: 1, stored_at },
    ]);
    const [after] = await both({});
    expect(after!.calls).toBe(before!.calls);
    expect(after!.cost_usd).not.toBe(before!.cost_usd);
  });
});
