import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Acceptance,
  acceptNormal,
  driftBudget,
  getDriftSettings,
  listAcceptances,
  listDriftSeries,
  listNewValues,
  putCustomMeasures,
  putDriftSettings,
} from '#contract/drift.ts';
import type { Endpoint, ReplyOf } from '#contract/endpoint.ts';
import { putAlertVerdict } from '#store/state/alert-verdicts.ts';
import { listIncidents } from '#store/state/incidents.ts';
import { startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { callRow, scoreRow, spanRow } from '../../test/support/rows.ts';
import { seeded } from '../../test/support/seeded.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A Wednesday. */
const nowMs = Date.parse('2026-11-18T12:05:00Z');
const changeMs = nowMs - 12 * hourMs - 5 * 60_000;
const daysOfHistory = 17;

let engine: TestEngine;
let api: TestApi;

/** Four calls a quarter of an hour, all judged; the last half day the answers are worse and find fewer documents. */
beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine, { now: () => nowMs });
  const random = seeded(11);
  const rows = { calls: [] as object[], scores: [] as object[], spans: [] as object[] };
  const firstMs = Math.floor((nowMs - daysOfHistory * dayMs) / dayMs) * dayMs;
  for (let ms = firstMs, n = 0; ms < nowMs; ms += 225_000, n++) {
    const at = new Date(ms).toISOString();
    const ids = { span_id: n.toString(16).padStart(16, '0'), trace_id: n.toString(16).padStart(32, '0') };
    const isWorse = ms >= changeMs;
    const finish_reason = ms >= changeMs && n % 40 === 0 ? 'length' : 'stop';
    const spread = random.between(-0.1, 0.1);
    rows.calls.push(callRow({ at, ...ids, finish_reason, output_tokens: 100 + random.integer(60) }));
    rows.scores.push(scoreRow({ at, score_id: `s${n}`, ...ids, value: (isWorse ? 0.7 : 0.9) + spread / 2 }));
    const docs = (isWorse ? 4 : 8) + random.integer(3);
    rows.spans.push(spanRow({ at, ...ids, attributes: { 'app.docs': String(docs), 'app.name': 'x' } }));
  }
  for (const [table, list] of Object.entries(rows)) await engine.clickhouse.insert(table, list);
});
afterAll(async () => {
  await api?.stop();
  await engine.stop();
});

const docs = { name: 'docs', attribute: 'app.docs', bad: 'down', smallest_shift: 0.5, unit: 'docs' };

/** The endpoint's answer, checked against its contract. */
async function ask<E extends Endpoint>(endpoint: E, request: object = {}): Promise<ReplyOf<E>> {
  const isGet = endpoint.method === 'GET';
  const query = new URLSearchParams(Object.entries(request).map(([name, value]) => [name, String(value)]));
  const { status, body } = await api.ask(
    endpoint.method,
    isGet && query.size > 0 ? `${endpoint.path}?${query}` : endpoint.path,
    isGet ? undefined : request,
  );
  expect(status, JSON.stringify(body)).toBe(200);
  return endpoint.reply.parse(body) as ReplyOf<E>;
}

test('the budget is a setting, and the threshold follows from it and from the series there are', async () => {
  expect(await ask(getDriftSettings)).toEqual({ false_alarms_per_week: 1, series_at_least: 1 });
  await ask(putDriftSettings, { false_alarms_per_week: 0.5 });
  const refused = await api.ask('PUT', putDriftSettings.path, { false_alarms_per_week: 0 });
  expect(refused.status).toBe(400);
  await ask(putCustomMeasures, { measures: [docs] });
  expect((await api.ask('PUT', putCustomMeasures.path, { measures: [docs, docs] })).status).toBe(400);

  await api.api.checkAlerts();
  const budget = await ask(driftBudget);
  expect(budget.settings).toEqual({ false_alarms_per_week: 0.5, series_at_least: 1 });
  expect(budget.series).toBeGreaterThan(5);
  // Half the 5 % quantile of chi-square with three degrees of freedom: so many a week stay within 0.5 in 19 weeks of 20.
  const kept = 0.351846 / 2;
  expect(budget.threshold).toBeCloseTo(Math.log((budget.series * 672) / kept), 4);
  expect(budget.from).toBe('2026-11-16T00:00:00.000Z');
  // Two and a half of seven days, by all series that have learned.
  const share = (budget.series - budget.learning) / budget.series;
  expect(budget.expected_false_alarms).toBeCloseTo(kept * (240 / 672) * share, 2);
  expect(budget).toMatchObject({ pages: 1, judged_noise: 0, left: 0.5 });
});

test('a page judged to be noise is taken off the budget', async () => {
  const [incident] = await listIncidents(api.state, { projectId: 'default', limit: 10 });
  await putAlertVerdict(api.state, {
    alert_id: incident!.incident_id,
    project_id: 'default',
    rule_id: `drift:${incident!.metric}`,
    verdict: 'noise',
    given_by: 'ada',
    given_at: new Date(nowMs).toISOString(),
    note: '',
  });
  expect(await ask(driftBudget)).toMatchObject({ pages: 1, judged_noise: 1, left: 0 });
});

test('every series says how soon a change of it would be seen', async () => {
  const { series } = await ask(listDriftSeries, { metric: 'score:answer_quality' });
  expect(series).toHaveLength(1);
  const [quality] = series;
  expect(quality).toMatchObject({ state: 'alerting', unit: 'points', learning: null });
  expect(quality!.normal).toBeCloseTo(0.9, 2);
  expect(quality!.power).toMatchObject({ shift: 0.05, shift_text: '5 points' });
  expect(quality!.power!.requests_per_hour).toBeCloseTo(16, 0);
  expect(quality!.power!.text).toMatch(
    /^At today's traffic a drop of 5 points is seen in about \d+ (min|h); below [\d.]+ values an hour you are blind to it\.$/,
  );
});

test('a number in an attribute is watched like any metric, and found to have fallen', async () => {
  const { series } = await ask(listDriftSeries);
  const custom = series.find(({ metric_label }) => metric_label === 'Docs');
  expect(custom).toMatchObject({ metric: 'custom:docs:linear:down:0.5:docs', state: 'alerting' });
  expect(custom!.normal).toBeCloseTo(9, 1);
  const [incident] = await listIncidents(api.state, { projectId: 'default', limit: 10 });
  expect(incident!.evidence).toContain('custom:docs:linear:down:0.5:docs');
});

test('a finish reason never seen before is an event at its third occurrence', async () => {
  const { values } = await ask(listNewValues);
  expect(values).toEqual([
    {
      feature: 'support',
      environment: 'production',
      kind: 'finish_reason',
      value: 'length',
      first_seen_at: expect.stringMatching(/^2026-11-18T0/),
      at: expect.stringMatching(/^2026-11-18T0/),
    },
  ]);
  expect(Date.parse(values[0]!.at) - Date.parse(values[0]!.first_seen_at)).toBe(2 * 40 * 225_000);
});

test('the level of today is accepted as normal from where the finding began', async () => {
  const asked = { feature: 'support', by: 'ada', note: 'new retriever' };
  const accepted = (await ask(acceptNormal, asked)) as Acceptance;
  expect(Math.abs(Date.parse(accepted.from) - changeMs)).toBeLessThanOrEqual(hourMs);
  expect((await ask(listAcceptances)).accepted).toEqual([accepted]);

  await api.api.checkAlerts();
  const [incident] = await listIncidents(api.state, { projectId: 'default', limit: 10 });
  expect(incident!.state).toBe('resolved');
  const { series } = await ask(listDriftSeries, { metric: 'score:answer_quality' });
  expect(series[0]).toMatchObject({ state: 'learning', accepted_from: accepted.from });
});
