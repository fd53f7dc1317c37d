import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { addChannel } from '#store/state/channels.ts';
import { readDetectorStates } from '#store/state/detector-states.ts';
import { incidentEvents, listIncidents } from '#store/state/incidents.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { messagesOf } from '#store/state/outbox.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';
import { type CallSeries, insertHistory } from '../test/fixtures/call-history.ts';
import { quietLog, startTestEngine, type TestEngine } from '../test/support/engine.ts';
import {
  type Answers,
  startWebhookReceiver,
  type WebhookReceiver,
} from '../test/support/webhook-receiver.ts';
import { newSecret } from './channels/standard-webhooks.ts';
import { createChecker } from './check.ts';
import { jobs } from './commit.ts';
import type { AlertsDeps } from './deps.ts';
import { seriesKey } from './finding.ts';
import { newValues } from './new-values.ts';
import { createSender } from './notify/outbox.ts';
import { rollUp } from './roll-up.ts';
import { askBacktest } from './rules/ask-backtest.ts';
import { startAlerts } from './schedule.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** A Thursday noon in the last days, so that nothing has reached its time to live and the week always falls alike. */
const nowMs = Math.floor((Date.now() / dayMs - 0.5) / 7) * 7 * dayMs + 12 * hourMs;
const fromMs = nowMs - 56 * dayMs;
const changeMs = nowMs - 3 * dayMs;

/** As much traffic as it takes to be judged: generating and storing it is what a history costs. */
const steady: CallSeries[] = [
  { feature: 'search-rag', model: 'gpt-5-mini', rate: 2, quality: () => 0.88 },
  { feature: 'summariser', model: 'claude-haiku', rate: 1.5, quality: () => 0.9, latencyMs: () => 2500 },
  { feature: 'code-review', model: 'gpt-5', rate: 1, quality: () => 0.84, outputTokens: () => 400 },
  { feature: 'translate', model: 'gpt-5-mini', rate: 1.5, quality: () => 0.93 },
];
const supportBot = (drop: number): CallSeries[] => [
  {
    feature: 'support-bot',
    model: 'gpt-5-mini',
    rate: 5,
    quality: at => 0.9 - (at >= changeMs ? drop : 0),
    promptVersion: at => (at >= changeMs ? 'v14' : 'v13'),
  },
  { feature: 'support-bot', model: 'gpt-5', rate: 1, quality: () => 0.91 },
  { feature: 'support-bot', model: 'gpt-5-mini', environment: 'staging', rate: 0.3, quality: () => 0.9 },
];

let engine: TestEngine;
/** How far the smallest project is rolled up. */
let rolledUp: string | null = null;
const open: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  engine = await startTestEngine();
  const history = { fromMs, toMs: nowMs, seed: 7, storedMsAgo: hourMs };
  await insertHistory(engine.clickhouse, {
    projectId: 'planted',
    ...history,
    series: [...supportBot(0.09), ...steady],
  });
  // One series is enough where the way of an event matters and not what else is watched.
  const [first] = supportBot(0.09);
  await insertHistory(engine.clickhouse, { projectId: 'small', ...history, series: [first!] });
  await insertHistory(engine.clickhouse, {
    projectId: 'calm',
    ...history,
    series: [...supportBot(0), ...steady],
  });
  // Most tests are about what comes after, and need not do it each for themselves.
  const { state, deps } = await setUp('small');
  await rollUp(deps);
  rolledUp = await readProgress(state, jobs.rolledUp);
});
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});
afterAll(() => engine.stop());

const checkOptions = { falseAlarmsPerWeek: 1, baseUrl: 'http://127.0.0.1:8080' };

interface Setup {
  state: StateDb;
  clock: { now(): number; at: number };
  deps: AlertsDeps;
  alerts(): ReturnType<typeof startAlerts>;
}

async function setUp(projectId: string): Promise<Setup> {
  const folder = await mkdtemp(join(tmpdir(), 'driftline-check-'));
  const state = await openState({ dataDir: folder });
  open.push(async () => {
    await state.destroy();
    await rm(folder, { recursive: true, force: true });
  });
  if (projectId === 'small' && rolledUp !== null) await writeProgress(state, jobs.rolledUp, rolledUp);
  const clock = { at: nowMs, now: () => clock.at };
  const deps = { clickhouse: engine.clickhouse, state, projectId, clock, log: quietLog };
  const alerts = () => {
    const started = startAlerts({
      ...deps,
      timers: false,
      options: {
        baseUrl: 'http://127.0.0.1:8080',
        allowPrivateAddresses: true,
        random: () => 0.5,
      },
    });
    open.push(() => started.stop());
    return started;
  };
  return { state, clock, deps, alerts };
}

async function receiverFor(state: StateDb, answers: Answers = () => 204): Promise<WebhookReceiver> {
  const receiver = await startWebhookReceiver(answers);
  open.push(() => receiver.stop());
  receiver.secret = newSecret();
  await addChannel(state, {
    channel_id: 'ch_1',
    kind: 'webhook',
    settings: JSON.stringify({ url: receiver.url }),
    secret: receiver.secret,
    enabled: 1,
    created_at: new Date(nowMs).toISOString(),
  });
  return receiver;
}

const incidentsOf = (state: StateDb, projectId: string) => listIncidents(state, { projectId, limit: 100 });

describe('eight weeks of history with a planted drop in quality', () => {
  test('one firing incident names feature and metric, and is delivered once with a valid signature', async () => {
    const { state, deps, alerts } = await setUp('planted');
    const receiver = await receiverFor(state);
    const started = alerts();
    const beganMs = performance.now();
    await started.runOnce();
    console.info(
      `8 weeks of ${steady.length + 3} series evaluated in ${Math.round(performance.now() - beganMs)} ms`,
    );
    await started.runOnce();

    const incidents = await incidentsOf(state, 'planted');
    expect(incidents).toHaveLength(1);
    const [incident] = incidents;
    expect(incident).toMatchObject({
      state: 'firing',
      feature: 'support-bot',
      model: 'gpt-5-mini',
      environment: 'production',
      metric: 'score:answer_quality',
      direction: 'down',
    });
    expect(Math.abs(Date.parse(incident!.changed_at) - changeMs)).toBeLessThan(6 * hourMs);

    // A preview of the rule tells of the same page, in one answer or, where there are very many series, in several.
    const asked = { rule: { kind: 'drift' as const, filter: {} }, days: 20 };
    const preview = await askBacktest(deps, asked);
    expect(preview).toMatchObject({ sentence: 'would have fired once in 20 days', next: null });
    expect(preview.progress).toEqual({ done: preview.progress!.of, of: preview.progress!.of });
    expect(preview.fired[0]).toMatchObject({ labels: { feature: 'support-bot', metric: incident!.metric } });
    expect(Math.abs(Date.parse(preview.fired[0]!.fired_at) - Date.parse(incident!.opened_at))).toBeLessThan(
      2 * hourMs,
    );
    const parts = [await askBacktest(deps, { ...asked, within_ms: 1 })];
    while (parts.at(-1)!.next !== null) {
      parts.push(await askBacktest(deps, { ...asked, within_ms: 1, after: parts.at(-1)!.next! }));
    }
    expect(parts.length).toBeGreaterThan(1);
    expect(parts[0]!.progress!.done).toBeLessThan(preview.progress!.of);
    expect(parts.at(-1)!.progress).toEqual(preview.progress);
    expect(parts.flatMap(({ fired }) => fired)).toEqual(preview.fired);

    expect(receiver.received).toHaveLength(1);
    const [event] = receiver.received;
    expect(event!.signed).toBe(true);
    expect(event!.body.length).toBeLessThan(20_000);
    const body = JSON.parse(event!.body);
    expect(body).toMatchObject({
      type: 'incident.firing',
      data: {
        id: incident!.incident_id,
        feature: 'support-bot',
        metric: 'score:answer_quality',
        direction: 'down',
        unit: 'points',
        url: `http://127.0.0.1:8080/a/${incident!.incident_id}`,
      },
    });
    expect(body.data.title).toMatch(/^Answer quality of support-bot fell (8|9|10) points: 0\.\d+ → 0\.\d+$/);
    expect(event!.id).toBe((await incidentEvents(state, incident!.incident_id))[0]!.event_id);

    // What came new with it is noted, and costs no page of its own.
    const noted = await newValues(deps, { from: new Date(changeMs - hourMs).toISOString(), limit: 10 });
    expect(noted).toMatchObject([
      {
        feature: 'support-bot',
        environment: 'production',
        kind: 'prompt',
        value: expect.stringContaining('v14'),
      },
    ]);
    expect(Date.parse(noted[0]!.at)).toBeGreaterThanOrEqual(Date.parse(noted[0]!.first_seen_at));
  });

  test('a receiver that fails twice and hangs once gets one event, with the same id each time', async () => {
    const { state, clock, deps, alerts } = await setUp('small');
    const receiver = await receiverFor(state, n => [500, 302, 'hang' as const, 200][n] ?? 200);
    await alerts().runOnce();
    const sender = (timeoutMs: number) =>
      createSender({ ...deps, random: () => 0.5, allowPrivateAddresses: true, timeoutMs });
    for (const waitMs of [5000, 30_000, 300_000, 1_800_000]) {
      clock.at += waitMs;
      // The third is the one without an answer.
      await sender(waitMs === 30_000 ? 1_000 : 60_000).sendDue();
    }
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
    expect(receiver.received).toHaveLength(4);
    const [incident] = await incidentsOf(state, 'small');
    expect(await messagesOf(state, incident!.incident_id)).toMatchObject([{ attempts: 4, event: 'firing' }]);
  });

  test('a process that ends between the check and the sending leaves nothing unsaid', async () => {
    const { state, deps, alerts } = await setUp('small');
    const receiver = await receiverFor(state);
    await rollUp(deps);
    await createChecker(deps, checkOptions).check(true);
    expect(receiver.received).toHaveLength(0);
    await alerts().runOnce();
    await alerts().runOnce();
    expect(receiver.received).toHaveLength(1);
    expect(await incidentsOf(state, 'small')).toHaveLength(1);
  });

  test('two processes that check at once open one incident and send one event', async () => {
    const { state, alerts } = await setUp('small');
    const receiver = await receiverFor(state);
    const outcomes = await Promise.allSettled([alerts().runOnce(), alerts().runOnce()]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1);
    await alerts().runOnce();
    expect(await incidentsOf(state, 'small')).toHaveLength(1);
    expect(receiver.received).toHaveLength(1);
  });

  test('evaluated day by day, with a restart each day, it comes to the same as in one go', async () => {
    const whole = await setUp('small');
    await rollUp(whole.deps);
    await createChecker(whole.deps, checkOptions).check(true);
    const stepwise = await setUp('small');
    for (let at = fromMs + dayMs; at <= nowMs; at += dayMs) {
      stepwise.clock.at = at;
      await createChecker(stepwise.deps, checkOptions).check(true);
    }
    const stories = [whole.state, stepwise.state].map(async state => {
      const incidents = await incidentsOf(state, 'small');
      const events = await Promise.all(
        incidents.map(({ incident_id }) => incidentEvents(state, incident_id)),
      );
      const states = await readDetectorStates(state, 'small');
      return {
        incidents,
        events,
        states: states.sort((one, other) => (seriesKey(one) < seriesKey(other) ? -1 : 1)),
      };
    });
    const [inOneGo, dayByDay] = await Promise.all(stories);
    expect(dayByDay).toEqual(inOneGo);
  });

  test('values that come late are counted and change nothing that was decided', async () => {
    const { state, clock, alerts } = await setUp('small');
    await alerts().runOnce();
    const late = {
      fromMs: nowMs - 6 * hourMs,
      toMs: nowMs - 5 * hourMs,
      seed: 99,
      series: supportBot(0.09).slice(0, 1),
    };
    await insertHistory(engine.clickhouse, { projectId: 'small', ...late });
    clock.at += 60_000;
    await alerts().runOnce();
    expect(await incidentsOf(state, 'small')).toHaveLength(1);
    const counted = (await readDetectorStates(state, 'small')).filter(
      row => JSON.parse(row.state).lateValues > 0,
    );
    expect(counted.map(({ feature }) => feature)).toContain('support-bot');
    expect(new Set(counted.map(({ feature }) => feature)).size).toBe(1);
  });
});

test('the same history without the drop opens no incident and sends nothing', async () => {
  const { state, alerts } = await setUp('calm');
  const receiver = await receiverFor(state);
  await alerts().runOnce();
  expect(await incidentsOf(state, 'calm')).toEqual([]);
  expect(receiver.received).toHaveLength(0);
});
