import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { route, routing } from '#contract/route.ts';
import { addAlertSilence } from '#store/state/alert-silences.ts';
import { addChannel } from '#store/state/channels.ts';
import { updateIncident } from '#store/state/incidents.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { writeSetting } from '#store/state/settings.ts';
import { commit } from './commit.ts';
import type { Baseline } from './drift/baseline.ts';
import type { Finding } from './finding.ts';
import { type Incident, type IncidentChange, recordClosed, recordOpened } from './incident.ts';
import { advanceGroups } from './lifecycle/groups.ts';

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 10, 20, 12);

let folder: string;
let state: StateDb;
let checks: number;
beforeEach(async () => {
  checks = 0;
  folder = await mkdtemp(join(tmpdir(), 'driftline-commit-'));
  state = await openState({ dataDir: folder });
  for (const channel_id of ['chat', 'pager']) {
    const created_at = new Date(startMs).toISOString();
    await addChannel(state, {
      channel_id,
      kind: 'webhook',
      settings: '{}',
      secret: '',
      enabled: 1,
      created_at,
      name: channel_id,
    });
  }
});
afterEach(async () => {
  await state.destroy();
  await rm(folder, { recursive: true, force: true });
});

const finding = (metric: string, more: Partial<Finding> = {}): Finding => ({
  feature: 'support-bot',
  model: 'm-1',
  environment: 'prod',
  metric,
  direction: 'down',
  verdict: 'worse',
  changedAtMs: startMs - 60 * minuteMs,
  openedAtMs: startMs,
  closedAtMs: null,
  logEvidence: 13,
  chanceOfNoise: 1e-5,
  threshold: 11.8,
  before: 0.91,
  after: 0.82,
  low: -0.12,
  high: -0.06,
  requests: 400,
  p95: null,
  latencyCutBin: null,
  scoreSize: 1,
  baseline: { mean: 0.91, fromMs: 0, toMs: startMs, days: 28, requests: 9000 } as Baseline,
  ...more,
});

async function check(nowMs: number, incident: Incident, changes: IncidentChange[]): Promise<void> {
  await commit(state, {
    projectId: 'p',
    basedOn: checks,
    nowMs,
    evaluatedUntilMs: nowMs,
    watching: { series: 1, learning: 0 },
    states: [],
    changes,
    incidents: [{ incident, calls: 400 }],
    baseUrl: 'http://driftline.example',
  });
  checks += 1;
}
const tick = (nowMs: number) =>
  state
    .transaction()
    .execute(db => advanceGroups(db, { projectId: 'p', nowMs, baseUrl: 'http://driftline.example' }));
const outbox = async () =>
  (
    await state
      .selectFrom('outbox')
      .select(['event', 'channel_id', 'event_id', 'failed_at'])
      .orderBy('outbox_id')
      .execute()
  ).map(
    ({ event, channel_id, event_id, failed_at }) =>
      `${event_id.split('.')[1]} ${event} ${channel_id}${failed_at ? ' replaced' : ''}`,
  );

test('an incident is told at once with its row, again when it gets graver, and when it is over', async () => {
  const opened = recordOpened([], finding('cost', { direction: 'up', before: 0, after: 0.2 }));
  const { incident } = opened;
  await check(startMs, incident, [opened]);
  expect(await outbox()).toEqual(['0001 firing chat', '0001 firing pager']);
  const worse = recordOpened(
    [incident],
    finding('score:answer_quality', { openedAtMs: startMs + 15 * minuteMs }),
  );
  await check(startMs + 15 * minuteMs, incident, [worse]);
  expect((await outbox()).slice(2)).toEqual(['0002 updated chat', '0002 updated pager']);
  const over = incident.findings.flatMap(one =>
    recordClosed(
      incident,
      JSON.stringify([one.feature, one.model, one.environment, one.metric]),
      startMs + 60 * minuteMs,
      'recovered',
    ),
  );
  await check(startMs + 60 * minuteMs, incident, over);
  expect((await outbox()).slice(2)).toEqual([
    '0002 updated chat replaced',
    '0002 updated pager replaced',
    '0003 resolved chat',
    '0003 resolved pager',
  ]);
  // The same moment again says nothing more.
  expect(await tick(startMs + 61 * minuteMs)).toEqual([]);
  expect(await outbox()).toHaveLength(6);
});

test('what is over by the end of its check, or only better, is nobody’s news', async () => {
  const opened = recordOpened([], finding('cost'));
  const closed = recordClosed(
    opened.incident,
    JSON.stringify(['support-bot', 'm-1', 'prod', 'cost']),
    startMs,
    'recovered',
  );
  await check(startMs, opened.incident, [opened, ...closed]);
  const better = recordOpened([], finding('pace', { verdict: 'better' }));
  await check(startMs, better.incident, [better]);
  expect(await outbox()).toEqual([]);
});

test('a route says who; it is escalated and repeated until somebody takes it', async () => {
  const own = route.parse({
    name: 'bot',
    match: [{ label: 'feature', value: 'support-*', op: 'like' }],
    channels: ['chat'],
    escalation: [{ after_s: 900, channels: ['pager'] }],
    repeat_s: 3600,
  });
  await writeSetting(state, 'routing', routing.parse({ routes: [own] }));
  const opened = recordOpened([], finding('score:answer_quality'));
  await check(startMs, opened.incident, [opened]);
  await tick(startMs + 14 * minuteMs);
  expect(await outbox()).toEqual(['0001 firing chat']);
  await tick(startMs + 15 * minuteMs);
  expect(await outbox()).toEqual(['0001 firing chat', '0002 firing pager']);
  await tick(startMs + 80 * minuteMs);
  expect((await outbox()).slice(2)).toEqual(['0003 updated chat', '0003 updated pager']);
  await updateIncident(state, opened.incident.id, { acknowledged_by: 'Ana', acknowledged_at: 'now' });
  await tick(startMs + 600 * minuteMs);
  expect(await outbox()).toHaveLength(4);
});

test('silenced: a row and no message; when the silence is over it is told', async () => {
  await addAlertSilence(state, {
    silence_id: 's',
    project_id: 'p',
    kind: 'maintenance',
    matchers: JSON.stringify([{ label: 'kind', op: '=', value: 'drift' }]),
    starts_at: new Date(startMs - minuteMs).toISOString(),
    ends_at: new Date(startMs + 30 * minuteMs).toISOString(),
    comment: 'migration',
    created_by: 'Ana',
    created_at: new Date(startMs).toISOString(),
    ended_by: null,
  });
  const opened = recordOpened([], finding('score:answer_quality'));
  await check(startMs, opened.incident, [opened]);
  await tick(startMs + 20 * minuteMs);
  expect(await outbox()).toEqual([]);
  await tick(startMs + 31 * minuteMs);
  expect(await outbox()).toEqual(['0001 firing chat', '0001 firing pager']);
});

test('an incident told of before there were groups is not told again, only its end', async () => {
  const opened = recordOpened([], finding('score:answer_quality'));
  await check(startMs, opened.incident, [opened]);
  await state.deleteFrom('alert_groups').execute();
  await tick(startMs + minuteMs);
  expect(await outbox()).toHaveLength(2);
  const over = recordClosed(
    opened.incident,
    JSON.stringify(['support-bot', 'm-1', 'prod', 'score:answer_quality']),
    startMs + 5 * minuteMs,
    'recovered',
  );
  await check(startMs + 5 * minuteMs, opened.incident, over);
  expect((await outbox()).slice(2)).toEqual(['0002 resolved chat', '0002 resolved pager']);
});
