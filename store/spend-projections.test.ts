import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SpendGroup } from '#contract/spend.ts';
import { type SpendDimension, spendKinds } from '#contract/spend-words.ts';
import { startTestEngine, type TestEngine } from '../test/support/engine.ts';
import { storeSpend } from '../test/support/spend-rows.ts';
import type { ClickHouse } from './engine/client.ts';
import { budgetSpend } from './queries/budget-spend.ts';
import { readSpend } from './queries/spend.ts';
import { readSpendCells } from './queries/spend-to-explain.ts';
import { usdFromNanos } from './queries/usd.ts';

let engine: TestEngine;
const at = (n: number) => new Date(Date.UTC(2026, 9, 24, 20) + (n % 400) * 900_000).toISOString();

beforeAll(async () => {
  engine = await startTestEngine();
  const rows = Array.from({ length: 500 }, (_, n) => ({
    at: at(n),
    feature: `f${n % 3}`,
    tenant: `t${n % 7}`,
    team: `team${n % 2}`,
    model: `m${n % 5}`,
    line: ['answer', 'failed', 'retried'][n % 3]!,
    prompt_name: `p${n % 4}`,
    prompt_version: `v${n % 2}`,
    ...(n % 9 === 0 && { entry: 'repricing' as const }),
    ...(n % 11 === 0 && { entry: 'adjustment' as const, origin: '2026-08-01T00:00:00Z', reason: 'late' }),
    calls: n % 13,
    [`units_${spendKinds[n % spendKinds.length]}`]: n,
    [`nanos_${spendKinds[n % spendKinds.length]}`]: n * 1_000_003,
  }));
  await storeSpend(engine.clickhouse, rows);
});
afterAll(() => engine?.stop());

/** The engine told to answer from a smaller sum, or never to. */
const asking = (settings: Record<string, number>): ClickHouse => ({
  ...engine.clickhouse,
  query: (sql, params, options) =>
    engine.clickhouse.query(sql, params, { ...options, settings: { ...options?.settings, ...settings } }),
  queryWithTotals: (sql, params, options) =>
    engine.clickhouse.queryWithTotals(sql, params, {
      ...options,
      settings: { ...options?.settings, ...settings },
    }),
});
const onlySmaller = () => asking({ force_optimize_projection: 1 });
const never = () => asking({ optimize_use_projections: 0 });

const fromMs = Date.parse('2026-10-24T21:00:00Z');
const toMs = Date.parse('2026-10-28T04:00:00Z');
const base = {
  projectId: 'default',
  fromMs,
  toMs,
  where: [],
  tz: 'Asia/Kathmandu',
  measures: [],
  limit: 1000,
};

test.each<{ groupBy: Exclude<SpendGroup, 'user'>[]; interval?: 'day' | 'hour' }>([
  { groupBy: [] },
  { groupBy: [], interval: 'day' },
  { groupBy: ['feature'] },
  { groupBy: ['feature'], interval: 'hour' },
  { groupBy: ['feature', 'model'] },
  { groupBy: ['feature', 'kind'] },
  { groupBy: ['team'], interval: 'day' },
  { groupBy: ['tenant'] },
  { groupBy: ['line', 'model'] },
  { groupBy: ['kind'] },
  { groupBy: ['tenant', 'kind'], interval: 'day' },
  { groupBy: ['prompt'] },
  { groupBy: ['line'] },
  { groupBy: ['environment', 'provider'] },
])('spend by $groupBy $interval is read from smaller sums, which say the same', async asked => {
  const question = { ...base, ...asked };
  const smaller = await readSpend(onlySmaller(), question);
  expect(smaller.rows.length).toBeGreaterThan(0);
  expect(smaller).toEqual(await readSpend(never(), question));
});

test.each<SpendGroup[][]>([[['feature']], [['prompt', 'line']], [['environment', 'model']]])(
  'spend by %s is what its hours add up to',
  async ([first, ...more]) => {
    const groupBy = [first, ...more] as Exclude<SpendGroup, 'user'>[];
    const question = { ...base, groupBy, limit: 100_000 };
    const [whole, hours] = await Promise.all([
      readSpend(engine.clickhouse, question),
      readSpend(never(), { ...question, interval: 'hour' }),
    ]);
    expect(whole.totals).toEqual(hours.totals);
    const added = new Map<string, number>();
    for (const row of hours.rows) {
      const key = groupBy.map(name => row[name]).join();
      added.set(key, (added.get(key) ?? 0) + Number(row.calls));
    }
    expect(new Map(whole.rows.map(row => [groupBy.map(name => row[name]).join(), row.calls]))).toEqual(added);
  },
);

test('so is spend of one team', async () => {
  const where = [{ dimension: 'team' as const, value: 'team1' }];
  const question = { ...base, where, groupBy: ['feature' as const] };
  expect(await readSpend(onlySmaller(), question)).toEqual(await readSpend(never(), question));
});

test.each<{ groupBy: Exclude<SpendGroup, 'user'>[]; interval?: 'day' | 'month'; smaller?: false }>([
  { groupBy: [] },
  { groupBy: ['feature'] },
  { groupBy: ['model', 'kind'] },
  // Ends of local days are read from the ledger itself.
  { groupBy: ['feature'], interval: 'day', smaller: false },
  { groupBy: ['line', 'kind'], interval: 'month', smaller: false },
])(
  'spend of one tenant by $groupBy $interval adds up to what its hours do',
  async ({ smaller, ...asked }) => {
    const where = [{ dimension: 'tenant' as const, value: 't3' }];
    const question = { ...base, ...asked, where };
    const seen = await readSpend(smaller === false ? engine.clickhouse : onlySmaller(), question);
    expect(seen.rows.length).toBeGreaterThan(0);
    expect(seen.totals.cost_usd).toBe(
      (await readSpend(never(), { ...base, where, groupBy: [], interval: 'hour' })).totals.cost_usd,
    );
    expect(seen).toEqual(await readSpend(never(), question));
  },
);

test('budgets of many filters and times each get what the rows of theirs add up to', async () => {
  const is = (dimension: SpendDimension, ...values: string[]) => values.map(value => ({ dimension, value }));
  const day = { fromMs: Date.parse('2026-10-25T18:15Z'), toMs: Date.parse('2026-10-26T18:15Z') };
  const filters = [
    is('team', 'team1'),
    [...is('feature', 'f1', 'f2'), ...is('prompt', 'p1 v1')],
    is('tenant', 't3'),
    [...is('tenant', 't3', 't4'), ...is('feature', 'f0')],
    is('model', 'never called'),
  ];
  const asked = (conditions: readonly (typeof filters)[number][]) =>
    conditions.flatMap(one => [
      { conditions: one, fromMs, toMs },
      { conditions: one, ...day },
    ]);
  const asks = asked([...filters, []]);
  const sums = await budgetSpend(engine.clickhouse, 'default', asks);
  expect(sums.filter(({ calls }) => calls > 0).length).toBeGreaterThan(7);
  for (const [index, { conditions, ...range }] of asks.entries()) {
    const question = { ...base, ...range, where: conditions, groupBy: [], interval: 'hour' as const };
    const { totals } = await readSpend(never(), question);
    const { costNanos, highNanos, calls, unboundedCalls } = sums[index]!;
    const usd = (nanos: bigint) => usdFromNanos(String(nanos));
    expect({ cost: usd(costNanos), high: usd(highNanos), calls, unboundedCalls }).toEqual({
      cost: totals.cost_usd,
      high: totals.bounded_high_usd,
      calls: totals.calls ?? 0,
      unboundedCalls: totals.unbounded_calls ?? 0,
    });
  }
  // Their days are read from the engine's sums.
  expect(await budgetSpend(onlySmaller(), 'default', asked(filters).slice(0, 4))).toEqual(sums.slice(0, 4));
});

test.each([
  ['2026-10-24T21:00Z', '2026-10-28T04:00Z'],
  ['2026-10-25T13:00Z', '2026-10-27T23:15Z'],
  ['2026-10-25T01:00Z', '2026-10-25T05:00Z'],
  ['2026-10-25T13:00Z', '2026-10-25T20:00Z'],
  ['2026-10-25T00:00Z', '2026-10-27T00:00Z'],
])('what a change was made of adds up whole days and their ends, %s to %s', async (from, to) => {
  const after = { fromMs: Date.parse(from), toMs: Date.parse(to) };
  const change = { projectId: 'default', by: 'feature' as const, where: [], after };
  const cells = await readSpendCells(engine.clickhouse, { ...change, before: { fromMs: 0, toMs: 900_000 } });
  const total = (name: 'calls' | 'cost') => cells.reduce((sum, cell) => sum + BigInt(cell[name]), 0n);
  const { totals } = await readSpend(never(), { ...base, ...after, groupBy: [] });
  expect(`${total('cost')}`.padStart(10, '0').replace(/(\d{9})$/, '.$1')).toBe(totals.cost_usd);
  const [row] = await engine.clickhouse.query<{ calls: string; cells: string }>(
    `SELECT sumIf(calls, entry != 'adjustment') AS calls, uniqExact(feature, provider, model, line) AS cells FROM spend_15m
     WHERE bucket >= toDateTime({from:UInt32}, 'UTC') AND bucket < toDateTime({to:UInt32}, 'UTC')`,
    { from: after.fromMs / 1000, to: after.toMs / 1000 },
    { settings: { optimize_use_projections: 0, prefer_column_name_to_alias: 1 } },
  );
  expect(`${total('calls')}`).toBe(row?.calls);
  expect(cells.length).toBeLessThanOrEqual(Number(row?.cells));
});

test('whole days of it are read from the smallest sums', async () => {
  const after = { fromMs: Date.parse('2026-10-25T00:00Z'), toMs: Date.parse('2026-10-28T00:00Z') };
  const change = { projectId: 'default', by: 'prompt' as const, where: [], before: after, after };
  const sorted = (cells: object[]) => cells.map(cell => JSON.stringify(cell)).sort();
  const cells = sorted(await readSpendCells(onlySmaller(), change));
  expect(cells.length).toBeGreaterThan(3);
  expect(cells).toEqual(sorted(await readSpendCells(never(), change)));
});

test.each([
  ['touch', '2026-10-24T21:00Z', '2026-10-26T22:30Z', '2026-10-28T04:00Z'],
  ['touch within a day', '2026-10-25T01:00Z', '2026-10-25T05:15Z', '2026-10-25T20:00Z'],
  ['lie apart', '2026-10-24T21:00Z', '2026-10-25T13:00Z', '2026-10-28T04:00Z', '2026-10-27T02:00Z'],
  ['overlap', '2026-10-24T21:00Z', '2026-10-27T13:00Z', '2026-10-28T04:00Z', '2026-10-25T02:00Z'],
])('ranges that %s add up as each of them alone', async (_, from, middle, to, second = middle) => {
  const at = (text: string) => Date.parse(text);
  const before = { fromMs: at(from), toMs: at(middle) };
  const after = { fromMs: at(second), toMs: at(to) };
  const cells = await readSpendCells(engine.clickhouse, {
    projectId: 'default',
    by: 'team',
    where: [],
    before,
    after,
  });
  for (const [period, range] of [before, after].entries()) {
    const { rows } = await readSpend(never(), { ...base, ...range, groupBy: ['team'], interval: 'hour' });
    const cost = rows.reduce((sum, row) => sum + BigInt(row.cost_usd.replace('.', '')), 0n);
    const ofPeriod = cells.filter(cell => cell.period === period);
    expect(ofPeriod.reduce((sum, cell) => sum + BigInt(cell.cost), 0n)).toBe(cost);
  }
});

test('totals are of everything, however few rows are shown', async () => {
  for (const groupBy of [['feature'], ['feature', 'kind']] as Exclude<SpendGroup, 'user'>[][]) {
    const few = await readSpend(engine.clickhouse, { ...base, groupBy, limit: 1 });
    const all = await readSpend(engine.clickhouse, { ...base, groupBy });
    expect(few.rows).toEqual(all.rows.slice(0, 2));
    expect(few.totals).toEqual(all.totals);
  }
});

test('a question that is asked again and again is not made machine code of', async () => {
  const compiled = () =>
    engine.clickhouse.query(
      "SELECT value FROM system.events WHERE event IN ('CompileFunction', 'CompileExpressionsMicroseconds')",
    );
  const before = await compiled();
  for (let n = 0; n < 6; n += 1) await readSpend(engine.clickhouse, { ...base, groupBy: ['team', 'kind'] });
  expect(await compiled()).toEqual(before);
});
