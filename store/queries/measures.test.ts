import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { callRow, scoreRow } from '../../test/support/rows.ts';
import { type MeasuresQuestion, readMeasures } from './measures.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
  const first = callRow({
    at: '2026-10-25T00:30:00Z',
    span_id: '1',
    trace_id: 't1',
    user: 'u1',
    prompt_name: 'greet',
    prompt_version: '3',
  });
  await engine.clickhouse.insert('calls', [
    first,
    { ...first, version: '2', cost_nanos: '9007199254740993' },
    callRow({
      at: '2026-10-25T01:30:00Z',
      span_id: '2',
      trace_id: 't2',
      user: 'u1',
      duration_ns: '1000000000',
      prompt_name: 'greet',
    }),
    callRow({
      at: '2026-10-25T23:30:00Z',
      span_id: '3',
      trace_id: 't3',
      feature: 'search',
      model: 'claude',
      attempts: 3,
      failed_attempts: 2,
      cost_nanos: null,
      input_tokens: null,
      output_tokens: null,
    }),
    callRow({
      at: '2026-10-26T10:00:00Z',
      span_id: '4',
      trace_id: 't4',
      failed: 1,
      failed_attempts: 1,
      duration_ns: '1',
      merged_from: ['x/y'],
    }),
    callRow({ at: '2026-10-26T10:00:00Z', span_id: '5', trace_id: 't5', version: '2', is_deleted: 1 }),
  ]);
  await engine.clickhouse.insert('tool_calls', [
    {
      project_id: 'default',
      start_time: '2026-10-26 10:00:00',
      trace_id: 't4',
      span_id: 'tool',
      feature: 'support',
      failed: 0,
      version: '1',
      is_deleted: 0,
    },
  ]);
  await engine.clickhouse.insert('scores', [
    scoreRow({ at: '2026-10-25T01:00:00Z', score_id: 'a', trace_id: 't1', span_id: '1', value: 1 }),
    scoreRow({ at: '2026-10-25T01:00:00Z', score_id: 'b', trace_id: 't1', span_id: '1', value: 0 }),
    scoreRow({ at: '2026-10-26T11:00:00Z', score_id: 'c', trace_id: 't3', target: 'trace', value: 0.2 }),
  ]);
});
afterAll(() => engine.stop());

const ask = (given: Partial<MeasuresQuestion>) =>
  readMeasures(engine.clickhouse, {
    projectId: 'default',
    measures: ['calls'],
    groupBy: [],
    fromMs: Date.parse('2026-10-01T00:00Z'),
    toMs: Date.parse('2026-11-01T00:00Z'),
    where: [],
    tz: 'UTC',
    limit: 100,
    ...given,
  });

test('totals are exact beyond 2^53 and count each call once', async () => {
  const measures = [
    'calls',
    'failed_calls',
    'attempts',
    'failed_attempts',
    'duplicate_spans',
    'cost_usd',
    'unpriced_calls',
    'input_tokens',
    'users',
    'tool_calls',
  ] as const;
  expect(await ask({ measures })).toEqual([
    {
      calls: 4,
      failed_calls: 1,
      attempts: 6,
      failed_attempts: 3,
      duplicate_spans: 1,
      cost_usd: '9007199.254794993',
      unpriced_calls: 1,
      input_tokens: 300,
      users: 1,
      tool_calls: 1,
    },
  ]);
});

test('a group in which no call has a value has null, not zero', async () => {
  expect(
    await ask({ measures: ['cost_usd', 'input_tokens', 'latency_p50_ms'], groupBy: ['feature'] }),
  ).toEqual([
    {
      feature: 'support',
      cost_usd: '9007199.254794993',
      input_tokens: 300,
      latency_p50_ms: 800,
    },
    { feature: 'search', cost_usd: null, input_tokens: null, latency_p50_ms: 800 },
  ]);
});

test('days follow the zone, across the end of summer time', async () => {
  expect(await ask({ interval: 'day', tz: 'Europe/Paris' })).toEqual([
    { time: '2026-10-25T00:00:00+02:00', calls: 2 },
    { time: '2026-10-26T00:00:00+01:00', calls: 2 },
  ]);
  expect(await ask({ interval: 'day', tz: 'UTC' })).toEqual([
    { time: '2026-10-25T00:00:00Z', calls: 3 },
    { time: '2026-10-26T00:00:00Z', calls: 1 },
  ]);
  // 02:30 came twice that night: the hours stay apart.
  expect((await ask({ interval: 'hour', tz: 'Europe/Paris' })).map(row => row.time).slice(0, 2)).toEqual([
    '2026-10-25T02:00:00+02:00',
    '2026-10-25T02:00:00+01:00',
  ]);
  expect((await ask({ interval: 'week', tz: 'Europe/Paris' })).map(row => row.time)).toEqual([
    '2026-10-19T00:00:00+02:00',
    '2026-10-26T00:00:00+01:00',
  ]);
  expect((await ask({ interval: 'month', tz: 'America/New_York' })).map(row => row.time)).toEqual([
    '2026-10-01T00:00:00-04:00',
  ]);
});

test('conditions on one dimension are alternatives, on two both must hold; a value is data, never SQL', async () => {
  const where = [
    { dimension: 'feature', value: 'support' },
    { dimension: 'feature', value: 'search' },
    { dimension: 'model', value: 'gpt-4o-mini-2024-07-18' },
  ] as const;
  expect(await ask({ where })).toEqual([{ calls: 4 }]);
  expect(await ask({ where: [{ dimension: 'prompt', value: 'greet 3' }] })).toEqual([{ calls: 1 }]);
  expect(await ask({ where: [{ dimension: 'feature', value: "x' OR 1=1 --" }] })).toEqual([]);
});

test('a score counts for the call it judges, in the bucket of the call', async () => {
  const measures = ['calls', 'score:answer_quality', 'scored:answer_quality'] as const;
  expect(await ask({ measures, groupBy: ['feature'] })).toEqual([
    { feature: 'support', calls: 3, 'score:answer_quality': 0.5, 'scored:answer_quality': 1 },
    { feature: 'search', calls: 1, 'score:answer_quality': 0.2, 'scored:answer_quality': 1 },
  ]);
});

test('what only model calls have leaves tool calls unknown', async () => {
  expect(await ask({ measures: ['calls', 'tool_calls'], groupBy: ['model'] })).toMatchObject([
    { model: 'gpt-4o-mini', tool_calls: null },
    { model: 'claude', tool_calls: null },
  ]);
});

test('a call the provider refused is known to be unbilled; one without an upper bound leaves the sum without one', async () => {
  const at = '2026-09-01T10:00:00Z';
  const refused = { failed: 1, cost_nanos: null, cost_low_nanos: '0', cost_high_nanos: '0' } as const;
  await engine.clickhouse.insert('calls', [
    callRow({ at, span_id: 'r', feature: 'refused', ...refused }),
    callRow({ at, span_id: 'k', feature: 'refused' }),
    callRow({
      at,
      span_id: 'u',
      feature: 'unknown',
      cost_nanos: null,
      cost_low_nanos: null,
      cost_high_nanos: null,
    }),
    callRow({ at, span_id: 'v', feature: 'unknown' }),
  ]);
  const september = { fromMs: Date.parse('2026-09-01T00:00Z'), toMs: Date.parse('2026-10-01T00:00Z') };
  const measures = ['unpriced_calls', 'cost_high_usd'] as const;
  const rows = await ask({ ...september, measures, groupBy: ['feature'] });
  expect(rows.sort((one, other) => String(one.feature).localeCompare(String(other.feature)))).toEqual([
    { feature: 'refused', unpriced_calls: 0, cost_high_usd: '0.000027000' },
    { feature: 'unknown', unpriced_calls: 1, cost_high_usd: null },
  ]);
});
