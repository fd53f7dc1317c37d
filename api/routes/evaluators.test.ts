import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EvaluatorInfo, ScoringRule } from '#contract/evaluator.ts';
import type { QualityRow } from '#contract/quality.ts';
import { clickhouseTime } from '#store/rows.ts';
import { writeProgress } from '#store/state/progress.ts';
import { startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { callRow, spanRow } from '../../test/support/rows.ts';

let engine: TestEngine;
let api: TestApi;
const nowMs = Math.floor(Date.now() / 3_600_000) * 3_600_000 + 1_800_000;
const at = (agoMs: number) => new Date(nowMs - agoMs).toISOString();
const minute = 60_000;
const hour = 60 * minute;

beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine, { now: () => nowMs });
  await api.api.scoreNow();
});
afterAll(async () => {
  await api.stop();
  await engine.stop();
});

let ids = 0;

/** Calls of a feature; with `answers`, their texts too. */
async function store(
  feature: string,
  count: number,
  { agoMs = minute, answer }: { agoMs?: number; answer?: (index: number) => string } = {},
): Promise<{ trace_id: string; span_id: string }[]> {
  const calls = Array.from({ length: count }, () => {
    ids += 1;
    return callRow({ at: at(agoMs), span_id: ids.toString(16).padStart(16, '0'), feature });
  });
  await engine.clickhouse.insert('calls', calls);
  if (answer) {
    const contents = calls.map((call, index) => content(call, 'Where is my parcel?', answer(index)));
    await engine.clickhouse.insert('contents', contents);
  }
  return calls;
}

function content(call: { trace_id: string; span_id: string }, input: string, output: string) {
  const message = (role: string, content: string) =>
    JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);
  return {
    project_id: 'default',
    time: clickhouseTime(BigInt(nowMs - minute) * 1_000_000n),
    trace_id: call.trace_id,
    span_id: call.span_id,
    record_id: '',
    input: message('user', input),
    output: message('assistant', output),
    version: '1',
  };
}

const put = (name: string, rule: object) => api.ask('PUT', `/api/v1/evaluators/${name}/rule`, rule);

interface Scored {
  name: string;
  value: number;
  p: number;
  evaluator: string;
  rater: string;
  source: string;
  span_id: string;
}

const scoresOf = (feature: string) =>
  engine.clickhouse.query<Scored>(
    `SELECT name, value, inclusion_probability AS p, evaluator, rater, source, span_id FROM scores FINAL
     WHERE span_id IN (SELECT span_id FROM calls WHERE feature = {feature:String}) ORDER BY name, span_id`,
    { feature },
  );

async function quality(query: string): Promise<QualityRow[]> {
  const { status, body } = await api.ask('GET', `/api/v1/quality?${query}`);
  expect(body).toMatchObject({ rows: expect.any(Array) });
  expect(status).toBe(200);
  return body.rows as QualityRow[];
}

test('evaluators are listed with a schema of their settings', async () => {
  const { body } = await api.ask('GET', '/api/v1/evaluators');
  const list = body.evaluators as EvaluatorInfo[];
  const length = list.find(({ name }) => name === 'length')!;
  expect(length).toMatchObject({ kind: 'rule', version: 1, needs: ['output'], direction: 'higher' });
  expect(length.settings_schema).toMatchObject({
    type: 'object',
    properties: { max_words: { type: 'integer', default: 1000 } },
  });
  expect(list.find(({ name }) => name === 'regex')?.settings_schema).toMatchObject({ required: ['pattern'] });
  expect(body).toMatchObject({ rules: [], scoring: { scores_per_minute: 600, notes: [] } });
});

test('what cannot be is refused with the reason', async () => {
  expect((await put('sparkle', {})).status).toBe(404);
  const bad = await put('length', { settings: { max_words: 'many' } });
  expect(bad).toMatchObject({ status: 400, body: { detail: expect.stringContaining('settings.max_words') } });
  expect((await put('length', { settings: { maximum: 3 } })).status).toBe(400);
  expect((await put('regex', { settings: { pattern: '(' } })).body.detail).toContain('no RE2 pattern');
  expect((await put('length', { sampling: { design: 'uniform', rate: 0 } })).status).toBe(400);
  expect((await api.ask('DELETE', '/api/v1/evaluators/length/rule')).status).toBe(404);
});

test('calls are scored as the rules say, once, whoever looks again', async () => {
  await put('refusal', { feature: 'support' });
  await put('truncated', { feature: 'support', sampling: { design: 'uniform', rate: 0.5 } });
  const answer = (index: number) =>
    index % 4 === 0 ? "I'm sorry, but I can't help with that." : 'Tomorrow.';
  await store('support', 40, { answer });
  await store('other', 5, { answer });
  await api.api.scoreNow();
  const scores = await scoresOf('support');
  const refusals = scores.filter(({ name }) => name === 'refusal');
  expect(refusals).toHaveLength(40);
  expect(refusals.filter(({ value }) => value === 1)).toHaveLength(10);
  expect(refusals[0]).toMatchObject({ p: 1, evaluator: 'refusal@1', rater: 'rule', source: 'evaluator' });
  const cut = scores.filter(({ name }) => name === 'truncated');
  expect(cut.length).toBeGreaterThan(8);
  expect(cut.length).toBeLessThan(32);
  expect(cut.every(({ p }) => p === 0.5)).toBe(true);
  expect(await scoresOf('other')).toEqual([]);

  await writeProgress(api.state, 'scoring default', JSON.stringify({ until: '0' }));
  await api.api.scoreNow();
  expect(await scoresOf('support')).toEqual(scores);
  expect(await quality('score=refusal&group_by=feature')).toEqual([
    expect.objectContaining({
      key: { feature: 'support' },
      value: 0.25,
      calls_low: 0.25,
      calls_high: 0.25,
      basis: 'weighted',
      n: 40,
      coverage: 1,
    }),
    expect.objectContaining({ key: { feature: 'other' }, value: null, basis: 'none', calls: 5, coverage: 0 }),
  ]);
});

test('rare features are scored whole, frequent ones thinly, and the estimate is right where the plain mean is not', async () => {
  // Two hours of history: 1,000 and 10 calls an hour are to be expected.
  for (const agoMs of [90 * minute, 150 * minute]) {
    await store('busy', 1_000, { agoMs });
    await store('quiet', 10, { agoMs });
  }
  await api.api.scoreNow();
  await api.ask('PUT', '/api/v1/evaluators/budget', { scores_per_minute: 100_000 });
  await put('length', {
    settings: { max_words: 2 },
    sampling: { design: 'stratified', by: ['feature'], target_per_hour: 100 },
  });
  await store('busy', 1_000, { answer: () => 'two words' });
  await store('quiet', 100, { answer: () => 'three words here' });
  await writeProgress(api.state, 'scoring default', JSON.stringify({ until: '0' }));
  await api.api.scoreNow();
  const [busy, quiet] = [await scoresOf('busy'), await scoresOf('quiet')];
  expect(quiet).toHaveLength(100);
  expect(quiet.every(({ p }) => p === 1)).toBe(true);
  expect(busy.length).toBeGreaterThan(60);
  expect(busy.length).toBeLessThan(150);
  expect(busy[0]!.p).toBeGreaterThan(0.05);
  expect(busy[0]!.p).toBeLessThan(0.3);
  const [row] = await quality('score=length&where=feature:busy,feature:quiet&from=now-10m');
  // 1,000 good and 100 bad ones: 0.909.
  expect(row!.value).toBeGreaterThan(0.87);
  expect(row!.value).toBeLessThan(0.94);
  expect(row!.low!).toBeLessThan(0.9091);
  expect(row!.high!).toBeGreaterThan(0.9091);
  expect(row!.unweighted_mean).toBeLessThan(0.65);
  expect(row!.effective_n).toBeLessThan(row!.n);
});

test('a feature of its own overrides the rule for all, also to switch it off', async () => {
  await put('empty', {});
  await put('empty', { feature: 'silent', enabled: false });
  await store('silent', 3, { answer: () => '' });
  await store('loud', 3, { answer: () => '' });
  await api.api.scoreNow();
  expect((await scoresOf('silent')).filter(({ name }) => name === 'empty')).toEqual([]);
  expect((await scoresOf('loud')).filter(({ name }) => name === 'empty')).toMatchObject([
    { value: 1 },
    { value: 1 },
    { value: 1 },
  ]);
  expect((await api.ask('DELETE', '/api/v1/evaluators/empty/rule?feature=silent')).status).toBe(200);
  const { body } = await api.ask('GET', '/api/v1/evaluators');
  expect((body.rules as ScoringRule[]).filter(rule => rule.evaluator === 'empty')).toMatchObject([
    { feature: '', enabled: true },
  ]);
});

test('beyond the budget fewer calls are chosen, with the chance they had', async () => {
  for (const name of ['empty', 'length', 'refusal', 'truncated']) await put(name, { enabled: false });
  for (const name of ['refusal', 'truncated']) await put(name, { feature: 'support', enabled: false });
  await put('truncated', { feature: 'flood' });
  await api.ask('PUT', '/api/v1/evaluators/budget', { scores_per_minute: 60 });
  await store('flood', 4_000);
  // Five minutes' worth at most, however long nobody looked: 300 of 4,000.
  await writeProgress(api.state, 'scoring default', JSON.stringify({ until: '0' }));
  await api.api.scoreNow();
  const scores = await scoresOf('flood');
  expect(scores.length).toBeGreaterThan(220);
  expect(scores.length).toBeLessThan(380);
  expect(scores.every(({ p }) => Math.abs(p - 0.075) < 1e-9)).toBe(true);
  const [row] = await quality('score=truncated&where=feature:flood');
  expect(row).toMatchObject({ value: 0, calls_low: 0, calls: 4_000 });
  expect(row!.coverage).toBeCloseTo(scores.length / 4_000, 9);
  expect(row!.high).toBeGreaterThan(0.005);
});

test('without texts only what needs none gives scores, and that is said', async () => {
  await api.ask('PUT', '/api/v1/evaluators/budget', { scores_per_minute: 600 });
  await put('toxicity', { feature: 'blind' });
  await put('truncated', { feature: 'blind' });
  await store('blind', 4);
  await api.api.scoreNow();
  expect((await scoresOf('blind')).map(({ name }) => name)).toEqual(Array(4).fill('truncated'));
  const off = await startTestApi(engine, {
    now: () => nowMs,
    about: {
      version: '1.2.3',
      otlpHttpUrl: 'http://127.0.0.1:4318',
      otlpGrpcUrl: '127.0.0.1:4317',
      keyRequired: false,
      localMode: true,
      privacy: { captureContent: 'off', isLoopback: true },
      reportingZone: 'UTC',
    },
  });
  await off.ask('PUT', '/api/v1/evaluators/toxicity/rule', {});
  await off.ask('PUT', '/api/v1/evaluators/bleu/rule', {});
  const { body } = await off.ask('GET', '/api/v1/evaluators');
  await off.stop();
  expect(body).toMatchObject({
    scoring: {
      notes: [
        expect.stringMatching(/not kept.*bleu, toxicity/),
        expect.stringMatching(/no expected answer.*bleu/),
      ],
    },
  });
});

test('an evaluator can be tried on a call, nothing is kept', async () => {
  await store('trial', 1, { answer: () => 'The parcel arrives tomorrow.' });
  const ask = (name: string, body: object) => api.ask('POST', `/api/v1/evaluators/${name}/try`, body);
  const tried = await ask('regex', { feature: 'trial', settings: { pattern: 'tomorrow' } });
  expect(tried).toMatchObject({
    status: 200,
    body: {
      call: { feature: 'trial' },
      input: 'Where is my parcel?',
      output: 'The parcel arrives tomorrow.',
      verdict: { value: 1, label: 'match' },
    },
  });
  const { body } = await ask('token_f1', { feature: 'trial', reference: 'It arrives tomorrow' });
  expect((body.verdict as { value: number }).value).toBeCloseTo(2 / 3, 9);
  const unknown = await ask('token_f1', { feature: 'trial' });
  expect(unknown.body).toMatchObject({ verdict: { value: null, explanation: 'needs reference' } });
  expect((await ask('regex', { feature: 'nobody', settings: { pattern: 'a' } })).status).toBe(404);
  expect(await scoresOf('trial')).toEqual([]);
});

test('retrieved passages and tools of the trace are there to judge by', async () => {
  const [call] = await store('search', 1);
  const trace_id = call!.trace_id;
  const retrieval = spanRow({ at: at(minute), trace_id, span_id: 'feed000000000001', role: 'retrieval' });
  const asked = spanRow({
    at: at(minute),
    ...call!,
    attributes: {
      'gen_ai.tool.definitions':
        '[{"type":"function","name":"track","parameters":{"type":"object","required":["id"]}}]',
    },
  });
  await engine.clickhouse.insert('spans', [retrieval, asked]);
  const documents = JSON.stringify([{ id: '1', content: 'Parcels arrive within two days.' }]);
  await engine.clickhouse.insert('contents', [
    content({ trace_id, span_id: retrieval.span_id }, 'parcel', documents),
    {
      ...content(call!, 'When?', ''),
      output: JSON.stringify([
        {
          role: 'assistant',
          parts: [
            { type: 'text', content: 'Your parcels arrive within two days.' },
            { type: 'tool_call', name: 'track', arguments: {} },
          ],
        },
      ]),
    },
  ]);
  const tried = async (name: string) =>
    (await api.ask('POST', `/api/v1/evaluators/${name}/try`, { feature: 'search' })).body.verdict;
  expect(await tried('groundedness')).toMatchObject({ value: 1, label: 'grounded' });
  expect(await tried('tool_call_valid')).toMatchObject({
    value: 0,
    explanation: "track: / must have required property 'id'",
  });
});

test('scores whose chance nobody knows are not mixed in; sent ones may tell theirs', async () => {
  const calls = await store('sent', 10, { agoMs: hour / 4 });
  const scores = calls.map(({ trace_id, span_id }, index) => ({
    ...{ name: 'relevancy', value: index < 5 ? 1 : 0, trace_id, span_id },
    ...(index < 4 && { inclusion_probability: 0.5, evaluator: 'mine@2', rater: 'judge' }),
  }));
  expect((await api.ask('POST', '/api/v1/scores', { scores })).status).toBe(200);
  const [row] = await quality('score=relevancy&where=feature:sent');
  expect(row).toMatchObject({ value: 1, basis: 'weighted', n: 4, left_out: 6, effective_n: 4, coverage: 1 });
  const thumbs = { rating: 'up', trace_id: calls[0]!.trace_id, span_id: calls[0]!.span_id };
  await api.ask('POST', '/api/v1/feedback', thumbs);
  const [user] = await quality('score=user_feedback&where=feature:sent');
  expect(user).toMatchObject({ value: 1, basis: 'unknown', n: 1, calls_low: null, coverage: 0.1 });
  const { body } = await api.ask('GET', '/api/v1/quality?interval=hour&group_by=feature');
  expect(body.scores).toContainEqual({ name: 'relevancy', n: 10, evaluators: ['mine@2'] });
  const over = await quality('score=relevancy&where=feature:sent&interval=hour&tz=Asia/Kathmandu');
  expect(over).toHaveLength(1);
  expect(over[0]!.time).toMatch(/T\d\d:00:00.*\+05:45$/);
});

test('feedback on a session counts for its last call; corrections and flags are kept with it', async () => {
  const session = 'session-7';
  const spans = ['5e55000000000001', '5e55000000000002'];
  await engine.clickhouse.insert('calls', [
    callRow({ at: at(8 * minute), span_id: spans[0]!, feature: 'early', session }),
    callRow({ at: at(6 * minute), span_id: spans[1]!, feature: 'late', session }),
  ]);
  const said = {
    rating: 'down',
    correction: 'It takes 2 days.',
    flag: 'wrong',
    comment: 'no',
    session_id: session,
  };
  expect((await api.ask('POST', '/api/v1/feedback', { ...said, id: 'a' })).body).toMatchObject({
    accepted: 3,
  });
  expect(await quality('score=user_feedback&where=session:session-7&group_by=feature')).toMatchObject([
    { key: { feature: 'late' }, value: -1, n: 1 },
    { key: { feature: 'early' }, value: null, n: 0 },
  ]);
  // On second thoughts: the same id replaces the rating and leaves the rest.
  await api.ask('POST', '/api/v1/feedback', { id: 'a', rating: 'up', session_id: session });
  const kept = await engine.clickhouse.query(
    `SELECT name, value, label, explanation, rater, source, target FROM scores FINAL
     WHERE session = {session:String} ORDER BY name`,
    { session },
  );
  const shared = { rater: 'user', source: 'feedback', target: 'session' };
  expect(kept).toEqual([
    { name: 'user_correction', value: null, label: 'correction', explanation: 'It takes 2 days.', ...shared },
    { name: 'user_feedback', value: 1, label: 'thumbs_up', explanation: '', ...shared },
    { name: 'user_flag', value: null, label: 'wrong', explanation: 'no', ...shared },
  ]);
  expect((await api.ask('POST', '/api/v1/feedback', { session_id: session, comment: 'hm' })).status).toBe(
    400,
  );
});

test('a batch that was begun before a crash is done again with the chances it had', async () => {
  await put('truncated', { feature: 'crash' });
  await store('crash', 200);
  const [{ now }] = (await engine.clickhouse.query<{ now: string }>(
    'SELECT toString(toUnixTimestamp64Micro(now64(6))) AS now',
  )) as [{ now: string }];
  const begun = { until: now, thin: 0.25 };
  await writeProgress(api.state, 'scoring default', JSON.stringify({ until: '0', begun }));
  await api.api.scoreNow();
  const first = await scoresOf('crash');
  expect(first.length).toBeGreaterThan(25);
  expect(first.length).toBeLessThan(80);
  expect(first.every(({ p }) => p === 0.25)).toBe(true);
  await writeProgress(api.state, 'scoring default', JSON.stringify({ until: '0', begun }));
  await api.api.scoreNow();
  expect(await scoresOf('crash')).toEqual(first);
});
