import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openClickHouse } from '#store/engine/client.ts';
import { addChannel } from '#store/state/channels.ts';
import { writeDetectorStates } from '#store/state/detector-states.ts';
import { addIncident } from '#store/state/incidents.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { firstMonday, simulateBuckets } from '../../test/fixtures/drift-series.ts';
import { quietLog } from '../../test/support/engine.ts';
import { emailHtml, emailText } from '../channels/email-text.ts';
import { readNotice } from '../channels/notice.ts';
import { alarmThreshold, mixtureEvidence } from '../drift/detector.ts';
import { bucketMs, dayMs } from '../drift/season.ts';
import { evaluateGroup, type WatchedSeries } from '../evaluate.ts';
import type { Incident } from '../incident.ts';
import { ownedColumns } from '../incident-rows.ts';
import { freshMemory } from '../series-memory.ts';
import { digestOf } from './digest.ts';
import { announceDigest, readDigestSettings, writeDigestSettings } from './send.ts';
import { slotsAround } from './slot.ts';

const steady = 17;
const changeMs = firstMonday + 33 * dayMs;
const endMs = changeMs + dayMs;
const threshold = alarmThreshold({ series: steady + 3 });
const nothing = openClickHouse({ url: 'http://127.0.0.1:9', user: 'x', password: '' });
const clock = { at: endMs, now: () => clock.at };

let folder: string;
let state: StateDb;
const deps = () => ({ state, clickhouse: nothing, projectId: 'default', clock, log: quietLog });

/** A score of one feature, 0.9 and from the change on `shift` away, evaluated until its evidence reaches `enough`. */
async function watch(feature: string, seed: number, { shift = 0, enough = Number.POSITIVE_INFINITY } = {}) {
  const mean = (ms: number) => 0.9 + (ms >= changeMs ? shift : 0);
  const buckets = simulateBuckets({ seed, weeks: 5, mean, sd: 0.1 });
  const series = { feature, model: 'gpt-5-mini', environment: 'production' };
  const watched: WatchedSeries = {
    series,
    rollup: 'score:quality',
    memory: freshMemory(),
    buckets: [],
    untilMs: 0,
  };
  const incidents: Incident[] = [];
  for (let untilMs = changeMs - 2 * dayMs + bucketMs; untilMs <= endMs; untilMs += bucketMs) {
    const fromMs = untilMs - bucketMs;
    Object.assign(watched, { untilMs, buckets: buckets.filter(({ startMs }) => startMs < untilMs) });
    evaluateGroup({ series: [watched], incidents, fromMs, thresholdAt: () => threshold });
    if ((mixtureEvidence(watched.memory.detector.detector) ?? 0) >= enough) break;
  }
  const row = { project_id: 'default', ...series, metric: 'score:quality', evaluated_until: '' };
  await writeDetectorStates(state, [{ ...row, state: JSON.stringify(watched.memory) }]);
  for (const incident of incidents) {
    const people = { acknowledged_by: null, acknowledged_at: null, snoozed_until: null };
    await addIncident(state, {
      incident_id: incident.id,
      project_id: 'default',
      ...ownedColumns(incident, 1),
      ...people,
    });
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driftline-digest-'));
  state = await openState({ dataDir: folder });
  await watch('worse', 101, { shift: -0.08 });
  await watch('better', 102, { shift: 0.08 });
  // As much evidence as makes it stand out of twenty, and not enough to page.
  await watch('nearly', 103, { shift: -0.05, enough: 8.5 });
  for (let at = 0; at < steady; at += 1) await watch(`steady-${at}`, at + 1);
});
afterAll(async () => {
  await state.destroy();
  await nothing.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the digest', () => {
  test('names the series that changed and none of those that did not', async () => {
    const digest = await digestOf(deps());
    expect(digest.series).toBe(steady + 3);
    expect(digest.learning).toBe(0);
    expect(digest.changed.map(({ feature, verdict }) => [feature, verdict])).toEqual([
      ['worse', 'worse'],
      ['nearly', 'worse'],
    ]);
    expect(digest.improved.map(({ feature }) => feature)).toEqual(['better']);
    expect(digest.needed_log_evidence).toBeCloseTo(Math.log((50 * 20) / (0.1 * 3)), 9);
    const [worse, nearly] = digest.changed;
    expect(worse!.title).toMatch(/^Answer quality of worse fell \d+(\.\d)? points: 0\.9\d? → 0\.8/);
    expect(worse!.alert_id).toMatch(/^inc_/);
    expect(worse!.log_evidence).toBeGreaterThanOrEqual(threshold);
    expect(nearly!.alert_id).toBeNull();
    expect(nearly!.log_evidence).toBeLessThan(threshold);
    expect(Math.abs(Date.parse(nearly!.changed_at) - changeMs)).toBeLessThan(dayMs);
    expect(digest.alerts).toMatchObject({ opened: 1, retracted: [] });
    expect(digest.budget.expected_false_alarms).toBeGreaterThan(0);
    expect(digest.budget.expected_false_alarms).toBeLessThan(1);
  });

  test('is sent to nobody until a channel is chosen, and then once a week', async () => {
    const zone = 'Europe/Berlin';
    const options = { baseUrl: 'http://driftline.test', zone };
    expect(await announceDigest(deps(), options)).toBe(false);
    await addChannel(state, {
      channel_id: 'hook',
      kind: 'webhook',
      settings: JSON.stringify({ url: 'http://127.0.0.1:9/' }),
      secret: 'whsec_x',
      enabled: 1,
      created_at: '2026-01-01T00:00:00.000Z',
    });
    const { lastMs, nextMs } = slotsAround({ weekday: 1, hour: 9, zone }, endMs);
    expect([lastMs <= endMs, nextMs > endMs, nextMs - lastMs]).toEqual([true, true, 7 * dayMs]);
    expect(new Date(nextMs).toISOString()).toMatch(/T08:00:00/);
    await writeDigestSettings(deps(), { channel_ids: ['hook'], weekday: 1, hour: 9 });
    // What was due before it was chosen is not sent.
    expect(await announceDigest(deps(), options)).toBe(false);
    expect(await readDigestSettings(deps(), zone)).toMatchObject({
      next_at: new Date(nextMs).toISOString(),
      last_sent_at: null,
    });
    clock.at = nextMs;
    expect(await announceDigest(deps(), options)).toBe(true);
    expect(await announceDigest(deps(), options)).toBe(false);
    clock.at = nextMs + 7 * dayMs;
    expect(await announceDigest(deps(), options)).toBe(true);
    const queued = await state.selectFrom('outbox').selectAll().orderBy('outbox_id').execute();
    expect(queued.map(({ channel_id }) => channel_id)).toEqual(['hook', 'hook']);

    const notice = readNotice({ id: queued[0]!.event_id, body: queued[0]!.payload });
    expect(notice).toMatchObject({ type: 'digest.weekly', phase: 'note', severity: 'info' });
    expect(notice.headline).toBe('Weekly digest: 2 of 20 series changed, 1 got better');
    expect(notice.links).toEqual([{ label: 'Explain', url: 'http://driftline.test/alerts#week' }]);
    const text = emailText(notice);
    expect(text).toMatch(
      /\nChanged: Answer quality of worse fell .*\nChanged: Answer quality of nearly fell/,
    );
    expect(text).toContain('False-alarm budget: at most');
    expect(emailHtml(notice, false)).toContain('white-space:pre-line');
    clock.at = endMs;
  });
});

test('the hour of a zone is the hour of its clock on both sides of a change to summer time', () => {
  const slot = { weekday: 1, hour: 9, zone: 'America/New_York' };
  const { lastMs, nextMs } = slotsAround(slot, Date.parse('2026-03-05T12:00:00Z'));
  expect(new Date(lastMs).toISOString()).toBe('2026-03-02T14:00:00.000Z');
  expect(new Date(nextMs).toISOString()).toBe('2026-03-09T13:00:00.000Z');
  const at = slotsAround(slot, nextMs);
  expect(at.lastMs).toBe(nextMs);
});
