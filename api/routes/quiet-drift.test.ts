import { afterAll, beforeAll, expect, test } from 'vitest';
import { readNotice } from '#alerts/channels/notice.ts';
import { announceRetracted } from '#alerts/quiet/announce.ts';
import { checkQuiet } from '#alerts/quiet/check.ts';
import { driftShape, type ShapeComparison } from '#contract/drift-shape.ts';
import type { Endpoint, ReplyOf } from '#contract/endpoint.ts';
import { getQuietDrift, listQuietDrift, putQuietDrift } from '#contract/quiet-drift.ts';
import { shapeWords } from '#contract/shape-words.ts';
import { addChannel } from '#store/state/channels.ts';
import { listIncidents } from '#store/state/incidents.ts';
import { messagesOf } from '#store/state/outbox.ts';
import { listQuietFindings, writeQuietFindings } from '#store/state/quiet-series.ts';
import { quiet, startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { callRow, scoreRow, spanRow } from '../../test/support/rows.ts';
import { type Seeded, seeded } from '../../test/support/seeded.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A Thursday noon in the last days: texts are kept for two weeks, so their times must be recent. */
const nowMs = Math.floor((Date.now() / dayMs - 0.5) / 7) * 7 * dayMs + 12 * hourMs;
const fromMs = nowMs - 22 * dayMs - 12 * hourMs;
const changeMs = nowMs - 3 * dayMs - 12 * hourMs;

const travel = 'flight hotel luggage passport airport boarding delayed refund voucher itinerary'.split(' ');
const billing = 'invoice payment charge subscription renewal receipt discount taxes account overdue'.split(
  ' ',
);
const german = 'Ich habe eine Frage zu der Rechnung und ich möchte wissen, wie das ist';
const english = 'I have a question about this and I would like to know what you can do';

let engine: TestEngine;
let api: TestApi;
const rows = {
  calls: [] as object[],
  contents: [] as object[],
  scores: [] as object[],
  spans: [] as object[],
};
let id = 0;

interface Planted {
  feature: string;
  atMs: number;
  inputTokens: number;
  question?: string;
  user?: string;
  tenant?: string;
  score?: number;
  embedding?: number[];
}

function add({ feature, atMs, inputTokens, question, user, tenant, score, embedding }: Planted): void {
  id += 1;
  const ids = { span_id: id.toString(16).padStart(16, '0'), trace_id: id.toString(16).padStart(32, '0') };
  const at = new Date(atMs).toISOString();
  const call = { feature, input_tokens: inputTokens, output_tokens: 50 + (id % 40) };
  rows.calls.push(callRow({ at, ...ids, ...call, ...(user && { user }), ...(tenant && { tenant }) }));
  if (score !== undefined) rows.scores.push(scoreRow({ at, ...ids, score_id: `s${id}`, value: score }));
  if (embedding) {
    const attributes = { 'driftline.input.embedding': JSON.stringify(embedding) };
    rows.spans.push(spanRow({ at, ...ids, attributes }));
  }
  if (question === undefined) return;
  const message = (role: string, content: string) =>
    JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);
  rows.contents.push({
    project_id: 'default',
    time: at.slice(0, 23).replace('T', ' '),
    ...ids,
    record_id: '',
    input: message('user', question),
    output: message('assistant', `${english}, ${question}`),
    version: '1',
  });
}

/** Calls of one feature an hour: as many as `rate`, more or less. */
function plant(
  random: Seeded,
  rate: (hour: number) => number,
  call: (atMs: number) => Planted,
  sinceMs = fromMs,
): void {
  for (let hour = sinceMs; hour < nowMs; hour += hourMs) {
    const wanted = rate(hour) * random.between(0.8, 1.2);
    for (let n = 0; n < Math.round(wanted); n += 1) add(call(hour + random.integer(hourMs)));
  }
}

beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine, { now: () => nowMs });
  const random = seeded(21);
  const isToday = (at: number) => at >= nowMs - dayMs;
  const recently = nowMs - 4 * dayMs;
  const asked = (words: readonly string[], start: string) =>
    `${start}: ${Array.from({ length: 12 }, () => random.pick(words)).join(' ')}`;
  const near = (x: number) =>
    Array.from({ length: 8 }, (_, at) => (at === 0 ? x : random.between(-0.4, 0.4)));
  // In the last day inputs are twice as long, in German, about something else, and lie elsewhere.
  plant(
    random,
    () => 26,
    atMs => ({
      feature: 'moved',
      atMs,
      inputTokens: Math.round((isToday(atMs) ? 200 : 100) * Math.exp(random.between(-0.5, 0.5))),
      question: isToday(atMs) ? asked(billing, german) : asked(travel, english),
      embedding: near(isToday(atMs) ? -1 : 1),
    }),
    recently,
  );
  plant(
    random,
    () => 26,
    atMs => ({
      feature: 'same',
      atMs,
      inputTokens: Math.round(100 * Math.exp(random.between(-0.5, 0.5))),
      question: asked(travel, english),
      embedding: near(1),
    }),
    recently,
  );
  // Half of the users stay away from the change on; no texts are kept.
  const day = (hour: number) => 1 + 0.6 * Math.sin((2 * Math.PI * ((hour % dayMs) / hourMs - 8)) / 24);
  plant(
    random,
    hour => 12 * day(hour) * (hour >= changeMs ? 0.5 : 1),
    atMs => ({
      feature: 'quiet',
      atMs,
      inputTokens: 100,
      user: `u${random.integer(2000)}`,
    }),
  );
  // Two cohorts alike until the change, then one is served worse and the other better: nothing changes over all.
  plant(
    random,
    () => 9,
    atMs => {
      const tenant = random.next() < 0.5 ? 'north' : 'south';
      const apart = atMs < changeMs ? 0 : tenant === 'south' ? -0.08 : 0.08;
      const score = 0.75 + apart + random.between(-0.15, 0.15);
      const user = `${tenant}-${random.integer(500)}`;
      return { feature: 'fair', atMs, inputTokens: 100, tenant, user, score };
    },
  );
  for (const [table, list] of Object.entries(rows)) await engine.clickhouse.insert(table, list);
  await ask(putQuietDrift, { fairness: { cohorts: [{ by: 'tenant', feature: 'fair' }] } });
  await addChannel(api.state, {
    channel_id: 'ch_1',
    kind: 'webhook',
    settings: JSON.stringify({ url: 'http://127.0.0.1:9/' }),
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    enabled: 1,
    created_at: new Date(nowMs).toISOString(),
  });
  await api.api.checkQuiet();
});
afterAll(async () => {
  await api?.stop();
  await engine.stop();
});

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

async function shapesOf(feature: string): Promise<Map<string, ShapeComparison>> {
  const { series, from, to } = await ask(driftShape, { feature });
  expect(Date.parse(to) - Date.parse(from)).toBe(dayMs);
  expect(series).toHaveLength(1);
  return new Map(series[0]!.shapes.map(shape => [shape.shape, shape]));
}

test('a planted change of shape is found in its band', async () => {
  const shapes = await shapesOf('moved');
  expect(shapes.get('input_length')).toMatchObject({ state: 'compared', band: 'far' });
  expect(shapes.get('input_length')!.text).toMatch(/^Moved far: typically \d+ tokens, \d+ before\.$/);
  expect(shapes.get('input_language')).toMatchObject({ state: 'compared', band: 'far' });
  expect(shapes.get('input_language')!.text).toContain('German');
  expect(shapes.get('input_topic')).toMatchObject({ state: 'compared', band: 'far' });
  expect(shapes.get('input_embedding')).toMatchObject({ state: 'compared', band: 'far' });
  expect(shapes.get('input_embedding')!.centroid_distance).toBeGreaterThan(0.5);
  for (const { bins } of shapes.values()) {
    for (const side of ['reference', 'now'] as const) {
      const total = bins.reduce((sum, bin) => sum + bin[side], 0);
      if (bins.length > 0) expect(total).toBeCloseTo(1, 9);
    }
  }
});

test('what the topics moved by is said in words, read from the texts', async () => {
  const series = { model: 'gpt-4o-mini', environment: 'production' };
  const moved = await ask(shapeWords, { feature: 'moved', ...series });
  expect(moved.now_texts).toBeGreaterThan(400);
  expect(moved.more.some(({ word }) => billing.includes(word))).toBe(true);
  expect(moved.fewer.some(({ word }) => travel.includes(word))).toBe(true);
  expect(moved.more.every(({ now, reference }) => now > reference)).toBe(true);
  expect(await ask(shapeWords, { feature: 'same', ...series })).toMatchObject({ more: [], fewer: [] });
  expect(await ask(shapeWords, { feature: 'quiet', ...series })).toMatchObject({ now_texts: 0, more: [] });
});

test('equal windows are in the lowest band', async () => {
  const shapes = await shapesOf('same');
  for (const name of ['input_length', 'output_length', 'input_language', 'input_topic', 'input_embedding']) {
    expect(shapes.get(name), name).toMatchObject({ state: 'compared', band: 'steady' });
  }
  expect(shapes.get('output_embedding')).toMatchObject({ state: 'not_sent', band: null });
});

test('texts that are not kept are never called healthy, and few values are not compared', async () => {
  const shapes = await shapesOf('quiet');
  expect(shapes.get('input_language')).toMatchObject({
    state: 'no_content',
    band: null,
    psi: null,
    bins: [],
  });
  expect(shapes.get('input_topic')!.text).toContain('No content captured');
  expect(shapes.get('input_length')).toMatchObject({ state: 'not_enough', band: null });
});

test('usage that falls to half is recorded as drift of usage, with its size', async () => {
  const { series, findings } = await ask(listQuietDrift, { kind: 'usage' });
  expect(
    series.filter(({ state }) => state === 'drifting').map(({ feature, metric }) => [feature, metric]),
  ).toEqual([
    ['quiet', 'usage:requests'],
    ['quiet', 'usage:users'],
  ]);
  const found = findings.find(({ metric }) => metric === 'usage:requests')!;
  expect(found).toMatchObject({ feature: 'quiet', direction: 'down', closed_at: null, notified_at: null });
  expect(found.after).toBeGreaterThan(0.42);
  expect(found.after).toBeLessThan(0.58);
  expect(found.low).toBeLessThan(found.after);
  expect(Math.abs(Date.parse(found.changed_at) - changeMs)).toBeLessThan(dayMs);
  const points = series.find(
    ({ metric, feature }) => metric === 'usage:requests' && feature === 'quiet',
  )!.points;
  expect(points.at(-2)!.value).toBeLessThan(0.6);
  expect(points.at(-10)!.value).toBeGreaterThan(0.8);
});

test('a planted gap between cohorts appears in the fairness series', async () => {
  const { series, findings } = await ask(listQuietDrift, { kind: 'fairness' });
  expect(new Set(series.map(({ cohort }) => cohort))).toEqual(new Set(['north', 'south']));
  const south = findings.find(({ metric, cohort }) => metric === 'fairness:quality' && cohort === 'south')!;
  expect(south).toMatchObject({ direction: 'down', cohort_by: 'tenant', feature: 'fair' });
  expect(south.after).toBeLessThan(-0.1);
  expect(Math.abs(south.before)).toBeLessThan(0.02);
  expect(findings.filter(({ metric }) => metric !== 'fairness:quality')).toEqual([]);
});

test('none of it opens an incident or queues a message, until the settings ask for one', async () => {
  await api.api.checkAlerts();
  expect(await listIncidents(api.state, { projectId: 'default', limit: 100 })).toEqual([]);
  const findings = async () => (await ask(listQuietDrift, { kind: 'usage' })).findings;
  const messages = async () =>
    (await Promise.all((await findings()).map(({ id }) => messagesOf(api.state, id)))).flat();
  expect(await messages()).toEqual([]);

  const deps = { clickhouse: engine.clickhouse, state: api.state, projectId: 'default', log: quiet };
  const check = () => checkQuiet({ ...deps, clock: { now: () => nowMs } }, 'http://127.0.0.1:8080');
  await check();
  expect(await messages()).toEqual([]);
  await ask(putQuietDrift, { ...(await ask(getQuietDrift)), usage: { notify: true } });
  await check();
  await check();
  const [told, ...more] = await messages();
  expect(more).toEqual([]);
  const { data, type } = JSON.parse(told!.payload) as { type: string; data: Record<string, unknown> };
  expect(type).toBe('usage.firing');
  expect(data).toMatchObject({ feature: 'quiet', metric: 'usage:requests' });
  expect(data.also).toHaveLength(1);
  expect((await findings()).every(({ notified_at }) => notified_at !== null)).toBe(true);

  // What late data take back is taken back where it was told, once.
  const at = { projectId: 'default', kind: 'usage', closedFrom: new Date(nowMs).toISOString() };
  const rows = (await listQuietFindings(api.state, at)).map(row => ({
    ...row,
    closed_at: new Date(nowMs).toISOString(),
    figures: JSON.stringify({ ...(JSON.parse(row.figures) as object), retracted: true }),
  }));
  const [unheard, ...heard] = [...rows].reverse();
  for (const _ of [1, 2])
    await api.state.transaction().execute(async db => {
      await writeQuietFindings(db, [...heard, { ...unheard!, finding_id: 'qui_unheard' }]);
      await announceRetracted(db, [...heard, { ...unheard!, finding_id: 'qui_unheard' }], {
        nowMs,
        baseUrl: 'http://127.0.0.1:8080',
      });
    });
  const resolved = (await messages()).filter(({ event }) => event === 'resolved');
  expect(resolved).toHaveLength(heard.length);
  expect(readNotice({ id: 'e', body: resolved[0]!.payload })).toMatchObject({
    phase: 'resolved',
    headline: expect.stringMatching(/^Retracted: /),
  });
});
