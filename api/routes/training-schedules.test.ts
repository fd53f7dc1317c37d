import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LineageLine } from '#contract/training.ts';
import { retrainEvent, type TrainingRun, type TrainingSchedule } from '#contract/training-schedule.ts';
import { startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { callRow, scoreRow } from '../../test/support/rows.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../test/support/webhook-receiver.ts';

let engine: TestEngine;
let api: TestApi;
let receiver: WebhookReceiver;
let answer = 500;
let nowMs = Date.parse('2026-11-20T12:00:00Z');
const path = '/api/v1/training/schedules';

beforeAll(async () => {
  [engine, receiver] = await Promise.all([startTestEngine(), startWebhookReceiver(() => answer)]);
  api = await startTestApi(engine, { now: () => nowMs });
});
afterAll(async () => {
  await api?.stop();
  await Promise.all([engine?.stop(), receiver?.stop()]);
});

async function ask<T>(method: string, at: string, body?: unknown): Promise<T> {
  const told = await api.ask(method, at, body);
  expect(told, `${method} ${at}`).toMatchObject({ status: 200 });
  return told.body as T;
}
const schedules = async () => (await ask<{ schedules: TrainingSchedule[] }>('GET', path)).schedules;

const says = (role: string, content: string) =>
  JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);

async function answered(id: string, at: string, question: string, value: number): Promise<void> {
  const row = callRow({ at, span_id: id.padStart(16, '0') });
  const { trace_id, span_id, start_time: time } = row;
  await engine.clickhouse.insert('calls', [row]);
  await engine.clickhouse.insert('contents', [
    {
      ...{ project_id: 'default', time, trace_id, span_id, record_id: '', version: '1' },
      ...{ input: says('user', question), output: says('assistant', `Answer to ${question}`) },
    },
  ]);
  await engine.clickhouse.insert('scores', [
    { ...scoreRow({ at, score_id: id, value, name: 'relevancy', trace_id, span_id }), rater: 'judge' },
  ]);
}

const body = {
  name: 'nightly',
  every: 'daily',
  hour: 6,
  filter: { score: 'relevancy', score_at_least: 0.8, near_duplicates: 1 },
};

test('an export is made for each day that is over, once, and a receiver that was down gets the same event later', async () => {
  await answered('a1', '2026-11-20T10:00:00Z', 'Where is my parcel?', 0.9);
  await answered('a2', '2026-11-20T11:00:00Z', 'Write to jo@example.com please', 0.1);
  const webhook = { url: receiver.url, failing: { score: 'relevancy', below: 0.5 }, include_texts: true };
  const made = await ask<TrainingSchedule & { secret: string }>('POST', path, { ...body, webhook });
  expect(made).toMatchObject({ days: 14, enabled: true, next_at: '2026-11-21T06:00:00.000Z', runs: [] });
  receiver.secret = made.secret;
  await api.api.train();
  expect((await schedules())[0]!.runs).toEqual([]);

  nowMs = Date.parse('2026-11-21T06:00:00Z');
  await api.api.train();
  const [failed] = (await schedules())[0]!.runs;
  expect(failed).toMatchObject({ period: '2026-11-20', attempts: 1, done_at: null, failing_cases: 1 });
  expect(failed!.error).toContain('500');
  expect(failed!.export).toMatchObject({ export_id: failed!.run_id, counts: { pairs: 1 } });

  answer = 204;
  nowMs += 60_000;
  // What is stored by now must not change what was said the first time.
  await answered('a3', '2026-11-20T12:30:00Z', 'Also bad?', 0.2);
  await api.api.train();
  await api.api.train();
  expect(receiver.received).toHaveLength(2);
  const [first, second] = receiver.received;
  expect(second).toMatchObject({ id: failed!.run_id, body: first!.body, signed: true });
  const event = retrainEvent.parse(JSON.parse(second!.body));
  expect(event.data).toMatchObject({ period: '2026-11-20', left_out: 0, schedule: { name: 'nightly' } });
  expect(event.data.failing_cases).toMatchObject([
    {
      span_id: 'a2'.padStart(16, '0'),
      reasons: ['relevancy is 0.1, below 0.5'],
      input: expect.stringMatching(/^Write to \[email .* please$/),
    },
  ]);
  expect(second!.body).not.toContain('jo@example.com');
  const file = await fetch(event.data.file_url);
  expect(await file.text()).toContain('Where is my parcel?');
  const [done] = (await schedules())[0]!.runs;
  expect(done).toMatchObject({ attempts: 2, next_attempt_at: null, failed_at: null });
  expect(done!.done_at).toBe(new Date(nowMs).toISOString());
});

test('the next one says what came before and how much is new; a paused one makes nothing', async () => {
  await answered('b1', '2026-11-21T09:00:00Z', 'A new question?', 0.95);
  nowMs = Date.parse('2026-11-22T07:00:00Z');
  await api.api.train();
  const [schedule] = await schedules();
  const [newest, before] = schedule!.runs as [TrainingRun, TrainingRun];
  expect(newest.export).toMatchObject({
    counts: { pairs: 2 },
    schedule: { name: 'nightly', period: '2026-11-21', previous_export_id: before.run_id, new_pairs: 1 },
  });
  const lineage = await api.fetch(`/api/v1/training/exports/${newest.run_id}/lineage`);
  const [head, ...lines] = (await lineage.text())
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as LineageLine);
  expect(head).toMatchObject({ schedule: { previous_export_id: before.run_id } });
  expect(lines.flatMap(({ calls }) => calls.map(call => call.slice(-2))).sort()).toEqual(['a1', 'b1']);

  const at = `${path}/${schedule!.schedule_id}`;
  const changed = { ...body, webhook: null, enabled: false };
  expect(await ask('PUT', at, changed)).toMatchObject({ next_at: null, secret: null });
  nowMs = Date.parse('2026-11-24T07:00:00Z');
  await api.api.train();
  expect((await schedules())[0]!.runs).toHaveLength(2);
  // Asked for by hand it is made nevertheless; without a webhook it is done when it is made.
  expect(await ask('POST', `${at}/run`, {})).toMatchObject({
    asked: 'now',
    period: '2026-11-23',
    export: null,
  });
  await api.api.train();
  expect((await schedules())[0]!.runs[0]).toMatchObject({ failing_cases: null, done_at: expect.any(String) });
  expect(receiver.received).toHaveLength(3);
  await ask('DELETE', at);
  expect(await schedules()).toEqual([]);
  expect((await api.ask('PUT', at, changed)).status).toBe(404);
  const nothing = await api.ask('POST', path, { ...body, filter: {} });
  expect(nothing).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining('which answers are good') },
  });
});
