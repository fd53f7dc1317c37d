import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { overlayTerms } from '#contract/price.ts';
import { spendKinds } from '#contract/spend-words.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { readCsv } from '../../test/support/csv.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { focusProblems, scaled } from '../../test/support/focus-rules.ts';
import { type SpendRowGiven, storeSpend } from '../../test/support/spend-rows.ts';
import { changeOverlay } from '../price-changes/overlays.ts';
import { prepaidUses } from './commitment-use.ts';
import { readAgreed } from './committed-amounts.ts';
import { monthBounds } from './month-bounds.ts';
import { monthFiles, type SpendFileQuestion, spendFile, usualFile } from './spend-file.ts';

let engine: TestEngine;
let state: StateDb;
let dataDir: string;
beforeAll(async () => {
  engine = await startTestEngine();
  dataDir = await mkdtemp(join(tmpdir(), 'driftline-files-'));
  state = await openState({ dataDir });
});
afterAll(async () => {
  await engine?.stop();
  await state?.destroy();
  if (dataDir) await rm(dataDir, { recursive: true, force: true });
});

const zones = ['Europe/Paris', 'America/New_York', 'Asia/Kathmandu'] as const;

async function bytesOf(
  question: Partial<SpendFileQuestion> & { projectId: string; month?: string; now?: string },
) {
  const { month = '2026-10', tz = 'UTC', fromMs, now = '2026-10-20' } = question;
  const file = spendFile(
    { clickhouse: engine.clickhouse, state, clock: { now: () => Date.parse(now) } },
    {
      ...usualFile,
      ...monthBounds(month, tz),
      tz,
      format: 'csv',
      version: '1.2',
      span: month,
      ...question,
      month: fromMs === undefined ? month : null,
    },
  );
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.stream()) chunks.push(chunk);
  return { name: file.name, bytes: Buffer.concat(chunks) };
}

const rowsOf = async (question: Parameters<typeof bytesOf>[0]) =>
  readCsv((await bytesOf(question)).bytes.toString());

const sum = (rows: readonly Record<string, string | null>[], column: string) =>
  rows.reduce((total, row) => total + scaled(row[column] ?? '0', 9), 0n);

/** What the ledger says of a range, straight from its rows. */
async function bookedNanos(projectId: string, { fromMs, toMs }: { fromMs: number; toMs: number }) {
  const [row] = await engine.clickhouse.query<{ nanos: string }>(
    `SELECT toString(sum(cost_nanos)) AS nanos FROM spend_15m
     WHERE project_id = {project:String} AND toUnixTimestamp(bucket) >= {from:UInt32} AND toUnixTimestamp(bucket) < {to:UInt32}`,
    { project: projectId, from: fromMs / 1000, to: toMs / 1000 },
  );
  return BigInt(row?.nanos ?? '0');
}

/** What was taken off in a range for one reason, straight from the rows. */
async function takenOff(projectId: string, { fromMs, toMs }: { fromMs: number; toMs: number }, why: string) {
  const [row] = await engine.clickhouse.query<{ nanos: string }>(
    `SELECT toString(sum(arraySum(mapValues(mapFilter((key, nanos) -> startsWith(key, {why:String}), reductions))))) AS nanos FROM spend_15m
     WHERE project_id = {project:String} AND toUnixTimestamp(bucket) >= {from:UInt32} AND toUnixTimestamp(bucket) < {to:UInt32}`,
    { project: projectId, from: fromMs / 1000, to: toMs / 1000, why: `${why}.` },
  );
  return BigInt(row?.nanos ?? '0');
}

/** What a call is priced by under an agreement: a commitment that is paid ahead names itself, as one that is not. */
const overlaid = (off: string) => `m#3f9a0c11d2e4+${off === 'discount' ? 'acme' : off}-1a2b3c.2#5be01c9a`;

function reductionsOf(off: string, kinds: readonly string[], nanos: number): Record<string, number> {
  const why = off === 'discount' ? off : 'commitment';
  return Object.fromEntries(
    kinds.flatMap((kind, at) => [
      [`${why}.${kind}`, 1000 + at],
      ...(off === 'prepaid' ? [[`prepaid.${kind}`, nanos + at] as const] : []),
    ]),
  );
}

/** Spend over two months around both clock changes, in every quarter that matters. */
function generated(projectId: string): SpendRowGiven[] {
  const quarter = fc.integer({ min: 0, max: 63 * 96 }).map(n => Date.UTC(2026, 8, 29) + n * 900_000);
  const nearChange = fc
    .tuple(fc.constantFrom('2026-10-24T18:00Z', '2026-10-31T18:00Z'), fc.integer({ min: 0, max: 150 }))
    .map(([start, n]) => Date.parse(start) + n * 900_000);
  const kinds = fc.uniqueArray(fc.constantFrom(...spendKinds), { minLength: 1, maxLength: 4 });
  const row = fc
    .record({
      at: fc.oneof(quarter, nearChange).map(ms => new Date(ms).toISOString()),
      feature: fc.constantFrom('support', 'search, "deep"', '=HYPERLINK("x")', ''),
      team: fc.constantFrom('', 'payments'),
      provider: fc.constantFrom('openai', '', 'anthropic'),
      model: fc.constantFrom('m-1', 'm-2'),
      prompt_name: fc.constantFrom('', 'greeting'),
      service_tier: fc.constantFrom('', 'batch'),
      kinds,
      units: fc.integer({ min: 1, max: 2_000_000_000 }),
      nanos: fc.integer({ min: 0, max: 2 ** 40 }),
      entry: fc.constantFrom('call', 'call', 'call', 'repricing', 'adjustment', 'unpriced'),
      off: fc.constantFrom(null, null, 'discount', 'commitment', 'prepaid'),
    })
    .map(({ kinds, units, nanos, entry, off, ...rest }): SpendRowGiven => {
      const priced = entry === 'call' || entry === 'unpriced';
      return {
        ...rest,
        project_id: projectId,
        entry: entry === 'unpriced' ? 'call' : entry,
        ...(entry === 'adjustment' && { origin: '2026-08-11T09:30:00Z', reason: 'late', calls: 0 }),
        ...(entry === 'repricing' && { calls: 0 }),
        ...(off &&
          entry === 'call' && { price_version: overlaid(off), reductions: reductionsOf(off, kinds, nanos) }),
        ...(entry === 'unpriced' && { price_version: '', unpriced_calls: 1, unpriced_tokens: units }),
        ...Object.fromEntries(
          kinds.flatMap((kind, at) => [
            [`units_${kind}`, priced ? units + at : 0],
            [`nanos_${kind}`, entry === 'unpriced' ? 0 : entry === 'call' ? nanos + at : -nanos - at],
          ]),
        ),
      };
    });
  return fc.sample(row, { numRuns: 600, seed: 20261121 });
}

describe('every file adds up to the ledger', () => {
  beforeAll(() => storeSpend(engine.clickhouse, generated('sums')));

  test.each(zones)('in %s, over the days in which the clock changes', async tz => {
    const months = ['2026-10', '2026-11'].map(month => ({ month, ...monthBounds(month, tz) }));
    const days = { fromMs: Date.UTC(2026, 9, 23), toMs: Date.UTC(2026, 10, 3) };
    // Hours are made a day at a time.
    const hours = { part: { ...days, interval: 'hour' }, range: days, name: 'by hour' } as const;
    const monthsBy = <Interval extends string>(interval: Interval) =>
      months.map(({ month, ...range }) => ({
        part: { month, interval },
        range,
        name: `${month} by ${interval}`,
      }));
    for (const { part, range, name } of [
      ...monthsBy('day'),
      ...monthsBy('month'),
      ...monthsBy('total'),
      hours,
    ]) {
      const rows = await rowsOf({ projectId: 'sums', tz, ...part, groupBy: ['team', 'line'] });
      expect(rows.length).toBeGreaterThan(3);
      expect(sum(rows, 'cost_usd'), name).toBe(await bookedNanos('sums', range));
      for (const row of rows)
        expect(spendKinds.reduce((total, kind) => total + sum([row], `usd_${kind}`), 0n)).toBe(
          sum([row], 'cost_usd'),
        );
    }
    for (const { part, range, name } of [...monthsBy('day'), hours]) {
      const rows = await rowsOf({ projectId: 'sums', tz, ...part, format: 'focus' });
      const booked = await bookedNanos('sums', range);
      expect(sum(rows, 'EffectiveCost'), `${name} in FOCUS`).toBe(booked);
      const [discount, commitment, prepaid] = await Promise.all(
        ['discount', 'commitment', 'prepaid'].map(why => takenOff('sums', range, why)),
      );
      expect(sum(rows, 'ListCost')).toBe(booked + discount! + commitment!);
      expect(sum(rows, 'ContractedCost')).toBe(booked + commitment!);
      expect(sum(rows, 'BilledCost')).toBe(booked - prepaid!);
    }
  });

  // A condition on tenants, which the engine keeps no smaller sums of, makes it add up row by row.
  test.each(['UTC', 'Europe/Paris', 'Pacific/Auckland', 'America/Havana', 'Pacific/Marquesas'])(
    'days of %s taken from days of UTC are the days added up row by row',
    async tz => {
      const part = {
        projectId: 'sums',
        tz,
        fromMs: Date.UTC(2026, 9, 20, 7, 15),
        toMs: Date.UTC(2026, 10, 5, 19),
      };
      const tenant = [{ dimension: 'tenant', value: '' }] as const;
      const usual = { groupBy: ['feature', 'model', 'team'] } as const;
      for (const more of [usual, { ...usual, interval: 'month' }, { format: 'focus' }] as const) {
        const [fast, slow] = [
          await bytesOf({ ...part, ...more }),
          await bytesOf({ ...part, ...more, where: tenant }),
        ];
        expect(fast.bytes.length).toBeGreaterThan(1000);
        expect(fast.bytes.toString()).toBe(slow.bytes.toString());
      }
    },
  );

  test('rows of a day in which the clock changes are 23 or 25 hours long', async () => {
    const lengths = async (tz: string) => {
      const rows = await rowsOf({
        projectId: 'sums',
        tz,
        month: tz === 'Europe/Paris' ? '2026-10' : '2026-11',
      });
      return new Map(
        rows.map(row => [
          row.period_start,
          (Date.parse(row.period_end!) - Date.parse(row.period_start!)) / 3_600_000,
        ]),
      );
    };
    expect((await lengths('Europe/Paris')).get('2026-10-25T00:00:00+02:00')).toBe(25);
    expect((await lengths('America/New_York')).get('2026-11-01T00:00:00-04:00')).toBe(25);
    expect([...new Set((await lengths('Asia/Kathmandu')).values())]).toEqual([24]);
    expect([...(await lengths('Asia/Kathmandu')).keys()][0]).toMatch(/T00:00:00\+05:45$/);
  });

  test.each(zones)('FOCUS 1.2 and 1.0 keep the specification in %s', async tz => {
    for (const version of ['1.0', '1.2'] as const) {
      const rows = await rowsOf({ projectId: 'sums', tz, format: 'focus', version });
      expect(rows.length).toBeGreaterThan(100);
      expect(focusProblems(rows, version)).toEqual([]);
    }
  });

  test('the same spend gives the same bytes, in every format', async () => {
    for (const format of ['csv', 'parquet', 'focus'] as const) {
      const [one, two] = [
        await bytesOf({ projectId: 'sums', format }),
        await bytesOf({ projectId: 'sums', format }),
      ];
      expect(one.bytes.length).toBeGreaterThan(1000);
      expect(one.bytes.equals(two.bytes), format).toBe(true);
    }
  });

  test('Parquet, read back, holds what CSV holds', async () => {
    const asked = { projectId: 'sums', tz: 'Europe/Paris', groupBy: ['team', 'model'] as const };
    const { bytes } = await bytesOf({ ...asked, format: 'parquet' });
    const back = await readParquet(bytes);
    const rows = await rowsOf(asked);
    expect(back).toHaveLength(rows.length);
    const instants = (row: Record<string, string | null>) => ({
      ...row,
      period_start: at(row.period_start),
      period_end: at(row.period_end),
      origin_start: at(row.origin_start),
    });
    expect(back.map(instants)).toEqual(rows.map(instants));
  });
});

const money = [
  ...['cost', 'low', 'high', 'uncached', 'client', 'client_ours'].map(name => `${name}_usd`),
  ...spendKinds.map(kind => `usd_${kind}`),
];

const at = (time: unknown) =>
  typeof time === 'string' ? Date.parse(time.includes('T') ? time : `${time.replace(' ', 'T')}Z`) : null;

/** Every value as text, nulls as they are; instants as the engine writes them. */
async function readParquet(bytes: Buffer): Promise<Record<string, string | null>[]> {
  const { url, user, password } = engine;
  const headers = { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': password };
  const send = async (query: string, body?: Uint8Array<ArrayBuffer>) => {
    const address = `${url}/?${new URLSearchParams({ query, database: 'driftline' })}`;
    const response = await fetch(address, { method: 'POST', headers, ...(body && { body }) });
    if (!response.ok) throw new Error(await response.text());
  };
  const typed = (type: string, names: readonly string[]) => names.map(name => `${name} ${type}`);
  const columns = [
    ...typed("DateTime('UTC')", ['period_start', 'period_end']),
    ...typed('String', ['entry', 'reason']),
    ...typed("Nullable(DateTime('UTC'))", ['origin_start']),
    ...typed('String', ['team', 'model']),
    ...typed('Int64', ['calls', 'attempts', 'failed_attempts', 'unpriced_calls', 'unbounded_calls']),
    ...typed('Int64', ['unpriced_tokens', ...spendKinds.map(kind => `units_${kind}`)]),
    ...typed('Decimal(38, 9)', money),
  ];
  await send(`CREATE OR REPLACE TABLE parquet_back (${columns.join(', ')}) ENGINE = Memory`);
  await send('INSERT INTO parquet_back FORMAT Parquet', new Uint8Array(bytes));
  const rows = await engine.clickhouse.query<Record<string, string | number | null>>(
    'SELECT * FROM parquet_back',
    {},
    { settings: { output_format_decimal_trailing_zeros: 1 } },
  );
  return rows.map(row =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, value === null ? null : `${value}`]),
    ),
  );
}

describe('what a row says', () => {
  beforeAll(() =>
    storeSpend(engine.clickhouse, [
      {
        project_id: 'words',
        at: '2026-10-03T10:00:00Z',
        team: 'care',
        prompt_name: 'greeting',
        prompt_version: 'v2',
        units_input: 1_000_000,
        nanos_input: 150_000_000,
        units_cache_read: 3,
        nanos_cache_read: 1,
        units_search: 2,
        nanos_search: 20_000_000,
      },
      {
        project_id: 'words',
        at: '2026-10-04T10:00:00Z',
        model: 'new-model',
        price_version: '',
        unpriced_calls: 1,
        unpriced_tokens: 70,
        high_nanos: '500',
        units_input: 70,
      },
      {
        project_id: 'words',
        at: '2026-10-05T10:00:00Z',
        origin: '2026-08-11T09:30:00Z',
        entry: 'adjustment',
        reason: 'late',
        calls: 2,
        units_output: 10,
        nanos_output: -40,
      },
    ]),
  );

  test('FOCUS names what was used, where it belongs, and that its cost is an estimate', async () => {
    const rows = await rowsOf({ projectId: 'words', format: 'focus' });
    expect(rows).toHaveLength(5);
    expect(rows.find(row => row.x_Kind === 'input' && row.SkuId === 'openai/gpt-4o-mini')).toMatchObject({
      BilledCost: '0.150000000',
      ConsumedQuantity: '1000000',
      ConsumedUnit: 'Tokens',
      PricingQuantity: '1.000000',
      PricingUnit: '1000000 Tokens',
      ListUnitPrice: '0.150000000000000000',
      ServiceCategory: 'AI and Machine Learning',
      ServiceSubcategory: 'Generative AI',
      SkuPriceId: 'openai/gpt-4o-mini/input',
      x_CostSource: 'estimated',
      x_Direction: 'input',
    });
    const cached = rows.find(row => row.x_Kind === 'cache_read');
    expect(JSON.parse(cached?.Tags ?? '')).toEqual({
      environment: 'production',
      feature: 'support',
      prompt: 'greeting v2',
      team: 'care',
    });
    expect(JSON.parse(cached?.SkuPriceDetails ?? '')).toEqual({
      x_Direction: 'input',
      x_CacheKind: 'read',
    });
  });

  test('FOCUS tells the list price, what was negotiated, what a commitment costs and what is billed apart', async () => {
    const of = { project_id: 'agreed', at: '2026-10-03T10:00:00Z', units_input: 1_000_000, nanos_input: 80 };
    await storeSpend(engine.clickhouse, [
      {
        ...of,
        feature: 'negotiated',
        price_version: 'm#3f9a0c11d2e4+acme-1a2b3c.2#5be01c9a',
        reductions: { 'discount.input': 20 },
      },
      {
        ...of,
        feature: 'ahead',
        price_version: 'm#3f9a0c11d2e4+pool-1a2b3c.1#5be01c9a*EUR=1.08@2026-10-03',
        reductions: { 'commitment.input': 20, 'prepaid.input': 80 },
      },
    ]);
    const rows = await rowsOf({ projectId: 'agreed', format: 'focus' });
    expect(focusProblems(rows, '1.2')).toEqual([]);
    const costs = rows.map(row => [row.ListCost, row.ContractedCost, row.EffectiveCost, row.BilledCost]);
    expect(costs).toEqual([
      ['0.000000100', '0.000000100', '0.000000080', '0.000000000'],
      ['0.000000100', '0.000000080', '0.000000080', '0.000000080'],
    ]);
    expect(rows).toMatchObject([
      {
        PricingCategory: 'Committed',
        CommitmentDiscountCategory: 'Spend',
        CommitmentDiscountId: 'pool-1a2b3c',
        CommitmentDiscountQuantity: '0.000000080',
        CommitmentDiscountStatus: 'Used',
        CommitmentDiscountUnit: 'USD',
      },
      { PricingCategory: 'Standard', CommitmentDiscountId: null, CommitmentDiscountStatus: null },
    ]);
    const older = await rowsOf({ projectId: 'agreed', format: 'focus', version: '1.0' });
    expect(focusProblems(older, '1.0')).toEqual([]);
  });

  describe('what was paid ahead', () => {
    const committed = (
      name: string,
      { projectId = 'ahead', ...more }: { projectId?: string; [term: string]: unknown },
    ) =>
      changeOverlay(state, {
        projectId,
        overlayId: null,
        version: 0,
        terms: overlayTerms.parse({
          name,
          provider: 'openai',
          valid_from: '2026-09-12T10:00:00Z',
          discount_percent: '20',
          commitment_usd_per_month: '1000.5',
          paid_ahead: true,
          ...more,
        }),
        notedBy: '',
        note: '',
        nowMs: Date.parse('2026-09-01'),
      });
    const isBought = (row: Record<string, string | null>) => row.ChargeCategory === 'Purchase';

    test('is bought once a month, and what is used of it is not billed again', async () => {
      const { overlay_id: pool } = await committed('Pool, "2026"', {});
      await committed('paid later', { paid_ahead: false });
      await committed('ended', { valid_to: '2026-09-20' });
      await storeSpend(engine.clickhouse, [
        {
          project_id: 'ahead',
          at: '2026-10-03T10:00:00Z',
          units_input: 1_000_000,
          nanos_input: 80,
          price_version: `m#3f9a0c11d2e4+${pool}.1#5be01c9a`,
          reductions: { 'commitment.input': 20, 'prepaid.input': 80 },
        },
      ]);
      for (const version of ['1.2', '1.0'] as const) {
        const rows = await rowsOf({ projectId: 'ahead', format: 'focus', month: '2026-10', version });
        expect(focusProblems(rows, version)).toEqual([]);
        expect(rows.map(row => [row.ChargeCategory, row.BilledCost, row.EffectiveCost])).toEqual([
          ['Usage', '0.000000000', '0.000000080'],
          ['Purchase', '1000.500000000', '0.000000000'],
        ]);
        for (const row of rows)
          expect(row).toMatchObject({ CommitmentDiscountId: pool, CommitmentDiscountName: 'Pool, "2026"' });
        expect(rows.find(isBought)).toMatchObject({
          ChargeFrequency: 'Recurring',
          ChargePeriodStart: '2026-10-01T00:00:00Z',
          ChargePeriodEnd: '2026-11-01T00:00:00Z',
          PricingCategory: 'Standard',
          PricingUnit: 'Months',
          CommitmentDiscountStatus: null,
        });
      }
      const part = { projectId: 'ahead', format: 'focus', month: '2026-10' } as const;
      const where = [{ dimension: 'model', value: 'other' }] as const;
      expect(await rowsOf({ ...part, where })).toEqual([]);
    });

    const unitsOf = ({ units_input = 0, units_output = 0, units_search = 0 }: SpendRowGiven) =>
      Number(units_input) + Number(units_output) + Number(units_search);
    /** Usage of October 2026 under an amount, in quarters around the midnights of three zones. */
    function usageOf(projectId: string, overlay: string): SpendRowGiven[] {
      const kinds = ['input', 'output', 'search'] as const;
      const row = fc.record({
        at: fc.integer({ min: 0, max: 10 * 96 }).map(n => new Date(Date.UTC(2026, 9, 9) + n * 900_000)),
        feature: fc.constantFrom('support', 'search'),
        tenant: fc.constantFrom('', 'acme'),
        service_tier: fc.constantFrom('', 'flex'),
        ends: fc.constantFrom('1', '2'),
        kinds: fc.uniqueArray(fc.constantFrom(...kinds), { minLength: 1, maxLength: 3 }),
        units: fc.integer({ min: 1, max: 3000 }),
        nanos: fc.integer({ min: 1, max: 2 ** 30 }),
        off: fc.integer({ min: 0, max: 2 ** 20 }),
      });
      return fc
        .sample(row, { numRuns: 300, seed: 20261122 })
        .map(({ at, kinds: of, units, nanos, off, ends, ...rest }) => ({
          ...rest,
          at: at.toISOString(),
          project_id: projectId,
          price_version: `m#3f9a0c11d2e4+${overlay}.${ends}#5be01c9a`,
          reductions: Object.fromEntries(
            of.flatMap((kind, n) => [
              [`prepaid.${kind}`, nanos + n],
              ...(off > 0 ? [[`commitment.${kind}`, off + n] as const] : []),
            ]),
          ),
          ...Object.fromEntries(
            of.flatMap((kind, n) => [
              [`units_${kind}`, units],
              [`nanos_${kind}`, nanos + n],
            ]),
          ),
        }));
    }

    test('what is used beyond it is billed, what is left of it is said, and both make the amount', async () => {
      const total = usageOf('beyond', '').reduce(
        (sum, { reductions = {} }) =>
          Object.entries(reductions).reduce(
            (all, [key, nanos]) => (key.startsWith('prepaid') ? all + BigInt(nanos) : all),
            sum,
          ),
        0n,
      );
      const usd = (nanos: bigint) =>
        `${nanos / 1_000_000_000n}.${String(nanos % 1_000_000_000n).padStart(9, '0')}`;
      // It runs out in the middle of a row, or something is left.
      for (const [at, amount] of [total / 2n, total + 123n].entries()) {
        const tz = at === 0 ? zones[0] : 'UTC';
        const projectId = `beyond-${at}`;
        const { overlay_id: pool } = await committed('pool', {
          projectId,
          valid_from: '2026-10-01',
          commitment_usd_per_month: usd(amount),
        });
        const rows = usageOf(projectId, pool);
        await storeSpend(engine.clickhouse, rows);
        const unused = amount > total ? amount - total : 0n;
        const used = amount - unused;
        const off = await takenOff(projectId, monthBounds('2026-10', tz), 'commitment');
        const file = { projectId, tz, now: '2026-11-02', format: 'focus' } as const;
        const all = await rowsOf(file);
        expect(focusProblems(all, '1.2')).toEqual([]);
        const of = (status: string) => all.filter(row => row.CommitmentDiscountStatus === status);
        expect(sum(of('Used'), 'EffectiveCost'), `${at}`).toBe(used);
        expect(sum(of('Used'), 'CommitmentDiscountQuantity')).toBe(used);
        expect(sum(of('Used'), 'BilledCost')).toBe(0n);
        expect(sum(of('Unused'), 'EffectiveCost')).toBe(unused);
        expect(sum(all, 'EffectiveCost')).toBe(total + unused);
        expect(sum(all, 'BilledCost')).toBe(amount + total - used);
        expect(sum(all, 'ListCost')).toBe(amount + total + off);
        expect(sum(all, 'ConsumedQuantity')).toBe(
          rows.reduce((units, row) => units + BigInt(unitsOf(row)) * 1_000_000_000n, 0n),
        );
        // Nothing before the border is billed, and nothing after it is covered.
        const own = all.filter(row => row.x_Kind !== 'commitment');
        const begins = (isCovered: boolean) =>
          own
            .filter(row => (row.CommitmentDiscountId !== null) === isCovered)
            .map(row => row.ChargePeriodStart!)
            .toSorted();
        const [lastCovered = '', firstBilled = '9999'] = [begins(true).at(-1), begins(false)[0]];
        expect(lastCovered <= firstBilled).toBe(true);

        const month = { projectId, tz, month: '2026-10', ...monthBounds('2026-10', tz) };
        const [use] = await prepaidUses(engine.clickhouse, await readAgreed(state, projectId), month);
        expect(use).toMatchObject({ used, unused, beyond: total - used });
        if (unused > 0n) {
          const running = await rowsOf({ ...file, now: '2026-10-31' });
          expect(running.some(row => row.CommitmentDiscountStatus === 'Unused')).toBe(false);
          continue;
        }
        // Files of a part of the time, by the hour as well, and of a part of the spend are parts of the whole.
        const { fromMs, toMs } = monthBounds('2026-10', tz);
        const cuts = [fromMs, Date.parse(lastCovered), Date.parse(lastCovered) + 86_400_000, toMs];
        const pieces = await Promise.all(
          cuts
            .slice(1)
            .map((end, n) =>
              rowsOf({ ...file, fromMs: cuts[n]!, toMs: end, interval: n === 1 ? 'hour' : 'day' }),
            ),
        );
        expect(sum(pieces.flat(), 'BilledCost')).toBe(amount + total - used);
        expect(sum(pieces.flat(), 'EffectiveCost')).toBe(total);
        const tenants = (['', 'acme'] as const).map(value => [{ dimension: 'tenant', value } as const]);
        const parts = await Promise.all(tenants.map(where => rowsOf({ ...file, where })));
        expect(sum(parts.flat(), 'BilledCost')).toBe(total - used);
      }
    });

    test('in the month it begins in from when it begins, and in no two files', async () => {
      const of = { projectId: 'ahead', format: 'focus', tz: 'America/New_York' } as const;
      const bought = async (from: string, to: string, interval: 'hour' | 'day' = 'day') =>
        (await rowsOf({ ...of, fromMs: Date.parse(from), toMs: Date.parse(to), interval }))
          .filter(isBought)
          .map(row => `${row.CommitmentDiscountName} ${row.ChargePeriodStart}`);
      const pool = 'Pool, "2026"';
      const september = [`${pool} 2026-09-12T10:00:00Z`, 'ended 2026-09-12T10:00:00Z'];
      const october = [`${pool} 2026-10-01T04:00:00Z`];
      const sorted = async (rows: Promise<string[]>) => (await rows).toSorted();
      expect(await sorted(bought('2026-09-01T00:00:00Z', '2026-11-01T00:00:00Z'))).toEqual(
        [...september, ...october].toSorted(),
      );
      expect(await sorted(bought('2026-09-01T00:00:00Z', '2026-10-01T04:00:00Z'))).toEqual(
        september.toSorted(),
      );
      expect(await bought('2026-10-01T04:00:00Z', '2026-10-02T04:00:00Z', 'hour')).toEqual(october);
      expect(await bought('2026-10-02T04:00:00Z', '2026-11-01T00:00:00Z')).toEqual([]);
    });
  });

  test('tokens without a price are there, and say so', async () => {
    const [row] = (await rowsOf({ projectId: 'words', format: 'focus' })).filter(
      row => row.SkuId === 'openai/new-model',
    );
    expect(row).toMatchObject({
      ConsumedQuantity: '70',
      BilledCost: '0.000000000',
      x_CostSource: 'unpriced',
    });
    const [own] = (await rowsOf({ projectId: 'words' })).filter(row => row.model === 'new-model');
    expect(own).toMatchObject({
      unpriced_calls: '1',
      unpriced_tokens: '70',
      cost_usd: '0.000000000',
      high_usd: '0.000000500',
    });
  });

  test('a booking for a closed month is a correction of its day, in the month it is booked in', async () => {
    const rows = await rowsOf({ projectId: 'words', format: 'focus', tz: 'Europe/Paris' });
    expect(rows.find(row => row.ChargeClass === 'Correction')).toMatchObject({
      BilledCost: '-0.000000040',
      ChargeCategory: 'Usage',
      ChargePeriodStart: '2026-08-10T22:00:00Z',
      ChargePeriodEnd: '2026-08-11T22:00:00Z',
      BillingPeriodStart: '2026-09-30T22:00:00Z',
      BillingPeriodEnd: '2026-10-31T23:00:00Z',
      x_Reason: 'late',
    });
    const own = await rowsOf({ projectId: 'words', tz: 'Europe/Paris' });
    expect(own.find(row => row.entry === 'adjustment')).toMatchObject({
      reason: 'late',
      origin_start: '2026-08-11T00:00:00+02:00',
      period_start: '2026-10-05T00:00:00+02:00',
    });
    expect(own.find(row => row.entry === 'call')?.origin_start).toBeNull();
  });

  test('conditions hold for every format', async () => {
    const where = [
      { dimension: 'model', value: 'new-model' },
      { dimension: 'model', value: 'other' },
    ] as const;
    for (const format of ['csv', 'focus'] as const)
      expect(await rowsOf({ projectId: 'words', format, where })).toHaveLength(1);
    const byPrompt = [{ dimension: 'prompt', value: 'greeting v2' }] as const;
    expect(await rowsOf({ projectId: 'words', where: byPrompt, groupBy: ['prompt'] })).toMatchObject([
      { prompt: 'greeting v2' },
    ]);
  });

  test('a month keeps the files an export of it gives', async () => {
    const deps = { clickhouse: engine.clickhouse, state };
    const month = { ...deps, projectId: 'words', month: '2026-10', zone: 'UTC' };
    const files = monthFiles({ ...month, ...monthBounds('2026-10', 'UTC') });
    expect(files.map(({ name }) => name)).toEqual([
      'spend-2026-10.csv',
      'spend-2026-10.parquet',
      'focus-1.2-2026-10.csv',
      'focus-1.0-2026-10.csv',
    ]);
    const chunks: Uint8Array[] = [];
    for await (const chunk of files[0]!.stream()) chunks.push(chunk);
    expect(Buffer.concat(chunks)).toEqual((await bytesOf({ projectId: 'words' })).bytes);
  });
});
