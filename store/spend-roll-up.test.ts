import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../test/support/engine.ts';
import { callRow } from '../test/support/rows.ts';
import { adjustFrozen, rollUpHours } from './spend-roll-up.ts';

let engine: TestEngine;
const scope = { projectId: 'default', frozen: [] };
const hour = (iso: string) => Date.parse(iso) / 3_600_000;

beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());

const booked = (columns: string) =>
  engine.clickhouse.query<Record<string, string>>(
    `SELECT ${columns} FROM spend_15m GROUP BY ALL ORDER BY ALL`,
  );

test('calls become rows of their quarter, divided by kind', async () => {
  await engine.clickhouse.insert('calls', [
    callRow({
      at: '2026-11-20T10:01:00Z',
      span_id: '1',
      cost_by_kind: { input: '9000', cache_read: '3000', output: '10000', reasoning: '5000' },
      input_tokens: 100,
      cache_read_tokens: 40,
      output_tokens: 20,
      reasoning_tokens: 8,
    }),
    callRow({ at: '2026-11-20T10:16:00Z', span_id: '2', attempts: 2, failed_attempts: 1 }),
    callRow({
      at: '2026-11-20T23:59:59Z',
      span_id: '3',
      cost_nanos: null,
      cost_low_nanos: '5',
      cost_high_nanos: null,
      cost_by_kind: {},
      reasoning_tokens: 7,
    }),
    callRow({ at: '2026-11-21T00:00:00Z', span_id: '4', feature: 'search' }),
  ]);
  await rollUpHours(engine.clickhouse, scope, [
    hour('2026-11-20T10:00Z'),
    hour('2026-11-20T23:00Z'),
    hour('2026-11-21T00:00Z'),
  ]);
  const rows = await booked(
    'toString(bucket) AS at, line, sum(calls) AS calls, sum(cost_nanos) AS cost, sum(low_nanos) AS low, sum(units_input) AS i, sum(units_cache_read) AS c, sum(units_output) AS o, sum(units_reasoning) AS r, sum(tokens) AS tokens, sum(unpriced_tokens) AS unpriced',
  );
  expect(rows).toMatchInlineSnapshot(`
    [
      {
        "at": "2026-11-20 10:00:00",
        "c": "40",
        "calls": "1",
        "cost": "27000",
        "i": "60",
        "line": "answer",
        "low": "27000",
        "o": "12",
        "r": "8",
        "tokens": "120",
        "unpriced": "0",
      },
      {
        "at": "2026-11-20 10:15:00",
        "c": "0",
        "calls": "1",
        "cost": "27000",
        "i": "100",
        "line": "retried",
        "low": "27000",
        "o": "20",
        "r": "0",
        "tokens": "120",
        "unpriced": "0",
      },
      {
        "at": "2026-11-20 23:45:00",
        "c": "0",
        "calls": "1",
        "cost": "0",
        "i": "100",
        "line": "answer",
        "low": "5",
        "o": "20",
        "r": "0",
        "tokens": "120",
        "unpriced": "120",
      },
      {
        "at": "2026-11-21 00:00:00",
        "c": "0",
        "calls": "1",
        "cost": "27000",
        "i": "100",
        "line": "answer",
        "low": "27000",
        "o": "20",
        "r": "0",
        "tokens": "120",
        "unpriced": "0",
      },
    ]
  `);
});

test('a day without calls is empty again', async () => {
  await engine.clickhouse.insert('calls', [
    callRow({ at: '2026-11-21T00:00:00Z', span_id: '4', feature: 'search', is_deleted: 1, version: '2' }),
  ]);
  await rollUpHours(engine.clickhouse, scope, [hour('2026-11-21T00:00Z')]);
  expect(await booked('toDate(bucket) AS day, count() AS n')).toEqual([{ day: '2026-11-20', n: '3' }]);
});

test('a frozen quarter is adjusted, once', async () => {
  const frozen = {
    projectId: 'default',
    frozen: [[Date.parse('2026-11-20T00:00Z') / 1000, Date.parse('2026-11-20T10:15Z') / 1000] as const],
  };
  await engine.clickhouse.insert('calls', [
    callRow({ at: '2026-11-20T10:02:00Z', span_id: '5' }),
    callRow({ at: '2026-11-20T10:17:00Z', span_id: '6' }),
  ]);
  const hours = [hour('2026-11-20T10:00Z')];
  const nowMs = Date.parse('2026-11-21T09:20Z');
  expect(await adjustFrozen(engine.clickhouse, frozen, { hours, nowMs })).toBe(1);
  expect(await adjustFrozen(engine.clickhouse, frozen, { hours, nowMs })).toBe(0);
  await rollUpHours(engine.clickhouse, frozen, [...hours, hour('2026-11-21T09:00Z')]);
  expect(
    await booked('toString(bucket) AS at, toString(origin) AS origin, entry, reason, sum(calls) AS calls'),
  ).toMatchInlineSnapshot(`
    [
      {
        "at": "2026-11-20 10:00:00",
        "calls": "1",
        "entry": "call",
        "origin": "2026-11-20 10:00:00",
        "reason": "",
      },
      {
        "at": "2026-11-20 10:15:00",
        "calls": "2",
        "entry": "call",
        "origin": "2026-11-20 10:15:00",
        "reason": "",
      },
      {
        "at": "2026-11-20 23:45:00",
        "calls": "1",
        "entry": "call",
        "origin": "2026-11-20 23:45:00",
        "reason": "",
      },
      {
        "at": "2026-11-21 09:15:00",
        "calls": "1",
        "entry": "adjustment",
        "origin": "2026-11-20 10:00:00",
        "reason": "late",
      },
    ]
  `);
});
