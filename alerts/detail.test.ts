import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { alertDetail as alertDetailShape, listAlerts as listAlertsEndpoint } from '#contract/alert.ts';
import { readSegmentLatencies } from '#store/queries/segment-latencies.ts';
import { addChannel } from '#store/state/channels.ts';
import { writeIncidentEvidence } from '#store/state/incident-evidence.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { insertHistory } from '../test/fixtures/call-history.ts';
import { quietLog, startTestEngine, type TestEngine } from '../test/support/engine.ts';
import { setChangeMarker } from './change-markers.ts';
import { newSecret } from './channels/standard-webhooks.ts';
import type { AlertsDeps } from './deps.ts';
import { acknowledge, alertDetail, incidentEvidence, listAlerts, snooze } from './detail.ts';
import { keptEvidence } from './explain.ts';
import { aboutIncident } from './notify/about-incident.ts';
import { startAlerts } from './schedule.ts';
import { p95Of } from './where/segment-p95.ts';
import { verifyEvidence } from './where/verify.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const nowMs = Math.floor((Date.now() / dayMs - 0.5) / 7) * 7 * dayMs + 12 * hourMs;
const changeMs = nowMs - 3 * dayMs;

let engine: TestEngine;
let folder: string;
let state: StateDb;
let deps: AlertsDeps;

/** Quality of support-bot falls with prompt v14; search-rag becomes slow; answers of summariser get shorter. */
beforeAll(async () => {
  engine = await startTestEngine();
  folder = await mkdtemp(join(tmpdir(), 'driftline-detail-'));
  state = await openState({ dataDir: folder });
  deps = { clickhouse: engine.clickhouse, state, projectId: 'p', clock: { now: () => nowMs }, log: quietLog };
  const since = (at: number) => at >= changeMs;
  await insertHistory(engine.clickhouse, {
    projectId: 'p',
    fromMs: nowMs - 42 * dayMs,
    toMs: nowMs,
    seed: 11,
    series: [
      {
        feature: 'support-bot',
        model: 'gpt-5-mini',
        rate: 5,
        quality: at => (since(at) ? 0.75 : 0.9),
        promptVersion: at => (since(at) ? 'v14' : 'v13'),
      },
      {
        feature: 'search-rag',
        model: 'gpt-5',
        rate: 4,
        quality: () => 0.9,
        latencyMs: at => (since(at) ? 1700 : 1200),
      },
      {
        feature: 'summariser',
        model: 'gpt-5',
        rate: 4,
        quality: () => 0.9,
        outputTokens: at => (since(at) ? 90 : 150),
      },
    ],
  });
  // Where requests are served and which tools they use lies beside the calls.
  await insertSql(`INSERT INTO spans (project_id, start_time, trace_id, span_id, attributes, version)
    SELECT project_id, start_time, trace_id, span_id, map('driftline.region', if(cityHash64(trace_id) % 3 = 0, 'eu', 'us')), 1
    FROM calls WHERE feature = 'search-rag'`);
  await insertSql(`INSERT INTO tool_calls (project_id, start_time, trace_id, span_id, name, feature, environment, version)
    SELECT project_id, start_time, trace_id, span_id, if(start_time >= fromUnixTimestamp64Milli(${changeMs}), 'refund', 'search'),
      feature, environment, 1
    FROM calls WHERE feature = 'support-bot' AND cityHash64(trace_id) % 4 = 0`);
  const configured = new Date(changeMs - 10 * 60_000).toISOString();
  await setChangeMarker(deps, { kind: 'config', title: 'temperature 0.2 to 0.9', at: configured, by: 'ci' });
  await addChannel(state, {
    channel_id: 'ch_1',
    kind: 'webhook',
    settings: JSON.stringify({ url: 'http://127.0.0.1:1/secret-path' }),
    secret: newSecret(),
    enabled: 1,
    created_at: new Date(nowMs).toISOString(),
  });
  const options = { baseUrl: 'http://127.0.0.1:8080', allowPrivateAddresses: true };
  const alerts = startAlerts({ ...deps, timers: false, options });
  await alerts.runOnce();
  await alerts.stop();
});
afterAll(async () => {
  await state.destroy();
  await engine.stop();
  await rm(folder, { recursive: true, force: true });
});

async function insertSql(sql: string): Promise<void> {
  const address = new URL(engine.url);
  address.searchParams.set('database', 'driftline');
  const headers = { 'X-ClickHouse-User': engine.user, 'X-ClickHouse-Key': engine.password };
  const response = await fetch(address, { method: 'POST', headers, body: sql });
  expect(response.ok, await response.text()).toBe(true);
}

const list = () => listAlerts(deps, { state: 'any', limit: 100 });
async function detailOf(feature: string) {
  const { alerts } = await list();
  const detail = await alertDetail(deps, alerts.find(alert => alert.feature === feature)!.id);
  return alertDetailShape.parse(detail);
}

test('the list fits the contract and says how much is watched', async () => {
  const reply = listAlertsEndpoint.reply.parse(await list());
  expect(reply.watching.series).toBeGreaterThan(15);
  expect(Date.parse(reply.watching.evaluated_until!)).toBeLessThanOrEqual(nowMs);
  const firing = await listAlerts(deps, { state: 'firing', limit: 100 });
  expect(firing.alerts.map(({ feature }) => feature).sort()).toEqual([
    'search-rag',
    'summariser',
    'support-bot',
  ]);
  const [first] = reply.alerts;
  expect(first!.state).toBe('firing');
});

test('the detail of a drop in quality says how much, since when, and what changed with it', async () => {
  const detail = await detailOf('support-bot');
  expect(detail).toMatchObject({
    metric: 'score:answer_quality',
    metric_label: 'Answer quality',
    unit: 'points',
    direction: 'down',
  });
  expect(detail.before).toBeCloseTo(0.9, 1);
  expect(detail.after).toBeCloseTo(0.75, 1);
  expect(detail.shift.low).toBeLessThan(-0.12);
  expect(detail.shift.high).toBeGreaterThan(-0.18);
  expect(detail.shift.high).toBeLessThan(0);
  expect(detail.calls).toBeGreaterThan(500);
  expect(detail.certainty).toMatch(/sure|certain/);
  expect(detail.changes[0]).toMatchObject({ kind: 'prompt', value: 'answer v14' });
  expect(Math.abs(detail.changes[0]!.minutes_from_change)).toBeLessThan(6 * 60);
  expect(detail.changes[0]!.share).toBeCloseTo(1, 1);
  expect(detail.changes).toContainEqual(
    expect.objectContaining({ kind: 'marker', value: 'temperature 0.2 to 0.9', by: 'ci', share: null }),
  );
  const tool = detail.changes.find(({ kind }) => kind === 'tool');
  expect(tool).toMatchObject({ value: 'refund' });
  expect(tool!.share).toBeCloseTo(0.25, 1);
  expect(detail.changes[0]!.explained).toBeGreaterThan(0.9);
  const { verdict, causes, split } = detail.explanation!;
  expect(verdict).toBe('regression');
  expect(split!.mix + split!.within).toBeCloseTo(split!.shift, 9);
  expect(causes).toHaveLength(1);
  expect(causes[0]).toMatchObject({
    conditions: [{ dimension: 'prompt', value: 'answer v14' }],
    is_new: true,
    before: null,
  });
  expect(causes[0]!.after).toBeCloseTo(0.75, 1);
  expect(causes[0]!.explained).toBeGreaterThan(0.9);
});

test('the change is dated with an interval that holds it, in the list as well', async () => {
  const { changed_at, changed_between: between } = await detailOf('support-bot');
  expect(Date.parse(between!.from)).toBeLessThanOrEqual(changeMs);
  expect(Date.parse(between!.to)).toBeGreaterThanOrEqual(changeMs);
  expect(between!.from <= changed_at && changed_at < between!.to).toBe(true);
  expect(Date.parse(between!.to) - Date.parse(between!.from)).toBeLessThan(dayMs);
  const { alerts } = await list();
  expect(alerts.find(({ feature }) => feature === 'support-bot')!.changed_between).toEqual(between);
});

test('examples are bad calls since beside ordinary ones from before, with what was answered', async () => {
  const { pairs } = await detailOf('support-bot');
  expect(pairs).toHaveLength(5);
  for (const { after, before } of pairs) {
    expect(after.value).toBeLessThan(0.7);
    expect(after).toMatchObject({
      answer: 'I cannot help with that.',
      prompt: 'answer v14',
      input_tokens: 900,
    });
    expect(before!.value).toBeCloseTo(0.9, 1);
    expect(before).toMatchObject({ answer: 'Your refund is on its way.', prompt: 'answer v13' });
  }
  const { alerts } = await list();
  const { id } = alerts.find(({ feature }) => feature === 'support-bot')!;
  const withoutTexts = await alertDetail(deps, id, { texts: false });
  expect(withoutTexts!.pairs.map(({ after }) => after.answer)).toEqual(Array(5).fill(null));
});

test('the evidence is kept, and computing it again gives the same numbers until the data change', async () => {
  const { id } = await detailOf('support-bot');
  const kept = await keptEvidence(deps, id);
  const again = await verifyEvidence(deps, kept!);
  expect(again).toMatchObject({ incident_id: id, reproduced: true, data: 'same', differences: [] });
  const { changed_at, changed_between } = await detailOf('support-bot');
  expect(again.changed).toEqual({ at: changed_at, ...changed_between });
  expect(again.numbers).toBeGreaterThan(20);
  const { before, after, low, dating, changedAtMs } = kept!.finding;
  const { earliestMs, latestMs } = dating!;
  expect(kept!.statistics.dated).toEqual({ startMs: changedAtMs, earliestMs, latestMs });
  expect(kept!.statistics.estimate).toMatchObject({ before, after, low });
  const forged = structuredClone(kept!);
  forged.statistics.where!.causes[0]!.z += 1e-12;
  forged.statistics.estimate!.after = 0.8;
  forged.statistics.dated!.earliestMs -= 900_000;
  const found = await verifyEvidence(deps, forged);
  expect(found.reproduced).toBe(false);
  expect(found.differences.join('\n')).toMatch(/kept data: estimate\.after.*\n.*where\.causes\.0\.z/);
  expect(found.differences.join('\n')).toContain('kept data: dated.earliestMs');
});

test('evidence of half the calls is made anew once the others are in, and once for all who ask', async () => {
  const { id } = await detailOf('support-bot');
  const whole = (await keptEvidence(deps, id))!;
  let readings = 0;
  const { query } = engine.clickhouse;
  const counted: typeof query = (sql, ...given) => {
    if (sql.includes('AS cell')) readings += 1;
    return query(sql, ...given);
  };
  const watched = { ...deps, clickhouse: { ...engine.clickhouse, query: counted } };
  const partly = structuredClone(whole);
  partly.finding.requests = Math.floor(whole.finding.requests / 2);
  partly.statistics.where!.causes = [];
  const keep = (evidence: string) =>
    writeIncidentEvidence(state, { incident_id: id, made_at: new Date(nowMs).toISOString(), evidence });
  await keep(JSON.stringify(partly));
  const both = await Promise.all([alertDetail(watched, id), alertDetail(watched, id)]);
  expect(both.map(detail => detail!.explanation!.causes.length)).toEqual([1, 1]);
  expect(readings).toBe(1);
  // What an earlier version computed is made anew as well; what is whole is not.
  await keep(JSON.stringify({ ...whole, version: 1 }));
  expect((await incidentEvidence(watched, id))!.version).toBe(whole.version);
  await alertDetail(watched, id);
  expect(readings).toBe(2);
});

test('what the store is too busy to explain is said to be late, and comes with the next question', async () => {
  const { id } = await detailOf('support-bot');
  const { query } = engine.clickhouse;
  const tooSlow: typeof query = async (sql, ...given) => {
    if (sql.includes('AS cell')) throw new Error('Timeout exceeded');
    return query(sql, ...given);
  };
  await state.deleteFrom('incident_evidence').where('incident_id', '=', id).execute();
  const busy = await alertDetail({ ...deps, clickhouse: { ...engine.clickhouse, query: tooSlow } }, id);
  expect(busy).toMatchObject({ explanation: null, explanation_is_late: true });
  expect(busy!.pairs).toHaveLength(5);
  expect(await alertDetail(deps, id)).toMatchObject({
    explanation: { verdict: 'regression' },
    explanation_is_late: false,
  });
});

test('the chart runs by the hour around the change, with what was expected', async () => {
  const { series } = await detailOf('support-bot');
  expect(series.length).toBeGreaterThan(5.5 * 24);
  const before = series.filter(({ time, value }) => value !== null && Date.parse(time) < changeMs - dayMs);
  const after = series.filter(({ time, value }) => value !== null && Date.parse(time) > changeMs + dayMs);
  const mean = (values: (number | null)[]) =>
    values.reduce<number>((sum, value) => sum + value!, 0) / values.length;
  expect(mean(before.map(({ value }) => value))).toBeCloseTo(0.9, 1);
  expect(mean(after.map(({ value }) => value))).toBeCloseTo(0.75, 1);
  expect(mean(after.map(({ expected }) => expected))).toBeCloseTo(0.9, 1);
});

test('slowness is read as p95 in milliseconds', async () => {
  const detail = await detailOf('search-rag');
  expect(detail).toMatchObject({ state: 'firing', direction: 'up' });
  expect(detail.title + detail.timeline.map(({ text }) => text).join(' ')).toMatch(
    /Latency \(p95\) of search-rag rose [\d.]+ (ms|s): [\d.]+ s → [\d.]+ s/,
  );
  expect(detail.explanation!.causes).toEqual([]);
  expect(detail.explanation!.by_dimension).toContainEqual(expect.objectContaining({ dimension: 'region' }));
  const { query } = (await keptEvidence(deps, detail.id))!;
  const [all, eu] = await readSegmentLatencies(deps.clickhouse, query.calls, query.windows, [
    [{ dimension: 'operation', value: 'chat' }],
    [
      { dimension: 'region', value: 'eu' },
      { dimension: 'operation', value: 'chat' },
    ],
  ]);
  for (const segment of [all!, eu!]) {
    const { beforeMs, afterMs } = p95Of(segment);
    // Bins are 4 % wide.
    expect(afterMs! / beforeMs!).toBeGreaterThan(1.32);
    expect(afterMs! / beforeMs!).toBeLessThan(1.52);
  }
  const calls = ({ after }: typeof all & {}) => after.reduce((sum, [, n]) => sum + n, 0);
  expect(calls(eu!) / calls(all!)).toBeCloseTo(1 / 3, 1);
});

test('an incident says where it was sent and what came of it, without the secret part of the address', async () => {
  const { deliveries, timeline } = await detailOf('support-bot');
  expect(deliveries).toMatchObject([
    {
      channel: expect.stringMatching(/^webhook 127\.0\.0\.1:1$/i),
      event: 'firing',
      status: 'waiting',
      attempts: 1,
    },
  ]);
  expect(deliveries[0]!.error).toContain('ECONNREFUSED');
  expect(timeline[0]!.text).toMatch(
    /^Fired: Answer quality of support-bot fell \d+ points.*, since about .* UTC \(between .* and .*\)\.$/,
  );
});

test('acknowledging and snoozing are kept and stand in the timeline', async () => {
  const { id } = await detailOf('support-bot');
  expect(await acknowledge(deps, id, 'Ana')).toMatchObject({ id, acknowledged_by: 'Ana', state: 'firing' });
  expect(await snooze(deps, id, 2)).toMatchObject({
    snoozed_until: new Date(nowMs + 2 * hourMs).toISOString(),
  });
  const { timeline, acknowledged_by } = await detailOf('support-bot');
  expect(acknowledged_by).toBe('Ana');
  expect(timeline.map(({ text }) => text)).toContain('Acknowledged by Ana.');
  expect(await acknowledge(deps, 'inc_unknown', 'Ana')).toBeNull();
  expect(await alertDetail(deps, 'inc_unknown')).toBeNull();
});

test('messages about it carry a picture, the failing calls and the segment', async () => {
  const { id } = await detailOf('support-bot');
  const about = aboutIncident(deps);
  const png = await about.chartOf(id);
  expect(png?.subarray(1, 4).toString()).toBe('PNG');
  const where = await about.whereOf(id);
  expect(where!.segment).toMatch(/prompt answer v14.* explains \d+ %/);
  expect(where!.changes[0]).toMatch(/^prompt answer v14 at \d\d:\d\d UTC, .*, \d+ % of requests since$/);
  const cases = await about.casesOf(id);
  expect(cases.length).toBeGreaterThan(0);
  expect(cases.every(({ prompt, trace_id }) => prompt.includes('v14') && trace_id.length === 32)).toBe(true);
  // No text leaves: these are references.
  expect(Object.keys(cases[0]!).sort()).toEqual([
    'model',
    'prompt',
    'span_id',
    'start_time',
    'trace_id',
    'value',
  ]);
  expect(await about.chartOf('grp_none')).toBeNull();
  expect(await about.casesOf('grp_none')).toEqual([]);
});
