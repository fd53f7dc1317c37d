import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReplyOf } from '#contract/endpoint.ts';
import type { listOverlays } from '#contract/price.ts';
import type { Statement } from '#contract/statement.ts';
import { priceCall } from '#ledger/price/price-call.ts';
import { type PricedRow, pricedCallOfRow } from '#ledger/price/priced-call.ts';
import { loadPriceBook, readPriceBook } from '#store/prices/load.ts';
import { aboutGuarded, startTestApi, type TestApi } from '../../test/support/api.ts';
import { readCsv } from '../../test/support/csv.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { focusProblems, scaled } from '../../test/support/focus-rules.ts';
import { type Mailbox, startMailbox } from '../../test/support/mailbox.ts';
import { callRow } from '../../test/support/rows.ts';

let engine: TestEngine;
let api: TestApi;
let mailbox: Mailbox;
let nowMs = Date.parse('2026-10-20T12:00:00Z');
const ids: Record<string, string> = {};

const agreed = {
  // Three calls of 27,000 nano-dollars less a tenth: it runs out in the third.
  pool: {
    model: 'gpt-4o-mini',
    discount_percent: '10',
    commitment_usd_per_month: '0.00006',
    paid_ahead: true,
  },
  roomy: { model: 'gpt-4.1-mini', discount_percent: '0', commitment_usd_per_month: '2', paid_ahead: true },
  // At list prices, so nothing is taken off that would tell that it is a commitment.
  priced: { model: 'gpt-4.1-nano', discount_percent: '0', commitment_usd_per_month: '0.000001' },
  spent: { commitment_usd_per_month: '1' },
};

beforeAll(async () => {
  [engine, mailbox] = await Promise.all([startTestEngine(), startMailbox()]);
  const smtp = { url: mailbox.url, from: 'Driftline <driftline@example.org>' };
  const about = { ...aboutGuarded, localMode: true, reportingZone: 'Europe/Paris', smtp };
  api = await startTestApi(engine, { now: () => nowMs, about });
  await loadPriceBook(api.state, { now: () => Date.parse('2026-01-01') });
  for (const [name, terms] of Object.entries(agreed)) {
    const all = { name, provider: 'openai', valid_from: '2026-10-01', ...terms };
    const { body } = await api.ask('POST', '/api/v1/price-overlays', { terms: all });
    ids[name] = body.overlay_id as string;
  }
  await call('2026-10-03T10:00:00Z', 'gpt-4o-mini');
  await call('2026-10-12T08:20:00Z', 'gpt-4o-mini');
  await call('2026-10-12T08:50:00Z', 'gpt-4o-mini');
  for (const model of ['gpt-4.1-mini', 'gpt-4.1-nano']) await call('2026-10-05T10:00:00Z', model);
  await api.api.ledger.runOnce();
});
afterAll(async () => {
  await api?.stop();
  await Promise.all([engine?.stop(), mailbox?.stop()]);
});

let calls = 0;
async function call(at: string, model: string): Promise<void> {
  calls += 1;
  const names = { model, request_model: model, response_model: model };
  const row = callRow({ at, span_id: String(calls).padStart(16, '0'), team: 'care', ...names });
  const cost = priceCall(pricedCallOfRow(row as PricedRow, Date.parse(at)), await readPriceBook(api.state));
  const text = (map: Record<string, bigint>) =>
    Object.fromEntries(Object.entries(map).map(([key, nanos]) => [key, nanos.toString()]));
  const nanos = String(cost.nanos);
  const priced = { cost_nanos: nanos, cost_low_nanos: nanos, cost_high_nanos: nanos };
  const byKind = { cost_by_kind: text(cost.byKind), reductions: text(cost.reductions) };
  await engine.clickhouse.insert('calls', [
    { ...row, ...priced, ...byKind, price_version: cost.priceVersion },
  ]);
}

const statementOf = async (month: string) =>
  (await api.ask('GET', `/api/v1/statement?month=${month}&value=care`)).body as unknown as Statement;

const overlays = async () =>
  ((await api.ask('GET', '/api/v1/price-overlays')).body as ReplyOf<typeof listOverlays>).overlays;

async function focusOf(month: string) {
  const answer = await api.fetch(`/api/v1/export/spend?format=focus&month=${month}`);
  const rows = readCsv(await answer.text());
  expect(focusProblems(rows, '1.2')).toEqual([]);
  return rows;
}
type FocusRow = Awaited<ReturnType<typeof focusOf>>[number];

const usd = (nanos: bigint) =>
  `${nanos < 0n ? '-' : ''}${String(nanos < 0n ? -nanos : nanos)
    .padStart(10, '0')
    .replace(/(\d{9})$/, '.$1')}`;
const sum = (rows: readonly FocusRow[], column: string) =>
  rows.reduce((total, row) => total + scaled(row[column] ?? '0', 9), 0n);

/** What a file says of an amount that prices calls: what is under it, what is left, and what of its model is billed. */
function toldBy(rows: readonly FocusRow[], { id, model }: { id: string; model: string }) {
  const own = rows.filter(row => row.ChargeClass === null && row.ChargeCategory === 'Usage');
  const under = own.filter(row => row.CommitmentDiscountId === id);
  const status = (name: string) => under.filter(row => row.CommitmentDiscountStatus === name);
  const beyond = own.filter(row => row.CommitmentDiscountId === null && row.SkuId === `openai/${model}`);
  return {
    under: usd(sum(status('Used'), 'EffectiveCost')),
    unused: usd(sum(status('Unused'), 'EffectiveCost')),
    beyond: usd(sum(beyond, 'BilledCost')),
  };
}

/** The page of discounts, the statement and the file of October say the same; what they say. */
async function sameEverywhere() {
  const [listed, { commitments }, rows] = await Promise.all([
    overlays(),
    statementOf('2026-10'),
    focusOf('2026-10'),
  ]);
  const october = listed.map(({ overlay_id, name, months }) => {
    const { month, is_closed, corrections, ...figures } = months.find(one => one.month === '2026-10')!;
    return { overlay_id, name, ...figures };
  });
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  expect(october.toSorted(byName)).toEqual(commitments.toSorted(byName));
  for (const { overlay_id: id, name, basis, used_usd, unused_usd, beyond_usd, is_over } of commitments) {
    if (basis === 'spent') continue;
    const { model } = agreed[name as 'pool' | 'roomy' | 'priced'];
    const told = toldBy(rows, { id, model });
    const total = usd(scaled(used_usd, 9) + scaled(beyond_usd, 9));
    if (basis === 'priced') expect(told, name).toMatchObject({ under: total, unused: '0.000000000' });
    else
      expect(told, name).toEqual({
        under: used_usd,
        unused: is_over ? unused_usd : '0.000000000',
        beyond: beyond_usd,
      });
  }
  return Object.fromEntries(commitments.map(one => [one.name, one]));
}

test('what is used of an amount is one number: on the page, in the statement, in the file and in the mail', async () => {
  const open = await sameEverywhere();
  expect(open).toMatchObject({
    pool: {
      basis: 'paid_ahead',
      used_usd: '0.000060000',
      unused_usd: '0.000000000',
      beyond_usd: '0.000012900',
      ran_out_at: '2026-10-12T08:45:00.000Z',
      is_over: false,
    },
    roomy: { basis: 'paid_ahead', beyond_usd: '0.000000000', ran_out_at: null },
    priced: { basis: 'priced', used_usd: '0.000001000' },
    spent: { basis: 'spent' },
  });
  const cost = (await statementOf('2026-10')).cost_usd;
  expect(open.spent!.used_usd).toBe(cost);

  nowMs = Date.parse('2026-11-05T12:00:00Z');
  expect((await api.ask('POST', '/api/v1/months/2026-10/close', { by: 'ada' })).status).toBe(200);
  const closed = await sameEverywhere();
  expect(closed.roomy).toEqual({ ...open.roomy, is_over: true });

  // Another amount agreed later is not that of a month that was closed before.
  const path = `/api/v1/price-overlays/${ids.pool}`;
  const terms = { name: 'pool', provider: 'openai', valid_from: '2026-10-01', ...agreed.pool };
  const changed = { ...terms, commitment_usd_per_month: '0.5' };
  expect((await api.ask('PUT', path, { terms: changed, version: 1 })).status).toBe(200);
  for (const model of ['gpt-4o-mini', 'gpt-4.1-mini', 'gpt-4.1-nano'])
    await call('2026-10-15T10:00:00Z', model);
  await api.api.ledger.runOnce();
  expect(await sameEverywhere()).toEqual(closed);
});

test('what is booked for an amount of a closed month is one number as well, in the month it is booked in', async () => {
  const { commitment_corrections: booked, commitments } = await statementOf('2026-11');
  expect(commitments.find(({ name }) => name === 'pool')).toMatchObject({ amount_usd: '0.500000000' });
  expect(booked.map(({ name, used_usd, beyond_usd }) => [name, used_usd, beyond_usd]).toSorted()).toEqual([
    ['pool', '0.000000000', '0.000024300'],
    ['priced', '0.000000000', expect.stringMatching(/[1-9]/)],
    ['roomy', expect.stringMatching(/[1-9]/), '0.000000000'],
    ['spent', expect.stringMatching(/[1-9]/), '0.000000000'],
  ]);
  const onPage = (await overlays()).flatMap(({ overlay_id, months }) =>
    months
      .filter(({ month, is_closed }) => month === '2026-10' && is_closed)
      .flatMap(({ corrections }) => corrections.map(one => ({ overlay_id, ...one }))),
  );
  const byId = (a: { overlay_id: string }, b: { overlay_id: string }) =>
    a.overlay_id < b.overlay_id ? -1 : 1;
  const figures = booked.map(({ overlay_id, booked_month, used_usd, beyond_usd }) => ({
    ...{ overlay_id, booked_month, used_usd, beyond_usd },
  }));
  expect(onPage.toSorted(byId)).toEqual(figures.toSorted(byId));

  const rows = (await focusOf('2026-11')).filter(row => row.ChargeClass === 'Correction');
  for (const { overlay_id, basis, used_usd, beyond_usd } of booked) {
    const own = rows.filter(row => row.CommitmentDiscountId === overlay_id);
    const amounts = own.filter(row => row.x_Kind === 'commitment');
    if (basis === 'paid_ahead') {
      expect(usd(-sum(amounts, 'EffectiveCost'))).toBe(used_usd);
      expect(usd(sum(own, 'BilledCost'))).toBe(beyond_usd);
    }
    if (basis !== 'spent')
      expect(usd(sum(own, 'EffectiveCost') - sum(amounts, 'EffectiveCost'))).toBe(
        usd(scaled(used_usd, 9) + scaled(beyond_usd, 9)),
      );
  }

  const content = { kind: 'statement', by: 'team', value: 'care' };
  const target = { kind: 'email', to: ['cfo@example.org'] };
  const made = await api.ask('POST', '/api/v1/deliveries', {
    ...{ name: 'Care', schedule: 'daily', content, target },
  });
  await api.ask('POST', `/api/v1/deliveries/${made.body.id}/send`);
  await api.api.deliver();
  const mail = mailbox.received[0]?.source ?? '';
  expect(mail).toMatch(
    /pool: paid ahead +0\.50\s+used +0\.00\s+not used yet +0\.50\s+used beyond it, billed +0\.00/,
  );
  expect(mail).toMatch(/roomy, booked for 2026-10:\s+used +0\.00/);
});

test('the file of a month that was closed before files said what is left is not corrected by a later one', async () => {
  const corrections = async () =>
    (await focusOf('2026-11')).filter(row => row.ChargeClass === 'Correction' && row.x_Kind === 'commitment');
  expect(await corrections()).toHaveLength(2);
  await api.state.updateTable('closed_months').set({ amounts: null }).execute();
  expect(await corrections()).toEqual([]);
});
