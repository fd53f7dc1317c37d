import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { callRow, scoreRow, spanRow } from '../../test/support/rows.ts';
import { insertScores } from './insert-scores.ts';
import { readMeasures } from './measures.ts';
import { firstSpan, lastReject } from './onboarding.ts';
import { readTrace } from './trace.ts';
import { searchTraces, type TraceSearch } from './traces.ts';

let engine: TestEngine;
const projectId = 'default';
const t1 = '1'.repeat(32);
const t2 = '2'.repeat(32);
const nowMs = Date.parse('2026-11-20T12:00:00Z');

beforeAll(async () => {
  engine = await startTestEngine();
  await engine.clickhouse.insert('spans', [
    spanRow({
      at: '2026-11-20T10:00:00Z',
      trace_id: t1,
      span_id: 'a',
      name: 'answer',
      duration_ns: '2000000000',
    }),
    spanRow({
      at: '2026-11-20T10:00:00.5Z',
      trace_id: t1,
      span_id: 'b',
      parent_span_id: 'a',
      name: 'chat gpt-4o-mini',
      role: 'model_call',
      attributes: { 'app.shop': 'berlin' },
    }),
    spanRow({ at: '2026-11-20T11:00:00Z', trace_id: t2, span_id: 'c', name: 'chat', status: 'error' }),
  ]);
  const b = callRow({ at: '2026-11-20T10:00:00.5Z', trace_id: t1, span_id: 'b', merged_from: [`${t1}/a`] });
  await engine.clickhouse.insert('calls', [
    b,
    { ...b, version: '2', response_id: 'resp-b', tenant: 'acme' },
    callRow({
      at: '2026-11-20T11:00:00Z',
      trace_id: t2,
      span_id: 'c',
      failed: 1,
      feature: 'search',
      cost_nanos: null,
      input_tokens: null,
      output_tokens: null,
    }),
  ]);
  await engine.clickhouse.insert('scores', [
    scoreRow({ at: '2026-11-20T10:05:00Z', score_id: 's1', trace_id: t1, span_id: 'b', value: 0.4 }),
    scoreRow({
      at: '2026-11-20T10:06:00Z',
      score_id: 's2',
      response_id: 'resp-b',
      value: 0.6,
      target: 'response',
    }),
  ]);
  await engine.clickhouse.insert('contents', [
    content('a', '', [{ role: 'user', parts: [{ type: 'text', content: 'outer' }] }], []),
    content('b', 'log1', [], [{ role: 'assistant', parts: [{ type: 'text', content: 'hi' }] }]),
  ]);
});
afterAll(() => engine.stop());

function content(span_id: string, record_id: string, input: object[], output: object[]) {
  const texts = { input: JSON.stringify(input), output: JSON.stringify(output) };
  return {
    project_id: projectId,
    time: '2026-11-20 10:00:00',
    trace_id: t1,
    span_id,
    record_id,
    version: '1',
    ...texts,
  };
}

const search = (given: Partial<TraceSearch> = {}) =>
  searchTraces(engine.clickhouse, {
    projectId,
    fromMs: nowMs - 86_400_000,
    toMs: nowMs,
    where: [],
    q: '',
    status: 'any',
    sort: 'newest',
    score: '',
    limit: 10,
    ...given,
  });
const ids = async (given: Partial<TraceSearch>) => (await search(given)).traces.map(trace => trace.trace_id);

test('a summary counts each call once and keeps unknown apart from zero', async () => {
  const { traces, more } = await search();
  expect(more).toBe(false);
  expect(traces).toMatchObject([
    {
      trace_id: t2,
      feature: 'search',
      failed_calls: 1,
      error: true,
      cost_usd: null,
      unpriced_calls: 1,
      input_tokens: null,
    },
    {
      trace_id: t1,
      start_time: '2026-11-20T10:00:00.000Z',
      name: 'answer',
      feature: 'support',
      tenant: 'acme',
      models: ['gpt-4o-mini'],
      duration_ms: 2000,
      spans: 2,
      calls: 1,
      error: false,
      input_tokens: 100,
      output_tokens: 20,
      cost_usd: '0.000027000',
      scores: { answer_quality: 0.5 },
    },
  ]);
});

test('search by dimension, status, text, attribute, id and worst score', async () => {
  expect(await ids({ where: [{ dimension: 'feature', value: 'support' }] })).toEqual([t1]);
  expect(await ids({ where: [{ dimension: 'model', value: 'gpt-4o-mini-2024-07-18' }] })).toEqual([t2, t1]);
  expect(await ids({ status: 'error' })).toEqual([t2]);
  expect(await ids({ status: 'ok' })).toEqual([t1]);
  expect(await ids({ q: 'ANSWER' })).toEqual([t1]);
  expect(await ids({ q: 'app.shop=berlin' })).toEqual([t1]);
  expect(await ids({ q: t2 })).toEqual([t2]);
  expect(await ids({ sort: 'worst_score', score: 'answer_quality' })).toEqual([t1]);
  expect(await ids({ sort: 'costliest' })).toEqual([t1, t2]);
  expect(await search({ limit: 1 })).toMatchObject({ traces: [{ trace_id: t2 }], more: true });
  expect(await ids({ before: '2026-11-20T11:00:00Z' })).toEqual([t1]);
});

test('one trace: messages of a span come from its logs and from what was folded into it', async () => {
  const trace = (await readTrace(engine.clickhouse, { projectId, traceId: t1 }))!;
  expect(trace.spans.map(span => [span.span_id, span.offset_ms])).toEqual([
    ['a', 0],
    ['b', 500],
  ]);
  expect(trace.calls).toMatchObject([
    { span_id: 'b', response_id: 'resp-b', cost_by_kind: { input: '0.000015000' } },
  ]);
  expect(trace.contents.b).toEqual({
    input: [{ role: 'user', parts: [{ type: 'text', content: 'outer' }] }],
    output: [{ role: 'assistant', parts: [{ type: 'text', content: 'hi' }] }],
  });
  expect(trace.scores.map(score => score.score_id)).toEqual(['s1', 's2']);
  expect(await readTrace(engine.clickhouse, { projectId, traceId: 'f'.repeat(32) })).toBeNull();
});

test('a score with its own id replaces the one sent before, on another day too', async () => {
  const send = (value: number, at: number) =>
    insertScores(engine.clickhouse, [{ id: 'mine', name: 'review', value, trace_id: t2 }], {
      projectId,
      source: 'api',
      nowMs: at,
    });
  expect(await send(0.1, nowMs)).toEqual(await send(0.8, nowMs + 86_400_000));
  const trace = (await readTrace(engine.clickhouse, { projectId, traceId: t2 }))!;
  expect(trace.scores).toMatchObject([{ name: 'review', value: 0.8, target: 'trace', source: 'api' }]);
});

test('of scores with one id the newest counts, whatever time they bear; one without a value takes it back', async () => {
  const one = { score_id: 'moved', name: 'tone', trace_id: t1, target: 'trace' } as const;
  const named = { projectId, fromMs: nowMs - 86_400_000, toMs: nowMs };
  const measure = async () => {
    const question = {
      ...named,
      measures: ['score:tone'] as const,
      groupBy: [],
      where: [],
      tz: 'UTC',
      limit: 10,
    };
    const [row] = await readMeasures(engine.clickhouse, question);
    return row?.['score:tone'] ?? null;
  };
  const shown = async () => (await readTrace(engine.clickhouse, { projectId, traceId: t1 }))!.scores;
  await engine.clickhouse.insert('scores', [
    scoreRow({ ...one, at: '2026-11-20T10:10:00Z', value: 0.9, version: '1' }),
    scoreRow({ ...one, at: '2026-11-20T11:20:00Z', value: 0, version: '2' }),
  ]);
  expect(await measure()).toBe(0);
  expect((await shown()).filter(({ name }) => name === 'tone')).toMatchObject([{ value: 0 }]);

  await engine.clickhouse.insert('scores', [
    scoreRow({ ...one, at: '2026-11-19T23:00:00Z', value: null, version: '3' }),
  ]);
  expect(await measure()).toBeNull();
  expect((await shown()).filter(({ name }) => name === 'tone')).toMatchObject([{ value: null }]);
});

test('onboarding sees the first span and the last refusal', async () => {
  expect(await firstSpan(engine.clickhouse, { projectId, ofDemo: false })).toMatchObject({
    trace_id: t1,
    feature: 'support',
  });
  expect(await firstSpan(engine.clickhouse, { projectId: 'other', ofDemo: false })).toBeNull();
  expect(await lastReject(engine.clickhouse, projectId)).toBeNull();
});

test('a span that was stored in two hours is shown once, as it came last', async () => {
  const trace_id = '3'.repeat(32);
  const twice = ['2026-11-20T08:59:00Z', '2026-11-20T09:01:00Z'].map((at, index) => {
    const version = String(index + 1);
    return { at, trace_id, span_id: 'd', version, name: `sent ${index}` };
  });
  await engine.clickhouse.insert('spans', twice.map(spanRow));
  await engine.clickhouse.insert(
    'contents',
    twice.map(({ at, version }) => ({
      project_id: projectId,
      time: at.slice(0, 19).replace('T', ' '),
      trace_id,
      span_id: 'd',
      record_id: '',
      input: '[]',
      output: JSON.stringify([{ role: 'assistant', parts: [{ type: 'text', content: version }] }]),
      version,
    })),
  );
  const trace = (await readTrace(engine.clickhouse, { projectId, traceId: trace_id }))!;
  expect(trace.summary.spans).toBe(1);
  expect(trace.spans).toMatchObject([{ name: 'sent 1', start_time: '2026-11-20T09:01:00.000Z' }]);
  expect(JSON.stringify(trace.contents)).toContain('"content":"2"');
});
