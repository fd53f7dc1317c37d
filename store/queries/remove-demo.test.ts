import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { callRow, scoreRow, spanRow } from '../../test/support/rows.ts';
import { rollUpChanged } from '../rollup.ts';
import { countDemoRows, removeDemo } from './remove-demo.ts';

const projectId = 'default';
const at = '2026-11-20T10:00:00Z';
let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine?.stop());

const count = async (table: string, condition = '1') => {
  const [row] = await engine.clickhouse.query<{ n: string }>(
    `SELECT count() AS n FROM ${table} FINAL WHERE ${condition}`,
  );
  return Number(row?.n);
};
const stats = () =>
  engine.clickhouse.query<{ feature: string; n: string; sum: number }>(
    `SELECT feature, n, sum FROM call_stats_15m FINAL WHERE metric = 'latency' AND n > 0 ORDER BY feature`,
  );

test('the demo goes with everything derived from it; what others sent stays, also in the same series', async () => {
  const demo = { service: 'demo-support-bot', feature: 'support' };
  const [own, mixed, alone] = ['own', 'mixed', 'alone'].map(name => name.padEnd(32, '0')) as [
    string,
    string,
    string,
  ];
  await engine.clickhouse.insert('spans', [
    spanRow({ at, trace_id: own, span_id: 'a', service: 'shop' }),
    spanRow({ at, trace_id: mixed, span_id: 'b', service: demo.service }),
    spanRow({ at, trace_id: alone, span_id: 'c', service: demo.service }),
  ]);
  await engine.clickhouse.insert('calls', [
    callRow({ at, trace_id: own, span_id: 'a', service: 'shop', feature: 'support' }),
    callRow({ at, trace_id: mixed, span_id: 'b', ...demo }),
    callRow({ at, trace_id: alone, span_id: 'c', ...demo, feature: 'review', model: 'm2' }),
  ]);
  await engine.clickhouse.insert('scores', [
    scoreRow({ at, score_id: 's1', trace_id: own, span_id: 'a' }),
    scoreRow({ at, score_id: 's2', trace_id: mixed, span_id: 'b' }),
  ]);
  const content = {
    project_id: projectId,
    time: '2026-11-20 10:00:00',
    record_id: '',
    input: '[]',
    output: '[]',
    version: '1',
  };
  await engine.clickhouse.insert('contents', [
    { ...content, trace_id: own, span_id: 'a' },
    { ...content, trace_id: alone, span_id: 'c' },
  ]);
  const { storedUpTo } = await rollUpChanged(engine.clickhouse, { projectId, sinceStored: '0' });
  expect(await stats()).toMatchObject([
    { feature: 'review', n: '1' },
    { feature: 'support', n: '2' },
  ]);
  // Four rows, and the sums of two hours.
  expect(await countDemoRows(engine.clickhouse, projectId)).toBe(6);

  const exclusive = await removeDemo(engine.clickhouse, projectId);
  expect(exclusive).toEqual([{ feature: 'review', model: 'm2', environment: 'production' }]);
  expect(await countDemoRows(engine.clickhouse, projectId)).toBe(0);
  for (const table of ['spans', 'calls', 'scores', 'contents']) {
    expect(await count(table), table).toBe(1);
    expect(await count(table, `trace_id = '${own}'`), table).toBe(1);
  }
  await rollUpChanged(engine.clickhouse, { projectId, sinceStored: storedUpTo });
  expect(await stats()).toMatchObject([{ feature: 'support', n: '1', sum: 800 }]);
});

test('without demo data nothing happens', async () => {
  expect(await removeDemo(engine.clickhouse, projectId)).toEqual([]);
  expect(await count('calls')).toBe(1);
});
