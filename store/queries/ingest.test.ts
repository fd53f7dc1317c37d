import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { ingestSourceRow, rejectRow, unmappedRow } from '../../test/support/ingest-rows.ts';
import { callRow } from '../../test/support/rows.ts';
import { ingestStepS, readIngestSeries, readIngestSources } from './ingest.ts';
import { readRejectSeries, readRejects } from './ingest-rejects.ts';
import { readFlaggedCalls, readTokenSources } from './token-accounting.ts';
import { readUnmappedAttributes } from './unmapped.ts';

let engine: TestEngine;
const question = {
  projectId: 'default',
  fromMs: Date.parse('2026-11-20T10:00:30Z'),
  toMs: Date.parse('2026-11-20T12:00:00Z'),
};

beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine?.stop());

describe('sources', () => {
  beforeAll(() =>
    engine.clickhouse.insert('ingest_sources', [
      ingestSourceRow({ at: '2026-11-20T10:00:40Z', acked: 5, version: 1 }),
      ingestSourceRow({
        at: '2026-11-20T10:00:55Z',
        acked: 20,
        stored: 15,
        duplicates: 2,
        delay_ms_sum: 4000,
        version: 2,
      }),
      ingestSourceRow({ at: '2026-11-20T10:00:50Z', acked: 4, collector_id: 'two', delay_ms_max: 900 }),
      ingestSourceRow({ at: '2026-11-20T11:30:00Z', signal: 'logs', acked: 6, rejected: 3, truncated: 1 }),
      ingestSourceRow({ at: '2026-11-20T11:40:00Z', service: 'jobs', signal: 'metrics', acked: 1 }),
      ingestSourceRow({ at: '2026-11-20T09:59:59Z', acked: 1000 }),
      ingestSourceRow({ at: '2026-11-20T11:00:00Z', acked: 1000, project_id: 'other' }),
    ]),
  );

  test('are summed over minutes, signals and collectors, each minute in its newest version', async () => {
    const [app, jobs, ...more] = await readIngestSources(engine.clickhouse, question);
    expect(app).toEqual({
      service: 'app',
      sdk: 'opentelemetry nodejs',
      sdk_version: '2.2.0',
      scope_name: 'test',
      scope_version: '1',
      dialect: 'gen_ai',
      signals: ['logs', 'traces'],
      received: 33,
      acked: 30,
      stored: 25,
      rejected: 3,
      duplicates: 2,
      truncated: 1,
      last_seen: '2026-11-20T11:30:00.000Z',
      delay_mean_ms: (4000 + 400) / 24,
      delay_max_ms: 900,
    });
    expect(jobs).toMatchObject({ service: 'jobs', acked: 1, delay_mean_ms: null, delay_max_ms: null });
    expect(more).toEqual([]);
  });

  test('in buckets over time, without those in which nothing came', async () => {
    const series = await readIngestSeries(engine.clickhouse, question, 3600);
    expect(series.map(({ timeMs, acked }) => [new Date(timeMs).toISOString(), acked])).toEqual([
      ['2026-11-20T10:00:00.000Z', 24],
      ['2026-11-20T11:00:00.000Z', 7],
    ]);
    expect(await readIngestSeries(engine.clickhouse, { ...question, projectId: 'none' }, 60)).toEqual([]);
  });
});

test.each([
  [1, 60],
  [3, 60],
  [24, 900],
  [7 * 24, 3600],
  [30 * 24, 21_600],
  [90 * 24, 86_400],
  [400 * 24, 604_800],
])('a chart over %i h has buckets of %i s', (hours, step) => {
  expect(ingestStepS({ fromMs: 0, toMs: hours * 3_600_000 })).toBe(step);
});

test('rejects by reason, signal and service, with the newest sample', async () => {
  await engine.clickhouse.insert('rejects', [
    rejectRow({
      at: '2026-11-20T10:30:00Z',
      reason: 'invalid_span_id',
      service: 'app',
      count: 4,
      sample: 'old',
    }),
    rejectRow({
      at: '2026-11-20T11:30:00Z',
      reason: 'invalid_span_id',
      service: 'app',
      count: 1,
      sample: 'new',
    }),
    rejectRow({ at: '2026-11-20T11:00:00Z', reason: 'malformed_body', signal: 'logs', count: 2 }),
    rejectRow({ at: '2026-11-20T08:00:00Z', reason: 'malformed_body', count: 9 }),
  ]);
  expect(await readRejects(engine.clickhouse, question)).toEqual([
    {
      reason: 'invalid_span_id',
      signal: 'traces',
      service: 'app',
      count: 5,
      last_at: '2026-11-20T11:30:00.000Z',
      sample: 'new',
    },
    {
      reason: 'malformed_body',
      signal: 'logs',
      service: '',
      count: 2,
      last_at: '2026-11-20T11:00:00.000Z',
      sample: '{}',
    },
  ]);
  const series = await readRejectSeries(engine.clickhouse, question, {
    reasons: ['malformed_body'],
    stepS: 3600,
  });
  expect(series).toEqual([{ timeMs: Date.parse('2026-11-20T11:00:00Z'), count: 2 }]);
});

test('cached tokens by instrumentation: added where they were, and proven where they could not have fit', async () => {
  const at = '2026-11-20T11:00:00Z';
  const traceloop = { at, scope_name: '@traceloop/x', scope_version: '0.27', provider: 'anthropic' };
  const added = ['cache_added_to_input'];
  await engine.clickhouse.insert('calls', [
    callRow({ ...traceloop, span_id: '1', input_tokens: 224, cache_read_tokens: 94, flags: added }),
    callRow({ ...traceloop, span_id: '2', input_tokens: 224, cache_read_tokens: 194, flags: added }),
    callRow({ ...traceloop, span_id: '3', input_tokens: 100 }),
    callRow({
      ...traceloop,
      at: '2026-11-20T11:10:00Z',
      span_id: '4',
      input_tokens: 100,
      flags: ['subset_exceeds_whole'],
    }),
    callRow({ ...traceloop, span_id: '5', flags: ['subset_exceeds_whole', 'truncated'] }),
    callRow({ ...traceloop, span_id: '6', flags: ['subset_exceeds_whole'], version: '1' }),
    callRow({ ...traceloop, span_id: '6', version: '2', is_deleted: 1 }),
    callRow({ at, span_id: '7', cache_read_tokens: 60, cache_write_tokens: 0 }),
  ]);
  expect(await readTokenSources(engine.clickhouse, question)).toEqual([
    {
      scope_name: '@traceloop/x',
      scope_version: '0.27',
      provider: 'anthropic',
      dialects: ['gen_ai'],
      calls: 5,
      cached_calls: 2,
      added_calls: 2,
      proven_calls: 1,
      as_sent: { trace_id: '', span_id: '' },
    },
    expect.objectContaining({
      scope_name: 'test',
      calls: 1,
      cached_calls: 1,
      added_calls: 0,
      proven_calls: 0,
    }),
  ]);
  const ignored = ['cache_added_to_input', 'truncated'];
  expect(await readFlaggedCalls(engine.clickhouse, question, ignored)).toEqual([
    {
      scope_name: '@traceloop/x',
      scope_version: '0.27',
      provider: 'anthropic',
      flag: 'subset_exceeds_whole',
      calls: 2,
      trace_id: '4'.padStart(32, 'a'),
      span_id: '4',
    },
  ]);
});

test('unmapped attributes are a share of all sampled spans, also of hours in which they did not occur', async () => {
  await engine.clickhouse.insert('unmapped_attributes', [
    unmappedRow({ at: '2026-11-20T10:10:00Z', key: 'gen_ai.usage.new', n: 5, sampled: 10, version: 1 }),
    unmappedRow({
      at: '2026-11-20T10:20:00Z',
      key: 'gen_ai.usage.new',
      n: 15,
      sampled: 20,
      example: '7',
      version: 2,
    }),
    unmappedRow({
      at: '2026-11-20T10:20:00Z',
      key: 'gen_ai.usage.new',
      n: 5,
      sampled: 10,
      collector_id: 'two',
    }),
    unmappedRow({ at: '2026-11-20T11:10:00Z', key: 'app.tier', n: 50, sampled: 70 }),
    unmappedRow({ at: '2026-11-20T11:10:00Z', key: 'app.tier', n: 1, sampled: 9, scope_name: 'else' }),
  ]);
  const rows = await readUnmappedAttributes(engine.clickhouse, question);
  expect(rows.map(({ scope_name, key, spans, sampled }) => [scope_name, key, spans, sampled])).toEqual([
    ['test', 'app.tier', 50, 100],
    ['test', 'gen_ai.usage.new', 20, 100],
    ['else', 'app.tier', 1, 9],
  ]);
  expect(rows[1]).toMatchObject({ example: '7', last_seen: '2026-11-20T10:20:00.000Z' });
});
