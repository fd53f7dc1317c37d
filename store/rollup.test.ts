import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../test/support/engine.ts';
import { callRow, scoreRow } from '../test/support/rows.ts';
import { readStats } from './queries/stats.ts';
import { rollUpChanged } from './rollup.ts';

let engine: TestEngine;
let sinceStored = '0';
const projectId = 'default';
const day = { projectId, fromMs: Date.parse('2026-11-20T00:00Z'), toMs: Date.parse('2026-11-21T00:00Z') };

beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());

async function rollUp() {
  const done = await rollUpChanged(engine.clickhouse, { projectId, sinceStored });
  sinceStored = done.storedUpTo;
  return done;
}

async function stats(metric: string, feature = 'support') {
  const [series] = await readStats(engine.clickhouse, day, { metric, feature });
  return series?.buckets.map(({ startMs, ...bucket }) => ({
    at: new Date(startMs).toISOString().slice(11, 16),
    ...bucket,
  }));
}

test('calls and scores become buckets; a failed call has no latency and an unpriced one no cost', async () => {
  await engine.clickhouse.insert('calls', [
    callRow({ at: '2026-11-20T10:01:00Z', span_id: '1', trace_id: 't1', duration_ns: '1000000000' }),
    callRow({
      at: '2026-11-20T10:14:59Z',
      span_id: '2',
      trace_id: 't2',
      duration_ns: '3000000000',
      cost_nanos: null,
    }),
    callRow({
      at: '2026-11-20T10:15:00Z',
      span_id: '3',
      trace_id: 't3',
      failed: 1,
      output_tokens: null,
      cost_nanos: null,
    }),
  ]);
  await engine.clickhouse.insert('scores', [
    scoreRow({ at: '2026-11-20T10:20:00Z', score_id: 'a', trace_id: 't1', span_id: '1', value: 0.5 }),
    scoreRow({ at: '2026-11-20T12:20:00Z', score_id: 'b', trace_id: 't2', span_id: '2', value: 0.7 }),
    scoreRow({
      at: '2026-11-20T12:20:00Z',
      score_id: 'c',
      trace_id: 't2',
      span_id: '2',
      value: null,
      label: 'ok',
    }),
  ]);
  expect((await rollUp()).buckets).toBe(2);

  expect(await stats('requests')).toMatchObject([
    { at: '10:00', n: 2 },
    { at: '10:15', n: 1 },
  ]);
  expect(await stats('error')).toMatchObject([
    { n: 2, sum: 0 },
    { n: 1, sum: 1 },
  ]);
  const [latency, ...later] = (await stats('latency'))!;
  expect(later).toEqual([]);
  expect(latency).toMatchObject({ n: 2, sum: 4000, sumSq: 10_000_000 });
  expect(latency!.bins).toEqual({
    bins: [Math.floor(25 * Math.log(1000)), Math.floor(25 * Math.log(3000))],
    counts: [1, 1],
  });
  expect(await stats('cost')).toMatchObject([{ n: 1, sum: expect.closeTo(Math.log(27_000e-9), 9) }]);
  expect(await stats('score:answer_quality')).toMatchObject([
    { at: '10:00', n: 2, sum: expect.closeTo(1.2, 9) },
  ]);
});

test('doing it again changes nothing', async () => {
  const before = await stats('latency');
  await rollUp();
  expect(await stats('latency')).toEqual(before);
});

test('a call that moves to another feature leaves its old bucket empty', async () => {
  await engine.clickhouse.insert('calls', [
    callRow({ at: '2026-11-20T10:15:00Z', span_id: '3', trace_id: 't3', feature: 'search', version: '2' }),
  ]);
  await rollUp();
  expect(await stats('requests')).toMatchObject([{ at: '10:00', n: 2 }]);
  expect(await stats('requests', 'search')).toMatchObject([{ at: '10:15', n: 1 }]);
});

test('a deleted call leaves, with its score', async () => {
  await engine.clickhouse.insert('calls', [
    callRow({ at: '2026-11-20T10:14:59Z', span_id: '2', trace_id: 't2', version: '3', is_deleted: 1 }),
  ]);
  await rollUp();
  expect(await stats('requests')).toMatchObject([{ n: 1 }]);
  expect(await stats('score:answer_quality')).toMatchObject([{ n: 1, sum: 0.5 }]);
});

test('a score by response id, hours later, reaches the bucket of its call; one of a trace reaches the last call', async () => {
  await engine.clickhouse.insert('calls', [
    callRow({
      at: '2026-11-20T11:00:00Z',
      span_id: '5',
      trace_id: 't5',
      response_id: 'resp-5',
      feature: 'chat',
    }),
    callRow({ at: '2026-11-20T11:16:00Z', span_id: '6', trace_id: 't5', feature: 'chat' }),
  ]);
  await rollUp();
  await engine.clickhouse.insert('scores', [
    scoreRow({
      at: '2026-11-20T20:00:00Z',
      score_id: 'd',
      name: 'helpful',
      response_id: 'resp-5',
      value: 1,
      target: 'response',
    }),
    scoreRow({
      at: '2026-11-20T20:00:00Z',
      score_id: 'e',
      name: 'helpful',
      trace_id: 't5',
      value: 0,
      target: 'trace',
    }),
    scoreRow({
      at: '2026-11-20T20:00:00Z',
      score_id: 'f',
      name: 'helpful',
      trace_id: 't5',
      span_id: 'tool',
      value: 0.5,
    }),
  ]);
  await rollUp();
  expect(await stats('score:helpful', 'chat')).toMatchObject([
    { at: '11:00', n: 1, sum: 1 },
    { at: '11:15', n: 2, sum: 0.5 },
  ]);
});
