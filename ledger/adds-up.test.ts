import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { overlayTerms } from '#contract/price.ts';
import type { SpendRow } from '#contract/spend.ts';
import { spendKinds } from '#contract/spend-words.ts';
import { readPriceBook } from '#store/prices/load.ts';
import { overlayIdOf } from '#store/prices/price-book.ts';
import { readSpend, type SpendQuestion } from '#store/queries/spend.ts';
import type { CallRow } from '#store/rows.ts';
import { listClosedMonths } from '#store/state/closed-months.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { listOverlayVersions, overlaysKnownAt } from '#store/state/price-overlays.ts';
import { addPrices, changePriceBook } from '#store/state/prices.ts';
import { readCsv } from '../test/support/csv.ts';
import { startTestEngine, type TestEngine } from '../test/support/engine.ts';
import { focusProblems, scaled } from '../test/support/focus-rules.ts';
import { callRow } from '../test/support/rows.ts';
import { prepaidCorrections } from './files/commitment-corrections.ts';
import { prepaidUses } from './files/commitment-use.ts';
import { readAgreed } from './files/committed-amounts.ts';
import { monthBounds, monthOf } from './files/month-bounds.ts';
import { monthFiles, spendFile } from './files/spend-file.ts';
import { CannotCloseError } from './month/close-month.ts';
import { beginPosting } from './posting/post.ts';
import { priceCall } from './price/price-call.ts';
import { type PricedRow, pricedCallOfRow } from './price/priced-call.ts';
import { unitsByKind } from './price/units.ts';
import { changeOverlay } from './price-changes/overlays.ts';
import { startLedger } from './schedule.ts';

const quiet = { info() {}, warn() {}, error() {} };
const zone = 'Europe/Paris';
const zones = [zone, 'Asia/Kathmandu', 'America/New_York'];
const hourMs = 3_600_000;
// Patience: it ends what hangs before the test runner does, with the steps that led there.
const limitMs = 800_000;

let engine: TestEngine;
let state: StateDb;
let dataDir: string;
let runs = 0;

beforeAll(async () => {
  engine = await startTestEngine();
  dataDir = await mkdtemp(join(tmpdir(), 'driftline-adds-up-'));
  state = await openState({ dataDir });
});
afterAll(async () => {
  await state?.destroy();
  await engine?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

interface Call {
  hoursAgo: number;
  minute: number;
  model: number;
  feature: number;
  tokens: [input: number | null, output: number | null, cached: number, reasoning: number];
  attempts: number;
  failed: boolean;
  estimated: boolean;
}

type Step =
  | { kind: 'calls'; calls: Call[] }
  | { kind: 'again'; at: number; call: Call; gone: boolean }
  | { kind: 'price'; model: number; usd: number; apart: boolean }
  | {
      kind: 'overlay';
      /** The first is of every model, the second of one: it goes before. */
      which: number;
      percent: number;
      usd: number | null;
      committed: boolean;
      ahead: boolean;
      amount: string;
    }
  | { kind: 'withdraw'; which: number }
  | { kind: 'reprice'; model: number | null }
  | { kind: 'later'; days: number }
  | { kind: 'close'; month: string }
  | { kind: 'roll up' };

const anyCall: fc.Arbitrary<Call> = fc.record({
  hoursAgo: fc.nat(120),
  minute: fc.nat(59),
  model: fc.nat(2),
  feature: fc.nat(2),
  tokens: fc.tuple(
    fc.option(fc.nat(100_000), { freq: 8 }),
    fc.option(fc.nat(5_000), { freq: 8 }),
    fc.nat(50_000),
    fc.nat(5_000),
  ),
  attempts: fc.integer({ min: 1, max: 3 }),
  failed: fc.boolean(),
  estimated: fc.boolean(),
});

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('calls' as const),
      calls: fc.array(anyCall, { minLength: 1, maxLength: 12 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('again' as const),
      at: fc.nat(1000),
      call: anyCall,
      gone: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('price' as const),
      model: fc.nat(2),
      usd: fc.integer({ min: 1, max: 99_999 }),
      apart: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('overlay' as const),
      which: fc.nat(1),
      percent: fc.integer({ min: 0, max: 60 }),
      usd: fc.option(fc.integer({ min: 1, max: 99_999 })),
      committed: fc.boolean(),
      ahead: fc.boolean(),
      amount: fc.constantFrom('1000', '0.7', '0.000000001'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), which: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reprice' as const), model: fc.option(fc.nat(2)) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('later' as const), days: fc.integer({ min: 1, max: 6 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('close' as const),
      month: fc.constantFrom('2026-10', '2026-11'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('roll up' as const) }) },
);

const plain = {
  minute: 7,
  model: 0,
  feature: 0,
  tokens: [1000, 200, 300, 50],
  attempts: 1,
  failed: false,
  estimated: false,
} as const;
const callAt = (hoursAgo: number, of: Partial<Call> = {}): Call => ({
  ...plain,
  tokens: [...plain.tokens],
  hoursAgo,
  ...of,
});

/** Every kind of step, with something late, moved, gone and repriced in a month that is closed. */
const eventful: Step[] = [
  { kind: 'price', model: 0, usd: 1234, apart: false },
  { kind: 'overlay', which: 0, percent: 10, usd: null, committed: false, ahead: false, amount: '1' },
  {
    kind: 'calls',
    calls: [
      callAt(2),
      callAt(50, { feature: 1 }),
      callAt(60, { model: 1 }),
      callAt(61, { model: 1, failed: true }),
    ],
  },
  { kind: 'later', days: 6 },
  { kind: 'calls', calls: [callAt(1, { estimated: true }), callAt(30, { model: 2 })] },
  { kind: 'close', month: '2026-10' },
  { kind: 'calls', calls: [callAt(119, { feature: 2 }), callAt(110, { model: 1 })] },
  { kind: 'again', at: 0, call: callAt(0, { feature: 2, minute: 50 }), gone: false },
  { kind: 'roll up' },
  { kind: 'price', model: 1, usd: 777, apart: true },
  { kind: 'overlay', which: 0, percent: 25, usd: 500, committed: true, ahead: true, amount: '0.002' },
  { kind: 'reprice', model: 1 },
  { kind: 'again', at: 1, call: callAt(0), gone: true },
  { kind: 'price', model: 0, usd: 4321, apart: true },
  { kind: 'reprice', model: null },
  { kind: 'again', at: 0, call: callAt(0, { feature: 1 }), gone: false },
];

/** Calls go from one amount that was paid ahead to another at the same price and back, in an open month and in a closed one, then to none. */
const moved: Step[] = [
  { kind: 'price', model: 0, usd: 1234, apart: false },
  { kind: 'price', model: 1, usd: 777, apart: true },
  { kind: 'overlay', which: 0, percent: 10, usd: null, committed: true, ahead: true, amount: '0.7' },
  { kind: 'calls', calls: [callAt(1), callAt(2, { model: 1 }), callAt(3, { estimated: true })] },
  { kind: 'overlay', which: 1, percent: 10, usd: null, committed: true, ahead: true, amount: '0.002' },
  { kind: 'reprice', model: null },
  { kind: 'later', days: 6 },
  { kind: 'calls', calls: [callAt(1), callAt(4, { model: 1 })] },
  { kind: 'close', month: '2026-10' },
  { kind: 'withdraw', which: 1 },
  { kind: 'reprice', model: null },
  { kind: 'overlay', which: 1, percent: 30, usd: null, committed: true, ahead: true, amount: '1000' },
];

/** Clocks go back in Paris on 25 October and in New York on 1 November, and October ends in between. */
const beginMs = Date.parse('2026-10-27T09:10Z');

/** The installation under test, and beside it every call as it is stored. */
function installation(projectId: string) {
  let nowMs = beginMs;
  const stored = new Map<string, CallRow>();
  const deps = { clickhouse: engine.clickhouse, state, projectId, clock: { now: () => nowMs }, log: quiet };
  const ledger = startLedger({ ...deps, monthFiles, timers: false });
  /** Sums of closed months at their closing. */
  const closed = new Map<string, string>();
  const closedAmounts = new Map<string, ReadonlyMap<string, bigint>>();

  const model = (n: number) => `${projectId}-m${n}`;
  const overlays = new Map<number, string>();
  const book = () => readPriceBook(state);

  async function store(
    call: Call,
    given: Partial<CallRow> & { span_id: string; start_time?: string },
  ): Promise<void> {
    const [input, output, cached, reasoning] = call.tokens;
    const startMs =
      Math.floor((nowMs - call.hoursAgo * hourMs) / hourMs) * hourMs + call.minute * 60_000 - hourMs;
    const row = callRow({
      at: new Date(startMs).toISOString(),
      project_id: projectId,
      provider: 'acme',
      model: model(call.model),
      request_model: model(call.model),
      response_model: model(call.model),
      feature: `f${call.feature}`,
      attempts: call.attempts,
      failed: call.failed ? 1 : 0,
      flags: call.estimated ? ['estimated_tokens'] : [],
      input_tokens: input,
      cache_read_tokens: input === null ? null : Math.min(cached, input),
      output_tokens: output,
      reasoning_tokens: output === null ? null : Math.min(reasoning, output),
      ...given,
    });
    const { nanos, lowNanos, highNanos, uncachedNanos, byKind, reductions, priceVersion } = priceCall(
      pricedCallOfRow(row as PricedRow, startOf(row)),
      await book(),
    );
    const texts = (map: Record<string, bigint>) =>
      Object.fromEntries(Object.entries(map).map(([key, money]) => [key, money.toString()]));
    const text = (money: bigint | null) => (money === null ? null : money.toString());
    const priced = {
      ...row,
      cost_nanos: text(nanos),
      cost_low_nanos: text(lowNanos),
      cost_high_nanos: text(highNanos),
      uncached_nanos: text(uncachedNanos),
      cost_by_kind: texts(byKind),
      reductions: texts(reductions),
      price_version: priceVersion,
    };
    await engine.clickhouse.insert('calls', [priced]);
    stored.set(row.span_id, priced);
  }

  async function reprice(models: string[]): Promise<number> {
    const spec = {
      from: '2026-10-01T00:00:00Z',
      to: '2027-01-01T00:00:00Z',
      models,
      where: [],
      zone,
      note: '',
      by: '',
    };
    const { posting_id: id, created_at } = await ledger.preview(spec);
    await ledger.runOnce();
    await beginPosting(deps, id);
    await ledger.runOnce();
    return Date.parse(created_at);
  }

  const steps: { [K in Step['kind']]: (step: Extract<Step, { kind: K }>) => Promise<unknown> } = {
    calls: async ({ calls }) => {
      for (const call of calls) await store(call, { span_id: String(stored.size + 1).padStart(16, '0') });
    },
    // A late parent: the call is derived anew, another time of its hour, or is gone.
    again: async ({ at, call, gone }) => {
      const before = [...stored.values()][at % Math.max(1, stored.size)];
      if (!before) return;
      const minute = String(call.minute).padStart(2, '0');
      const start_time = before.start_time.replace(/:\d\d:/, `:${minute}:`);
      await store(call, {
        span_id: before.span_id,
        start_time,
        version: String(Number(before.version) + 1),
        is_deleted: gone ? 1 : 0,
      });
    },
    price: ({ model: n, usd, apart }) =>
      changePriceBook(state, nowMs, async (db, known_from) => {
        const dollars = (factor: number) => String((usd * factor) / 1000);
        const raw = {
          ...{
            provider: 'acme',
            model: model(n),
            mode: 'chat',
            aliases: [],
            source: 'made up',
            as_of: '2026-01-01',
          },
          usd_per_1m: {
            input: dollars(1),
            output: dollars(4),
            cache_read: dollars(0.5),
            ...(apart && { output_reasoning: dollars(5) }),
          },
        };
        const of = {
          provider: 'acme',
          model: model(n),
          region: '',
          valid_from: '1970-01-01',
          valid_to: null,
        };
        const said = { ended: 0 as const, source: 'made up', noted_by: '', note: '' };
        await addPrices(db, [
          { ...of, ...said, price_id: `${model(n)}#${known_from}`, known_from, book: JSON.stringify(raw) },
        ]);
        return true;
      }),
    overlay: async ({ which, percent, usd, committed, ahead, amount }) => {
      const { overlay_id } = await changeOverlay(state, {
        ...(await nextOf(which)),
        terms: overlayTerms.parse({
          name: `contract ${which}`,
          model: which === 1 ? model(0) : '',
          valid_from: '2026-10-26',
          discount_percent: String(percent),
          prices: usd === null ? {} : { output: String(usd / 1000) },
          commitment_usd_per_month: committed ? amount : null,
          paid_ahead: committed && ahead,
        }),
      });
      overlays.set(which, overlay_id);
    },
    withdraw: async ({ which }) => {
      if (overlays.has(which)) await changeOverlay(state, { ...(await nextOf(which)), terms: null });
    },
    reprice: ({ model: n }) => reprice(n === null ? [] : [model(n)]),
    later: async ({ days }) => {
      nowMs += days * 24 * hourMs;
    },
    close: async ({ month }) => {
      if (closed.has(month)) return;
      try {
        await ledger.closeMonth({ month, zone, by: 'test' });
      } catch (error) {
        if (error instanceof CannotCloseError) return;
        throw error;
      }
      closed.set(month, await sumOfMonth(month));
      closedAmounts.set(month, await agreedNow());
    },
    'roll up': () => ledger.runOnce(),
  };

  async function nextOf(which: number) {
    const overlayId = overlays.get(which) ?? null;
    const versions = (await listOverlayVersions(state)).filter(one => one.overlay_id === overlayId);
    return { projectId, overlayId, version: versions.length, notedBy: '', note: '', nowMs };
  }

  async function sumOfMonth(month: string): Promise<string> {
    const found = (await listClosedMonths(state, projectId)).find(one => one.month === month)!;
    const { totals, rows } = await read({
      fromMs: Date.parse(found.from_at),
      toMs: Date.parse(found.to_at),
      groupBy: ['feature', 'model', 'price_version'],
    });
    return JSON.stringify([totals, rows]);
  }

  function read(asked: Partial<SpendQuestion>) {
    const range = { fromMs: Date.parse('2026-10-01'), toMs: Date.parse('2027-02-01') };
    return readSpend(engine.clickhouse, {
      projectId,
      ...range,
      where: [],
      groupBy: [],
      measures: [],
      tz: 'UTC',
      limit: 10_000,
      ...asked,
    });
  }

  /** The costs of the FOCUS file over everything. */
  async function focus(tz: string) {
    const range = { fromMs: Date.parse('2026-10-01T00:00Z'), toMs: Date.parse('2027-02-01T00:00Z') };
    const asked = { projectId, ...range, tz, where: [], groupBy: [], span: 'all' };
    const chunks: Uint8Array[] = [];
    for await (const chunk of spendFile(deps, {
      ...asked,
      month: null,
      interval: 'day',
      format: 'focus',
      version: '1.2',
    }).stream())
      chunks.push(chunk);
    const rows = readCsv(Buffer.concat(chunks).toString());
    expect(focusProblems(rows, '1.2')).toEqual([]);
    const of = (column: string) => sum(rows.map(row => scaled(row[column] ?? '0', 9)));
    return {
      list: of('ListCost'),
      contracted: of('ContractedCost'),
      effective: of('EffectiveCost'),
      billed: of('BilledCost'),
      bought: sum(
        rows.flatMap(row => (row.ChargeCategory === 'Purchase' ? [scaled(row.BilledCost ?? '0', 9)] : [])),
      ),
    };
  }

  /**
   * What is paid ahead from the 26th of October on, a month whole when it begins: what that buys, covers, bills beyond it and leaves, by
   * what each overlay was used in each month of a zone. A closed month keeps the amounts it was closed with.
   */
  async function agreement(tz: string, calls: readonly PrepaidCall[]) {
    const known = await agreedNow();
    const all = { bought: 0n, covered: 0n, unused: 0n };
    for (const month of ['2026-10', '2026-11', '2026-12', '2027-01', '2027-02']) {
      const { fromMs, toMs } = monthBounds(month, tz);
      const end = Date.parse('2027-02-01T00:00Z');
      if (fromMs >= end) continue;
      for (const [overlayId, amount] of (tz === zone && closedAmounts.get(month)) || known) {
        const used = usedOf(calls, { overlayId, fromMs, toMs });
        const unused = amount > used ? amount - used : 0n;
        all.bought += amount;
        all.covered += amount - unused;
        if (toMs <= nowMs && toMs <= end) all.unused += unused;
      }
    }
    return all;
  }

  /** Amounts that are paid ahead, by overlay. */
  async function agreedNow(): Promise<ReadonlyMap<string, bigint>> {
    const last = overlaysKnownAt(await listOverlayVersions(state), '9999').filter(
      ({ project_id, terms }) => project_id === projectId && terms.paid_ahead,
    );
    return new Map(
      last.map(({ overlay_id, terms }) => [overlay_id, scaled(terms.commitment_usd_per_month ?? '0', 9)]),
    );
  }

  /** What the ledger says is used of each overlay by month of the reporting zone, bookings for closed months with it. */
  async function uses() {
    const agreed = await readAgreed(state, projectId);
    const found = new Map<string, bigint>();
    const add = (key: string, nanos: bigint) => found.set(key, (found.get(key) ?? 0n) + nanos);
    for (const month of ['2026-10', '2026-11', '2026-12', '2027-01']) {
      const closedAs = agreed.closed.find(one => one.month === month);
      const bounds = closedAs
        ? { fromMs: Date.parse(closedAs.from_at), toMs: Date.parse(closedAs.to_at) }
        : monthBounds(month, zone);
      const part = { projectId, tz: zone, month, ...bounds };
      for (const { amount, used, unused, beyond } of await prepaidUses(engine.clickhouse, agreed, part)) {
        expect(used + unused).toBe(amount.nanos);
        add(`${month} ${amount.overlayId}`, used + beyond);
      }
      for (const one of await prepaidCorrections(engine.clickhouse, agreed, part))
        add(`${one.month} ${one.amount.overlayId}`, one.used + one.beyond);
    }
    return Object.fromEntries([...found].filter(([, nanos]) => nanos !== 0n));
  }

  return {
    focus,
    agreement,
    uses,
    run: (step: Step) => steps[step.kind](step as never),
    reprice: () => reprice([]),
    ledger,
    read,
    closed,
    sumOfMonth,
    book,
    live: () => [...stored.values()].filter(row => row.is_deleted === 0),
    adjustments: () =>
      engine.clickhouse.query(
        'SELECT * EXCEPT (stored_at) FROM spend_adjustments WHERE project_id = {project:String} ORDER BY ALL',
        { project: projectId },
      ),
    ofOrigin: (tz: string) =>
      engine.clickhouse.query<{ day: string; feature: string; cost: string; calls: string }>(
        `SELECT toString(toDate(origin, {tz:String})) AS day, feature, sum(cost_nanos) AS cost, sum(calls) AS calls FROM spend_15m
         WHERE project_id = {project:String} GROUP BY day, feature HAVING cost != 0 OR calls != 0 ORDER BY day, feature`,
        { project: projectId, tz },
      ),
  };
}

interface PrepaidCall {
  startMs: number;
  overlayId: string;
  nanos: bigint;
}

function usedOf(
  calls: readonly PrepaidCall[],
  { overlayId, fromMs, toMs }: { overlayId: string; fromMs: number; toMs: number },
): bigint {
  const own = calls.filter(one => one.overlayId === overlayId && one.startMs >= fromMs && one.startMs < toMs);
  return sum(own.map(({ nanos }) => nanos));
}

const startOf = ({ start_time }: { start_time: string }) =>
  Date.parse(`${start_time.slice(0, 19).replace(' ', 'T')}Z`);
const nanosOf = (usd: string | null) => BigInt((usd ?? '0').replace('.', ''));
const sum = (numbers: bigint[]) => numbers.reduce((all, one) => all + one, 0n);

/** The ledger from scratch: every call as it is stored now, at the prices known at `knownMs`. */
function fromScratch(
  rows: readonly CallRow[],
  book: Awaited<ReturnType<typeof readPriceBook>>,
  knownMs: number,
) {
  return rows.map(row => {
    const call = pricedCallOfRow(row as PricedRow, startOf(row));
    const cost = priceCall(call, book, knownMs);
    return { row, cost, units: unitsByKind(call, new Set(Object.keys(cost.byKind))), startMs: startOf(row) };
  });
}

test('original + adjustments = recomputed from scratch; every grouping and every zone add up to the same', async () => {
  const numRuns = Math.max(1, Math.round((fc.readConfigureGlobal().numRuns ?? 100) / 33));
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 4, maxLength: 14 }), async steps => {
      runs += 1;
      const one = installation(`p${runs}`);
      for (const step of steps) await one.run(step);
      const knownMs = await one.reprice();
      const scratch = fromScratch(one.live(), await one.book(), knownMs);
      await check(one, scratch);
      for (const [month, before] of one.closed) expect(await one.sumOfMonth(month)).toBe(before);
      const adjustments = await one.adjustments();
      if (steps === eventful) expect(adjustments.length).toBeGreaterThan(4);
      await one.ledger.runOnce();
      expect(await one.adjustments()).toEqual(adjustments);
      await one.ledger.stop();
    }),
    { examples: [[eventful], [moved]], numRuns, interruptAfterTimeLimit: limitMs, endOnFailure: true },
  );
});

async function check(one: ReturnType<typeof installation>, scratch: ReturnType<typeof fromScratch>) {
  const { totals } = await one.read({});
  const cost = sum(scratch.map(({ cost: { nanos } }) => nanos ?? 0n));
  expect(nanosOf(totals.cost_usd)).toBe(cost);
  expect(nanosOf(totals.low_usd)).toBe(sum(scratch.map(({ cost: of }) => of.lowNanos ?? of.nanos ?? 0n)));
  expect(nanosOf(totals.bounded_high_usd)).toBe(
    sum(scratch.map(({ cost: of }) => of.highNanos ?? of.nanos ?? 0n)),
  );
  expect(nanosOf(totals.uncached_usd)).toBe(sum(scratch.map(({ cost: of }) => of.uncachedNanos ?? 0n)));
  expect(totals.calls).toBe(scratch.length);
  expect(totals.attempts).toBe(scratch.reduce((all, { row }) => all + row.attempts, 0));
  expect(totals.unpriced_calls).toBe(
    scratch.filter(({ cost: of }) => of.nanos === null && of.highNanos !== 0n).length,
  );
  expect(totals.unbounded_calls).toBe(scratch.filter(({ cost: of }) => of.highNanos === null).length);

  const off = (why: string) =>
    sum(
      scratch.flatMap(({ cost: of }) =>
        Object.entries(of.reductions).flatMap(([key, nanos]) => (key.startsWith(`${why}.`) ? [nanos] : [])),
      ),
    );
  const [discount, commitment, prepaid] = ['discount', 'commitment', 'prepaid'].map(off) as [
    bigint,
    bigint,
    bigint,
  ];
  const ofCalls = scratch.map(({ cost: of, startMs }) => ({
    startMs,
    overlayId: overlayIdOf(of.priceVersion),
    nanos: sum(
      Object.entries(of.reductions).flatMap(([key, nanos]) => (key.startsWith('prepaid.') ? [nanos] : [])),
    ),
  }));
  for (const tz of zones) {
    const { bought, covered, unused } = await one.agreement(tz, ofCalls);
    const { contracted, ...focus } = await one.focus(tz);
    expect(focus, `FOCUS in ${tz}`).toEqual({
      list: cost + discount + commitment + bought,
      effective: cost + unused,
      billed: cost - covered + bought,
      bought,
    });
    // Beyond the amount the agreed price is the contracted one.
    if (covered === prepaid) expect(contracted).toBe(cost + commitment + bought);
  }

  // Each amount is used by the calls that it prices now, however often these went from one to another.
  const byMonth = new Map<string, bigint>();
  for (const { startMs, overlayId, nanos } of ofCalls) {
    const key = `${monthOf(startMs, zone)} ${overlayId}`;
    if (nanos !== 0n) byMonth.set(key, (byMonth.get(key) ?? 0n) + nanos);
  }
  expect(await one.uses()).toEqual(Object.fromEntries(byMonth));

  const kinds = await one.read({ groupBy: ['kind'] });
  for (const kind of spendKinds) {
    const row = kinds.rows.find(found => found.kind === kind);
    expect(row?.units ?? 0, kind).toBe(scratch.reduce((all, { units }) => all + (units[kind] ?? 0), 0));
    expect(nanosOf(row?.cost_usd ?? '0.000000000'), kind).toBe(
      sum(scratch.map(({ cost: of }) => of.byKind[kind] ?? 0n)),
    );
  }

  const added = (rows: readonly SpendRow[]) => sum(rows.map(({ cost_usd }) => nanosOf(cost_usd)));
  for (const groupBy of [['feature'], ['model', 'line'], ['price_version', 'feature', 'kind']] as const) {
    expect(added((await one.read({ groupBy: [...groupBy] })).rows), groupBy.join()).toBe(cost);
  }
  for (const tz of zones) {
    for (const interval of ['hour', 'day', 'week', 'month'] as const) {
      const { rows } = await one.read({ interval, tz, groupBy: ['feature'], measures: ['calls'] });
      expect(added(rows), `${tz} ${interval}`).toBe(cost);
      expect(rows.reduce((all, { calls }) => all + (calls ?? 0), 0)).toBe(scratch.length);
    }
    expect(await one.ofOrigin(tz)).toEqual(byDay(scratch, tz));
  }
}

function byDay(scratch: ReturnType<typeof fromScratch>, timeZone: string) {
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
  const days = new Map<string, { day: string; feature: string; cost: bigint; calls: number }>();
  for (const { row, cost, startMs } of scratch) {
    const key = { day: day.format(startMs), feature: row.feature };
    const found = days.get(JSON.stringify(key)) ?? { ...key, cost: 0n, calls: 0 };
    days.set(JSON.stringify(key), {
      ...found,
      cost: found.cost + (cost.nanos ?? 0n),
      calls: found.calls + 1,
    });
  }
  return [...days]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { cost, calls, ...key }]) => ({ ...key, cost: cost.toString(), calls: String(calls) }));
}
