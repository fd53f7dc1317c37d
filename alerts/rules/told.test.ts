import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RuleDefinition, ruleDefinition } from '#contract/rule.ts';
import { listRuleAlerts, putAlertRule, writeAlertStates } from '#store/state/alert-rules.ts';
import { addChannel } from '#store/state/channels.ts';
import { incidentEvents } from '#store/state/incidents.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { advanceGroups } from '../lifecycle/groups.ts';
import { tellRetracted } from '../lifecycle/retracted.ts';
import type { AlertFlags } from '../lifecycle/subjects.ts';
import { ruleData, stepRule } from './evaluate.ts';
import { readLive } from './live.ts';
import { writeAlerts } from './write-alerts.ts';

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;
const startMs = Date.parse('2026-11-02T12:00:00Z');
const at = { projectId: 'default', baseUrl: 'http://127.0.0.1:8080' };
const iso = (ms: number) => new Date(ms).toISOString();

let folder: string;
let state: StateDb;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driftline-told-'));
  state = await openState({ dataDir: folder });
  const none = { settings: '{}', secret: '', enabled: 1 as const, created_at: iso(startMs) };
  await addChannel(state, { channel_id: 'ch_1', kind: 'webhook', ...none });
});
afterEach(async () => {
  await state.destroy();
  await rm(folder, { recursive: true, force: true });
});

async function addRule(given: object): Promise<void> {
  const rule = ruleDefinition.parse({
    kind: 'threshold',
    window_s: 900,
    for_s: 0,
    min_requests: 10,
    ...given,
  });
  await putAlertRule(state, {
    ...{ rule_id: `rul_${rule.name}`, project_id: 'default', name: rule.name, source: 'ui' as const },
    ...{ definition: JSON.stringify(rule), created_at: iso(startMs), updated_at: iso(startMs) },
  });
}

type Quarters = readonly (readonly [calls: number, failed: number])[];

/** Evaluates all rules once a minute from one minute to another, over what is stored by then. */
async function evaluate(
  fromMinute: number,
  toMinute: number,
  stored: (minute: number, rule: RuleDefinition) => Quarters,
) {
  for (let minute = fromMinute; minute <= toMinute; minute += 1) {
    const nowMs = startMs + minute * minuteMs;
    const retracted: string[] = [];
    for (const one of await readLive(state, 'default')) {
      const buckets = stored(minute, one.rule).flatMap(([n, sum], quarter) =>
        n === 0 ? [] : { startMs: startMs + quarter * quarterMs, n, sum, sumSq: sum, bins: {} },
      );
      const data = ruleData(one.rule, [{ labels: {}, metric: 'error', buckets }]);
      const stepped = stepRule(one.rule, data, one.known, { endMs: nowMs, nowMs, warmUp: false });
      const written = await writeAlerts(state, { ...one, projectId: 'default', stepped, nowMs });
      retracted.push(...written.retracted);
      const row = { rule_id: one.row.rule_id, evaluated_at: iso(nowMs) };
      await writeAlertStates(
        state,
        stepped.map(({ key, state: now }) => ({
          ...row,
          ...{ group_key: key, alert_id: written.open.get(key) ?? null, state: JSON.stringify(now) },
        })),
      );
    }
    await tellRetracted(state, retracted, { ...at, nowMs });
    await advanceGroups(state, { ...at, nowMs });
  }
}

interface Message {
  type: string;
  data: { id: string; title: string; retracted: boolean; detail: string; also: string[] };
}
const told = async () =>
  (await state.selectFrom('outbox').select('payload').orderBy('outbox_id').execute()).map(
    ({ payload }) => JSON.parse(payload) as Message,
  );

test('an alert that is over is retracted when late calls show that it should not have fired, and so it is told', async () => {
  await addRule({
    name: 'errors',
    metric: 'error_rate',
    above: 20,
    keep_firing_s: 300,
    filter: { feature: 'a' },
  });
  // Of 100 calls only the 15 that failed fast and 15 others had come by 12:15; the rest takes until 13:30.
  const late = (minute: number): Quarters => [
    [minute < 90 ? 30 : 100, 15],
    [100, 2],
    [100, 2],
    [100, 2],
    [100, 2],
    [100, 2],
  ];
  await evaluate(15, 89, late);
  expect((await told()).map(({ type }) => type)).toEqual(['alert.firing', 'alert.resolved']);
  await evaluate(90, 95, late);
  const [fired, resolved, retracted, ...more] = await told();
  expect(more).toEqual([]);
  expect(resolved!.data.retracted).toBe(false);
  expect(retracted).toMatchObject({ type: 'alert.resolved', data: { id: fired!.data.id, retracted: true } });
  expect(retracted!.data.detail).toBe('Retracted: data that came late do not support it.');
  const [alert] = await listRuleAlerts(state, { projectId: 'default' });
  expect(JSON.parse(alert!.flags) as AlertFlags).toMatchObject({ retracted: true });
  const lines = (await incidentEvents(state, alert!.alert_id)).map(({ text }) => text);
  expect(lines.slice(-2)).toEqual(['Resolved.', 'Retracted: data that came late do not support it.']);
});

test('it stands when late calls support it, or when it was right later, and nothing is held against it for ever', async () => {
  await addRule({
    name: 'errors',
    metric: 'error_rate',
    above: 20,
    keep_firing_s: 300,
    no_data: { state: 'ok' },
  });
  const right = (minute: number): Quarters => [
    [minute < 90 ? 30 : 100, minute < 90 ? 15 : 40],
    [100, 2],
    [100, 2],
  ];
  await evaluate(15, 95, right);
  const turns = async () => (await told()).map(({ type, data }) => [type, data.retracted]);
  const both = [
    ['alert.firing', false],
    ['alert.resolved', false],
  ];
  expect(await turns()).toEqual(both);
  await state.deleteFrom('alert_states').execute();
  await state.deleteFrom('outbox').execute();
  // The second quarter failed by itself.
  const later = (minute: number): Quarters => [
    [minute < 90 ? 30 : 100, 15],
    [100, 50],
    [100, 2],
    [100, 2],
  ];
  await evaluate(15, 95, later);
  expect(await turns()).toEqual(both);
  const [row] = await state.selectFrom('alert_states').select('state').execute();
  expect(JSON.parse(row!.state)).toMatchObject({ ended: [{ reason: 'condition' }] });
  await evaluate(15 + 25 * 60, 15 + 25 * 60, later);
  const [dayLater] = await state.selectFrom('alert_states').select('state').execute();
  expect(JSON.parse(dayLater!.state)).not.toHaveProperty('ended');
});

test('no calls of a subject: what else is said of it is kept quiet, and stands in the message', async () => {
  await addRule({
    name: 'calls',
    metric: 'requests',
    below: 5,
    no_data: { after_s: 900 },
    filter: { feature: 'a' },
  });
  const dear = { metric: 'cost_usd', above: 5, min_requests: 0, no_data: { state: 'ok' } };
  await addRule({ name: 'dear', ...dear, filter: { feature: 'a', environment: 'production' } });
  await addRule({ name: 'dear-elsewhere', ...dear, filter: { feature: 'b' } });
  const stored = (minute: number, { name }: RuleDefinition): Quarters =>
    name === 'calls'
      ? [[100, 0]]
      : Array.from({ length: 1 + Math.floor(minute / 15) }, (_, quarter) => [100, quarter < 4 ? 0 : 9]);
  await evaluate(15, 63, stored);
  const messages = await told();
  expect(messages.map(({ data }) => data.title)).toEqual([
    'calls: no data of a',
    expect.stringMatching(/^Cost of b/),
  ]);
  await evaluate(64 + 4 * 60, 64 + 4 * 60, stored);
  const repeated = (await told()).filter(({ data }) => data.title === 'calls: no data of a').at(-1);
  expect(repeated!.data.also).toEqual([expect.stringMatching(/^not told apart: Cost of a, production/)]);
  const alerts = await listRuleAlerts(state, { projectId: 'default', state: 'firing' });
  expect(alerts).toHaveLength(3);
});
