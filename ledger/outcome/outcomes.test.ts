import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OutcomeInput } from '#contract/outcome.ts';
import { insertOutcomes } from '#store/queries/insert-outcomes.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { callRow } from '../../test/support/rows.ts';
import { seeded } from '../../test/support/seeded.ts';
import { attributeOutcomes } from './attribute.ts';
import { outcomeSummary } from './summary.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());

const nowMs = Date.parse('2026-11-21T12:00:00Z');
const november = { fromMs: Date.parse('2026-11-01T00:00Z'), toMs: Date.parse('2026-12-01T00:00Z') };

/** One project per test keeps them apart. */
function project(projectId: string) {
  let sinceStored = '0';
  const { clickhouse } = engine;
  return {
    calls: (rows: Parameters<typeof callRow>[0][]) =>
      clickhouse.insert(
        'calls',
        rows.map(row => ({ ...callRow(row), project_id: projectId })),
      ),
    outcomes: (outcomes: OutcomeInput[], at = nowMs) =>
      insertOutcomes(clickhouse, outcomes, { projectId, nowMs: at }),
    async join() {
      const { storedUpTo, days } = await attributeOutcomes(clickhouse, { projectId, sinceStored });
      sinceStored = storedUpTo;
      return days;
    },
    joined: () =>
      clickhouse.query<{ name: string; joined_by: string; span_id: string; feature: string }>(
        `SELECT name, joined_by, span_id, feature FROM outcome_attributions FINAL
         WHERE project_id = {projectId:String} ORDER BY name`,
        { projectId },
      ),
    summary: (more: object = {}) =>
      outcomeSummary(clickhouse, {
        projectId,
        ...november,
        name: '',
        where: [],
        by: 'feature',
        zone: 'UTC',
        nowMs,
        ...more,
      }),
  };
}

const trace = (n: number) => n.toString(16).padStart(32, '0');

test('the named response comes before the trace, the trace before the session, the session before the user', async () => {
  const p = project('rule');
  await p.calls([
    {
      at: '2026-11-20T10:00:00Z',
      span_id: 'early',
      trace_id: trace(1),
      response_id: 'r1',
      session: 's1',
      user: 'ann',
    },
    {
      at: '2026-11-20T10:01:00Z',
      span_id: 'late',
      trace_id: trace(1),
      session: 's1',
      user: 'ann',
      feature: 'search',
    },
    { at: '2026-11-20T11:00:00Z', span_id: 'next', trace_id: trace(2), session: 's1', user: 'ann' },
    { at: '2026-11-20T12:00:00Z', span_id: 'other', trace_id: trace(3), session: 's2', user: 'ann' },
    {
      at: '2026-11-20T12:01:00Z',
      span_id: 'judge',
      trace_id: trace(3),
      session: 's2',
      user: 'ann',
      purpose: 'evaluation',
    },
  ]);
  const time = '2026-11-20T13:30:00Z';
  await p.outcomes([
    { name: 'a response', response_id: 'r1', trace_id: trace(2), session_id: 's2', time },
    { name: 'b trace', trace_id: trace(1), session_id: 's2', time },
    { name: 'c session', session_id: 's1', user_id: 'ann', time },
    { name: 'd user', user_id: 'ann', time },
    { name: 'e unknown trace, known session', trace_id: trace(99), session_id: 's1', time },
    { name: 'f own feature', session_id: 's1', feature: 'search', time },
    { name: 'g nobody', user_id: 'bob', time },
    { name: 'h too late', session_id: 's1', time: '2026-12-05T00:00:00Z' },
    { name: 'i before the call', session_id: 's2', time: '2026-11-20T10:30:00Z' },
  ]);
  await p.join();
  expect((await p.joined()).map(row => `${row.name}: ${row.joined_by} ${row.span_id}`)).toEqual([
    'a response: response early',
    'b trace: trace late',
    'c session: session next',
    'd user: user other',
    'e unknown trace, known session: session next',
    'f own feature: session late',
    'g nobody:  ',
    'h too late:  ',
    'i before the call:  ',
  ]);
});

test('an outcome may come before the spans, and a late span changes what it is joined to', async () => {
  const p = project('early');
  await p.outcomes([
    { id: '1', name: 'thumb', trace_id: trace(1), value_usd: '2.5', time: '2026-11-20T10:00:00Z' },
  ]);
  await p.join();
  expect((await p.summary()).unjoined).toMatchObject({ outcomes: 1, value_usd: '2.500000000' });
  await p.calls([{ at: '2026-11-20T10:00:01Z', span_id: 'first', trace_id: trace(1) }]);
  await p.join();
  expect(await p.joined()).toEqual([
    { name: 'thumb', joined_by: 'trace', span_id: 'first', feature: 'support' },
  ]);
  await p.calls([{ at: '2026-11-20T10:00:09Z', span_id: 'last', trace_id: trace(1), feature: 'search' }]);
  await p.join();
  expect(await p.joined()).toEqual([
    { name: 'thumb', joined_by: 'trace', span_id: 'last', feature: 'search' },
  ]);
  expect((await p.summary()).unjoined.outcomes).toBe(0);
  // The call is no more: what remains of the trace led to it.
  await p.calls([
    { at: '2026-11-20T10:00:09Z', span_id: 'last', trace_id: trace(1), is_deleted: 1, version: '2' },
  ]);
  await p.join();
  expect((await p.joined())[0]!.span_id).toBe('first');
});

test('the same id sent again replaces the outcome; joining twice changes nothing', async () => {
  const p = project('again');
  await p.calls([{ at: '2026-11-20T10:00:00Z', span_id: 'a', trace_id: trace(1) }]);
  const [id] = await p.outcomes([{ id: 'order-7', name: 'purchase', trace_id: trace(1), value_usd: 40 }]);
  await p.join();
  // On another day, without a time of its own.
  const [same] = await p.outcomes(
    [{ id: 'order-7', name: 'purchase', trace_id: trace(1), value_usd: 45.1 }],
    nowMs + 86_400_000,
  );
  expect(same).toBe(id);
  await p.join();
  await p.join();
  const { total, names, groups } = await p.summary();
  expect(names).toEqual([{ name: 'purchase', outcomes: 1, value_usd: '45.100000000' }]);
  expect(total).toMatchObject({ outcomes: 1, covered_calls: 1, value_per_outcome_usd: '45.100000000' });
  expect(groups).toHaveLength(1);
});

test('cost and value per outcome, return and coverage; what is not known is null', async () => {
  const p = project('figures');
  await p.calls([
    { at: '2026-11-20T10:00:00Z', span_id: 'a', trace_id: trace(1) },
    { at: '2026-11-20T10:00:01Z', span_id: 'b', trace_id: trace(1) },
    { at: '2026-11-20T10:00:02Z', span_id: 'c', trace_id: trace(2) },
    { at: '2026-11-20T10:00:03Z', span_id: 'd', trace_id: trace(3), session: 's' },
    { at: '2026-11-20T10:00:04Z', span_id: 'e', trace_id: trace(4), session: 's' },
    { at: '2026-11-20T10:00:05Z', span_id: 'f', trace_id: trace(5), feature: 'quiet' },
  ]);
  await spendOf('figures', [
    { feature: 'support', calls: 5, cost_nanos: '10000000' },
    { feature: 'quiet', calls: 1, unpriced_calls: 1 },
  ]);
  await p.outcomes([
    { name: 'resolved', trace_id: trace(1), value_usd: '0.04', time: '2026-11-20T11:00:00Z' },
    { name: 'thumb', trace_id: trace(1), value: 1, time: '2026-11-20T11:00:00Z' },
    { name: 'resolved', session_id: 's', time: '2026-11-20T11:00:00Z' },
  ]);
  await p.join();
  const { groups } = await p.summary();
  expect(groups).toEqual([
    {
      key: 'support',
      outcomes: 3,
      valued_outcomes: 1,
      value_usd: '0.040000000',
      cost_usd: '0.010000000',
      calls: 5,
      unpriced_calls: 0,
      // Both of the trace and, as a session was judged, both of the session.
      covered_calls: 4,
      coverage: 0.8,
      cost_per_outcome_usd: '0.003333333',
      value_per_outcome_usd: '0.040000000',
      return_on_spend: 3,
    },
    expect.objectContaining({
      key: 'quiet',
      cost_usd: null,
      coverage: 0,
      return_on_spend: null,
      value_usd: null,
    }),
  ]);
  const thumbs = await p.summary({ name: 'thumb' });
  expect(thumbs.total).toMatchObject({
    outcomes: 1,
    covered_calls: 2,
    value_usd: null,
    return_on_spend: null,
  });
  expect(thumbs.joined_by).toEqual({ response: 0, trace: 1, session: 0, user: 0 });
});

test('any grouping, and the days of any zone, add up to the same total', async () => {
  const p = project('sums');
  const { next: random, pick: one } = seeded(7);
  const pick = (...values: string[]) => one(values);
  const at = (day: number) =>
    new Date(Date.parse('2026-11-02T00:00Z') + Math.floor(day * 86_400_000)).toISOString();
  const calls = Array.from({ length: 400 }, (_, n) => ({
    at: at(random() * 12),
    span_id: `s${n}`,
    trace_id: trace(1 + Math.floor(n / 3)),
    session: pick('', 'a', 'b', 'c'),
    user: pick('', 'ann', 'bob'),
    feature: pick('support', 'search', ''),
    model: pick('gpt-4o-mini', 'claude-sonnet-4-5'),
    tenant: pick('t1', 't2', ''),
    environment: pick('production', 'staging'),
    prompt_name: pick('greet', ''),
    prompt_version: pick('v1', 'v2'),
    attempts: 1 + Math.floor(random() * 2),
  }));
  await p.calls(calls);
  await p.outcomes(
    Array.from({ length: 300 }, (_, n) => ({
      name: pick('resolved', 'purchase'),
      time: at(random() * 12),
      ...(random() < 0.6 && { value_usd: (random() * 9).toFixed(9) }),
      ...[
        { trace_id: trace(1 + n) },
        { session_id: pick('a', 'b', 'z') },
        { user_id: pick('ann', 'bob', 'eve') },
      ][n % 3]!,
    })),
  );
  await spendOf(
    'sums',
    calls.map(call => ({ ...call, bucket: call.at, calls: 1, cost_nanos: '27000' })),
  );
  await p.join();
  const whole = await p.summary();
  expect(whole.total.outcomes + whole.unjoined.outcomes).toBe(300);
  expect(whole.total).toMatchObject({ calls: 400, cost_usd: '0.010800000' });
  for (const by of ['feature', 'tenant', 'environment', 'model', 'prompt', 'line'] as const) {
    const { total, groups } = await p.summary({ by });
    expect([by, total]).toEqual([by, whole.total]);
    const sum = (of: (group: (typeof groups)[number]) => number) =>
      groups.reduce((all, group) => all + of(group), 0);
    expect(sum(group => group.outcomes)).toBe(whole.total.outcomes);
    expect(sum(group => group.covered_calls)).toBe(whole.total.covered_calls);
    expect(addUp(groups.map(group => group.value_usd))).toBe(addUp([whole.total.value_usd]));
    expect(addUp(groups.map(group => group.cost_usd))).toBe(addUp([whole.total.cost_usd]));
  }
  for (const zone of ['UTC', 'Asia/Kathmandu', 'America/St_Johns']) {
    const { days } = await p.summary({ zone });
    expect(addUp(days.map(day => day.value_usd))).toBe(addUp([whole.total.value_usd]));
    expect(days.reduce((sum, day) => sum + day.outcomes, 0)).toBe(whole.total.outcomes);
  }
});

const addUp = (amounts: (string | null)[]) =>
  amounts.reduce((sum, usd) => sum + BigInt((usd ?? '0').replace('.', '')), 0n);

/** Rows of the roll-up, as the ledger would make them of calls. */
async function spendOf(projectId: string, rows: object[]) {
  await engine.clickhouse.insert(
    'spend_15m',
    rows.map(row => {
      const { bucket = '2026-11-20T10:00:00Z', ...given } = row as { bucket?: string };
      const seconds = Math.floor(Date.parse(bucket) / 900_000) * 900;
      return {
        project_id: projectId,
        entry: 'call',
        line: 'answer',
        ...given,
        bucket: seconds,
        origin: seconds,
      };
    }),
    { settings: { input_format_skip_unknown_fields: 1 } },
  );
}
