import { afterAll, beforeAll, expect, test } from 'vitest';
import { beat, heartbeatStatus } from '#alerts/heartbeat.ts';
import { advanceGroups } from '#alerts/lifecycle/groups.ts';
import { createSender } from '#alerts/notify/outbox.ts';
import { createRuleChecker } from '#alerts/rules/live.ts';
import { writeKnownValues } from '#store/state/known-values.ts';
import { insertHistory } from '../../test/fixtures/call-history.ts';
import { quiet, startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { startHttpReceiver } from '../../test/support/http-receiver.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../test/support/webhook-receiver.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Some days ago, so that nothing of it looks as if it had just arrived. */
const badFromMs = Math.floor(Date.now() / 86_400_000 - 3) * 86_400_000 + 12 * hourMs;
const badToMs = badFromMs + 30 * minuteMs;

let engine: TestEngine;
let api: TestApi;
let receiver: WebhookReceiver;
let nowMs = badFromMs - hourMs;
beforeAll(async () => {
  engine = await startTestEngine();
  const errorRate = (at: number) => (at >= badFromMs && at < badToMs ? 0.6 : 0);
  await insertHistory(engine.clickhouse, {
    projectId: 'default',
    fromMs: badFromMs - 8 * hourMs,
    toMs: badToMs + 3 * hourMs,
    seed: 3,
    storedMsAgo: hourMs,
    series: [
      { feature: 'support-bot', model: 'm-1', rate: 40, quality: () => 0.9, errorRate },
      { feature: 'search', model: 'm-1', rate: 20, quality: () => 0.9, errorRate: () => 0 },
    ],
  });
  api = await startTestApi(engine, { now: () => nowMs });
  receiver = await startWebhookReceiver();
  const created = await api.ask('POST', '/api/v1/channels', { url: receiver.url, name: 'oncall' });
  receiver.secret = String(created.body.secret);
});
afterAll(async () => {
  await api.stop();
  await receiver.stop();
  await engine.stop();
});

const rule = {
  kind: 'threshold',
  name: 'errors',
  metric: 'error_rate',
  above: 20,
  resolve_at: 10,
  window_s: 900,
  for_s: 120,
  keep_firing_s: 120,
  min_requests: 10,
  group_by: ['feature'],
};
const told = () =>
  receiver.received.map(({ id, body, signed }) => ({
    id,
    signed,
    ...(JSON.parse(body) as { type: string }),
  }));

/** The parts of the alerts room that rules need, looked at every `stepMs` until a moment. */
async function until(ms: number, stepMs = minuteMs): Promise<void> {
  const { state } = api;
  const deps = {
    clickhouse: engine.clickhouse,
    state,
    projectId: 'default',
    clock: { now: () => nowMs },
    log: quiet,
  };
  const baseUrl = api.url;
  const checker = createRuleChecker(deps, { baseUrl, startedAtMs: 0 });
  const sender = createSender({ ...deps, random: () => 0.5, allowPrivateAddresses: true });
  while (nowMs < ms) {
    nowMs += stepMs;
    await checker.check();
    await state.transaction().execute(db => advanceGroups(db, { projectId: 'default', nowMs, baseUrl }));
    await sender.sendDue();
  }
  await sender.stop();
}

test('a rule says before it is saved what it would have done', async () => {
  nowMs = badToMs + 2 * hourMs;
  await api.api.checkAlerts();
  const { status, body } = await api.ask('POST', '/api/v1/rules/backtest', { rule, days: 1 });
  expect(status).toBe(200);
  expect(body).toMatchObject({ sentence: 'would have fired once in 1 day' });
  const [fired] = body.fired as { fired_at: string; resolved_at: string; labels: object }[];
  expect(fired!.labels).toEqual({ feature: 'support-bot' });
  expect(Date.parse(fired!.fired_at)).toBeGreaterThanOrEqual(badFromMs);
  expect(Date.parse(fired!.fired_at)).toBeLessThanOrEqual(badFromMs + 17 * minuteMs);
  expect(Date.parse(fired!.resolved_at)).toBeLessThanOrEqual(badToMs + 20 * minuteMs);
  const absent = { kind: 'absence', name: 'x', silent_s: 900, group_by: ['feature'] };
  const never = await api.ask('POST', '/api/v1/rules/backtest', { rule: absent, days: 1 });
  expect(never.body.sentence).toBe('would not have fired in 1 day');
});

test('live it fires, waits for its group, tells, and is resolved; a link changes nothing', async () => {
  nowMs = badFromMs - 4 * minuteMs;
  const saved = await api.ask('POST', '/api/v1/rules', rule);
  expect(saved.status).toBe(200);
  expect((await api.ask('POST', '/api/v1/rules', rule)).status).toBe(409);
  await until(badFromMs + 22 * minuteMs, 2 * minuteMs);
  expect(told()).toHaveLength(1);
  expect(told()[0]).toMatchObject({
    type: 'alert.firing',
    signed: true,
    data: { state: 'firing', feature: 'support-bot', rule: 'errors', severity: 'warning' },
  });
  const { body: list } = await api.ask('GET', '/api/v1/rule-alerts');
  const [alert] = list.alerts as { id: string; title: string; state: string }[];
  expect(alert).toMatchObject({ state: 'firing', acknowledged_by: null });
  expect(alert!.title).toMatch(/^Error rate of support-bot is \d+ %, above 20 %$/);

  // What a mail scanner does with every address it finds.
  const before = JSON.stringify(await api.state.selectFrom('rule_alerts').selectAll().execute());
  for (const path of ['', '/ack', '/snooze', '/verdict', '/notes', '/people'])
    for (const room of ['alerts', 'rule-alerts']) await api.fetch(`/api/v1/${room}/${alert!.id}${path}`);
  expect(JSON.stringify(await api.state.selectFrom('rule_alerts').selectAll().execute())).toBe(before);

  const taken = await api.ask('POST', `/api/v1/rule-alerts/${alert!.id}/ack`, { by: 'Ana' });
  expect(taken.body).toMatchObject({ acknowledged_by: 'Ana' });
  await until(badToMs + 40 * minuteMs, 5 * minuteMs);
  expect(told().map(({ type }) => type)).toEqual(['alert.firing', 'alert.acknowledged', 'alert.resolved']);
  expect(new Set(told().map(({ id }) => id)).size).toBe(3);
  await api.ask('POST', `/api/v1/alerts/${alert!.id}/verdict`, { verdict: 'real', by: 'Ana' });
  await api.ask('POST', `/api/v1/alerts/${alert!.id}/notes`, { text: 'provider outage', by: 'Ana' });
  const { body: detail } = await api.ask('GET', `/api/v1/rule-alerts/${alert!.id}`);
  // What the rule looked at: below the line before, beyond it while it fired.
  const { points, ...line } = detail.chart as { points: { time: string; value: number | null }[] };
  expect(line).toMatchObject({
    label: 'Error rate',
    unit: '%',
    threshold: 20,
    resolve_at: 10,
    side: 'above',
  });
  expect(points[0]!.value).toBe(0);
  expect(Math.max(...points.map(({ value }) => value ?? 0))).toBeGreaterThan(50);
  const lines = (detail.timeline as { text: string }[]).map(({ text }) => text);
  // The title follows the value; the timeline keeps what was said.
  expect(lines[0]).toMatch(/^Fired: Error rate of support-bot is \d+ %, above 20 %\.$/);
  expect(lines[1]).toBe('Acknowledged by Ana.');
  expect(lines).toContain('Resolved.');
  expect(lines).toEqual(expect.arrayContaining(['Ana says: real.', 'Ana: provider outage']));
  const { body: rules } = await api.ask('GET', '/api/v1/rules');
  const mine = (rules.rules as { name: string; record: object }[]).find(({ name }) => name === 'errors');
  expect(mine).toMatchObject({
    record: { fires_60d: 1, firing: 0, real: 1, precision: 1 },
    power: {
      text: expect.stringContaining('below 40 calls an hour it is blind'),
      blind: expect.any(Boolean),
    },
  });
});

test('what is silenced is shown and tells nobody; the silence is listed and can be ended', async () => {
  nowMs = badFromMs - 4 * minuteMs;
  receiver.received.length = 0;
  await api.ask('POST', '/api/v1/rules', { ...rule, name: 'errors-again', group_by: [] });
  const silence = await api.ask('POST', '/api/v1/silences', {
    match: [{ label: 'rule', op: 'like', value: 'errors*' }],
    to: new Date(badFromMs + 20 * minuteMs).toISOString(),
    comment: 'migration',
    by: 'Ana',
  });
  expect(silence.status).toBe(200);
  await until(badFromMs + 18 * minuteMs, 2 * minuteMs);
  expect(told()).toEqual([]);
  const { body } = await api.ask('GET', '/api/v1/rule-alerts?state=firing');
  expect((body.alerts as { muted_by: string }[]).map(({ muted_by }) => muted_by)).toContain('migration');
  const listed = await api.ask('GET', '/api/v1/silences?state=active');
  expect(listed.body.silences).toMatchObject([{ comment: 'migration', created_by: 'Ana', mutes: 2 }]);
  // The silence is over and it still fires: now they are told.
  await until(badFromMs + 28 * minuteMs, 2 * minuteMs);
  expect(told().map(({ type }) => type)).toContain('alert.firing');
  const again = await api.ask('GET', '/api/v1/rule-alerts');
  const listedAgain = again.body.alerts as { id: string; rule: string }[];
  const id = listedAgain.find(one => one.rule === 'errors-again')!.id;
  const { body: detail } = await api.ask('GET', `/api/v1/rule-alerts/${id}`);
  const lines = (detail.timeline as { text: string }[]).map(({ text }) => text);
  expect(lines.filter(text => text.includes('migration'))).toEqual([
    'From now on nobody is told: "migration".',
    'People are told again: "migration" is over.',
  ]);
});

test('what a feature had never shown stands among the events and on every chart', async () => {
  const first_at = new Date(badFromMs).toISOString();
  const of = {
    project_id: 'default',
    feature: 'search',
    environment: 'production',
    first_at,
    third_at: first_at,
  };
  await writeKnownValues(api.state, [
    { ...of, kind: 'tool', value: 'delete_account', is_news: 1 },
    { ...of, kind: 'tool', value: 'look_up', is_news: 0 },
    { ...of, kind: 'finish_reason', value: 'length', third_at: null, is_news: 1 },
  ]);
  const day = new URLSearchParams({
    from: new Date(badFromMs - hourMs).toISOString(),
    to: new Date(badToMs).toISOString(),
  });
  const listed = await api.ask('GET', `/api/v1/drift/new-values?${day}`);
  expect(listed.body.values).toMatchObject([
    { kind: 'tool', value: 'delete_account', first_seen_at: first_at },
  ]);
  const tools = async (where: string) => {
    const { body } = await api.ask('GET', `/api/v1/markers?${day}${where}`);
    return (body.markers as { kind: string }[]).filter(({ kind }) => kind === 'tool');
  };
  expect(await tools('')).toEqual([
    { at: first_at, kind: 'tool', label: 'delete_account', feature: 'search' },
  ]);
  expect(await tools('&where=feature:search')).toHaveLength(1);
  expect(await tools('&where=feature:support-bot')).toEqual([]);
  expect(await tools('&where=tenant:acme')).toEqual([]);
});

test('rules and routes as a file: shown, applied, exported, and taken away again', async () => {
  const yaml = `version: 1
rules:
  - { name: slow, kind: threshold, metric: latency_p95, above: 9000, window: 1h }
routing:
  routes: [{ name: night, match: [{ label: severity, value: warning }], channels: [oncall], repeat: 8h }]
`;
  const dry = await api.ask('POST', '/api/v1/rules/apply', { yaml, dry_run: true });
  expect(dry.body).toMatchObject({
    applied: false,
    changes: [{ name: 'slow', action: 'add' }, { what: 'routing' }],
  });
  const names = async () =>
    ((await api.ask('GET', '/api/v1/rules')).body.rules as { name: string; source: string }[])
      .filter(({ source }) => source === 'file')
      .map(({ name }) => name);
  expect(await names()).toEqual([]);
  await api.ask('POST', '/api/v1/rules/apply', { yaml });
  expect(await names()).toEqual(['slow']);
  expect((await api.ask('POST', '/api/v1/rules/apply', { yaml })).body).toMatchObject({
    changes: [],
    unchanged: 2,
  });
  const exported = await (await api.fetch('/api/v1/rules/driftline.yaml')).text();
  expect(exported).toContain('name: slow');
  expect(exported).toContain('repeat: 8h');
  const again = await api.ask('POST', '/api/v1/rules/apply', { yaml: exported, dry_run: true });
  // Those made in the dashboard would be taken over by the file.
  expect(
    (again.body.changes as { diff: string[] }[]).flatMap(({ diff }) =>
      diff.filter(line => !line.startsWith(' ')),
    ),
  ).toEqual([]);
  const removed = await api.ask('POST', '/api/v1/rules/apply', { yaml: 'version: 1' });
  expect(removed.body.changes).toMatchObject([{ name: 'slow', action: 'remove' }]);
  const wrong = await api.ask('POST', '/api/v1/rules/apply', {
    yaml: 'version: 1\nrules: [{ name: a, kind: absence, silent: 20m }]',
  });
  expect(wrong).toMatchObject({ status: 400, body: { detail: expect.stringContaining('rules.a.silent') } });
});

test('a route to a channel there is not is refused; routes follow a channel that is renamed, and keep it', async () => {
  const nowhere = await api.ask('PUT', '/api/v1/routes', { routes: [{ name: 'x', channels: ['nobody'] }] });
  expect(nowhere).toMatchObject({
    status: 400,
    body: { detail: 'route x: there is no channel "nobody"; there are "oncall".' },
  });
  const yaml = `version: 1
routing:
  routes:
    - name: night
      channels: [oncall]
      escalation: [{ after: 20m, channels: [boss] }]
`;
  for (const dry_run of [true, false])
    expect(await api.ask('POST', '/api/v1/rules/apply', { yaml, dry_run })).toMatchObject({
      status: 400,
      body: { detail: 'line 6, route night: there is no channel "boss"; there are "oncall"' },
    });

  const right = yaml.replace('boss', 'oncall');
  expect((await api.ask('POST', '/api/v1/rules/apply', { yaml: right })).status).toBe(200);
  const channels = async () =>
    (await api.ask('GET', '/api/v1/channels')).body.channels as {
      id: string;
      name: string;
      routes: string[];
    }[];
  const [known] = await channels();
  expect(known).toMatchObject({ name: 'oncall', routes: ['night'] });
  const path = `/api/v1/channels/${known!.id}`;
  const renamed = { name: 'first-line', enabled: true, settings: { url: receiver.url } };
  expect((await api.ask('PUT', path, renamed)).body).toMatchObject({ name: 'first-line', routes: ['night'] });
  expect((await api.ask('GET', '/api/v1/routes')).body.routes).toMatchObject([
    { channels: ['first-line'], escalation: [{ channels: ['first-line'] }] },
  ]);
  expect(await api.ask('DELETE', path)).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('Route night sends to "first-line"') },
  });
  await api.ask('PUT', path, { ...renamed, name: 'oncall' });
  await api.ask('PUT', '/api/v1/routes', { routes: [] });
});

test('the heartbeat is sent only while evaluation and outbox are well', async () => {
  const monitor = await startHttpReceiver(() => ({ status: 200 }));
  try {
    await api.ask('PUT', '/api/v1/routes', { heartbeat: { url: monitor.url } });
    const deps = { state: api.state, clock: { now: () => nowMs }, log: quiet, allowPrivateAddresses: true };
    const { signal } = new AbortController();
    expect(await beat(deps, { checkedMs: nowMs, rulesMs: nowMs }, signal)).toBe(true);
    expect(monitor.received.map(({ method }) => method)).toEqual(['GET']);
    expect(await beat(deps, { checkedMs: nowMs, rulesMs: nowMs - 10 * minuteMs }, signal)).toBe(false);
    expect((await heartbeatStatus(api.state)).unhealthy).toEqual([
      'rules have not been evaluated for 3 minutes',
    ]);
    const stuck = { event_id: 'e', incident_id: 'i', channel_id: 'c', event: 'firing', payload: '{}' };
    const created_at = new Date(nowMs - 10 * minuteMs).toISOString();
    await api.state
      .insertInto('outbox')
      .values({ ...stuck, created_at, attempts: 0, next_attempt_at: created_at })
      .execute();
    expect(await beat(deps, { checkedMs: nowMs, rulesMs: nowMs }, signal)).toBe(false);
    expect((await heartbeatStatus(api.state)).unhealthy).toEqual(['1 messages are due and not being sent']);
    expect(monitor.received).toHaveLength(1);
  } finally {
    await monitor.stop();
  }
});
