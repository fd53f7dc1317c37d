import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WindowTestRow, WindowTests } from '#contract/compare-tests.ts';
import { startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { ingestSourceRow } from '../../test/support/ingest-rows.ts';
import { callRow, scoreRow } from '../../test/support/rows.ts';
import { seeded } from '../../test/support/seeded.ts';

let engine: TestEngine;
let api: TestApi;
const hourMs = 3_600_000;
const fromMs = Date.parse('2026-11-19T00:00Z');
const nowMs = fromMs + 48 * hourMs;
const calls = 3_000;

/** Two days alike but for variant b of the second day: slower, refuses more, ends otherwise, and scores lower. */
function traffic() {
  const { next } = seeded(7);
  const rows: ReturnType<typeof callRow>[] = [];
  const scores: ReturnType<typeof scoreRow>[] = [];
  for (let i = 0; i < calls; i += 1) {
    const at = new Date(fromMs + (i * (nowMs - fromMs)) / calls).toISOString();
    const span_id = (i + 1).toString(16).padStart(16, '0');
    const variant = i % 2 === 0 ? 'a' : 'b';
    const isWorse = variant === 'b' && i >= calls / 2;
    rows.push(
      callRow({
        at,
        span_id,
        variant,
        feature: i < 8 ? 'rare' : 'support',
        duration_ns: String(Math.round((isWorse ? 900 : 600) * Math.exp(0.6 * (next() - 0.5)) * 1e6)),
        finish_reason: next() < (isWorse ? 0.3 : 0.05) ? 'length' : 'stop',
        failed: next() < 0.05 ? 1 : 0,
      }),
    );
    const score = { at, trace_id: span_id.padStart(32, 'a'), span_id };
    const value = Math.min(1, (isWorse ? 0.6 : 0.7) + 0.3 * next());
    scores.push(scoreRow({ ...score, score_id: `q${i}`, name: 'quality', value }));
    if (i % 2 === 1) {
      const thumb = next() < (isWorse ? 0.6 : 0.9) ? 1 : 0;
      scores.push(scoreRow({ ...score, score_id: `t${i}`, name: 'thumb', value: thumb }));
    }
  }
  return { rows, scores };
}

beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine, { now: () => nowMs });
  const { rows, scores } = traffic();
  await engine.clickhouse.insert('calls', rows);
  await engine.clickhouse.insert('scores', scores);
});
afterAll(async () => {
  await api?.stop();
  await engine?.stop();
});

const day = {
  first: 'control_from=2026-11-19T00:00Z&control_to=2026-11-20T00:00Z',
  second: 'from=2026-11-20T00:00Z&to=2026-11-21T00:00Z',
};

async function tests(query: string): Promise<WindowTests> {
  const { status, body } = await api.ask('GET', `/api/v1/compare/tests?${query}`);
  expect(status).toBe(200);
  return body as unknown as WindowTests;
}
const found = ({ rows }: WindowTests) =>
  rows.filter(({ differs }) => differs).map(({ measure, test: by }) => `${measure} ${by}`);
const rowOf = ({ rows }: WindowTests, measure: string, by: WindowTestRow['test']) =>
  rows.find(row => row.measure === measure && row.test === by)!;

test('two days: what changed stands out, with its size, and what did not does not', async () => {
  const reply = await tests(`${day.second}&${day.first}&candidate=variant:b&control=variant:b`);
  expect(reply).toMatchObject({ shared_calls: 0, adjustment: 'bh', level: 0.1 });
  expect([reply.control.calls, reply.candidate.calls]).toEqual([750, 750]);
  expect(found(reply).sort()).toEqual([
    'finish_reason chi_square',
    'latency_ms kolmogorov_smirnov',
    'latency_ms welch',
    'score:quality mann_whitney',
    'score:quality welch',
    'score:thumb two_proportion_z',
  ]);
  const latency = rowOf(reply, 'latency_ms', 'welch');
  expect(latency.relative).toBeCloseTo(0.5, 1);
  expect(latency.low).toBeLessThan(latency.effect!);
  expect(latency.high! - latency.effect!).toBeCloseTo(latency.effect! - latency.low!, 6);
  expect(rowOf(reply, 'latency_ms', 'kolmogorov_smirnov').shape?.psi).toBeGreaterThan(0.25);
  expect(rowOf(reply, 'score:thumb', 'two_proportion_z').effect).toBeCloseTo(-0.3, 1);
  expect(rowOf(reply, 'score:quality', 'mann_whitney').effect).toBeLessThan(-0.2);
  expect(rowOf(reply, 'finish_reason', 'chi_square')).toMatchObject({
    control: { text: 'stop' },
    candidate: { text: 'stop' },
  });
  // Strongest first; what is the same in every call is not a test.
  const strengths = reply.rows.flatMap(({ differs, strength }) => (differs ? [Math.abs(strength!)] : []));
  expect(reply.rows.slice(0, strengths.length).every(({ differs }) => differs)).toBe(true);
  expect(strengths).toEqual([...strengths].sort((one, other) => other - one));
  expect(rowOf(reply, 'input_tokens', 'welch')).toMatchObject({ p: null, p_adjusted: null });
  for (const { p, p_adjusted } of reply.rows) if (p !== null) expect(p_adjusted).toBeGreaterThanOrEqual(p);
});

test('days that are alike: nothing stands out', async () => {
  const reply = await tests(`${day.second}&${day.first}&where=variant:a`);
  expect(found(reply)).toEqual([]);
});

test('windows that overlap are adjusted for dependence, and it is said how much they share', async () => {
  const reply = await tests(
    'from=2026-11-19T12:00Z&to=2026-11-21T00:00Z&control_from=2026-11-19T00:00Z&control_to=2026-11-20T12:00Z',
  );
  expect(reply).toMatchObject({ adjustment: 'by', shared_calls: 1500 });
  expect(reply.notes[0]).toMatch(/^1,500 calls are in both/);
  const p = reply.rows.flatMap(row => (row.p === null ? [] : [row.p]));
  const harmonic = p.reduce((sum, _, at) => sum + 1 / (at + 1), 0);
  const least = Math.min(...p);
  const smallest = reply.rows.find(row => row.p === least)!;
  expect(smallest.p_adjusted).toBeLessThanOrEqual(least * p.length * harmonic * 1.0001);
});

test('a small sample says so, and one too small is not tested', async () => {
  const reply = await tests(
    'from=2026-11-19T00:00Z&to=2026-11-21T00:00Z&candidate=feature:rare&control=feature:support',
  );
  expect(rowOf(reply, 'latency_ms', 'welch').note).toMatch(/^Only \d in B: a small sample says little\.$/);
  expect(rowOf(reply, 'score:thumb', 'two_proportion_z')).toMatchObject({
    p: null,
    note: 'Only 4 in B: too few to test.',
  });
  expect(rowOf(reply, 'latency_ms', 'kolmogorov_smirnov').shape).toBeNull();
});

test('a window that a late sender still fills is provisional', async () => {
  const late = ingestSourceRow({
    at: '2026-11-20T23:59:00Z',
    delay_ms_sum: 10 * 1_800_000,
    delay_ms_max: 1_900_000,
  });
  const earlier = Array.from({ length: 40 }, (_, at) =>
    ingestSourceRow({ at: new Date(nowMs - (at + 2) * 60_000).toISOString() }),
  );
  await engine.clickhouse.insert('ingest_sources', [...earlier, late]);
  const service = 'where=service:app';
  const reply = await tests(`${day.second}&${day.first}&${service}`);
  expect([reply.control.complete, reply.candidate.complete]).toEqual([true, false]);
  expect(reply.notes.find(note => note.startsWith('Provisional'))).toContain('2026-11-20 23:2');
  const { body } = await api.ask(
    'GET',
    `/api/v1/measures?measures=calls&interval=hour&${day.second}&${service}`,
  );
  expect((body.meta as { complete_until: string }).complete_until).toMatch(/^2026-11-20T23:2/);
  const quality = await api.ask('GET', `/api/v1/quality?interval=hour&${day.second}&${service}`);
  expect(quality.body.complete_until).toMatch(/^2026-11-20T23:2/);
  const marks = await api.ask('GET', '/api/v1/watermarks?where=environment:production');
  expect(marks.body).toMatchObject({ sources: [{ service: 'app', state: 'behind', holds: true }] });
});

test('the same calls cannot be compared with themselves', async () => {
  const { status, body } = await api.ask('GET', `/api/v1/compare/tests?${day.second}`);
  expect(status).toBe(400);
  expect(body.detail).toContain('the same calls');
});
