import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReplyOf } from '#contract/endpoint.ts';
import type {
  anchorsByScore,
  getJudge,
  JudgeHealth,
  listAnchorCandidates,
  listAnchors,
} from '#contract/judge.ts';
import { judgeChangedSince } from '#store/state/judges.ts';
import { startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { type FakeJudge, type JudgeReply, startFakeJudge } from '../../test/support/fake-judge.ts';
import { callRow, scoreRow } from '../../test/support/rows.ts';
import { seeded } from '../../test/support/seeded.ts';

let engine: TestEngine;
let api: TestApi;
let judge: FakeJudge;
let reply: (question: string, n: number) => JudgeReply;
let nowMs: number;
const day = 86_400_000;

beforeAll(async () => {
  engine = await startTestEngine();
  judge = await startFakeJudge((question, n) => reply(question, n));
});
afterAll(async () => {
  await judge.stop();
  await engine.stop();
});
beforeEach(async () => {
  nowMs = Date.parse('2026-11-21T10:00Z');
  judge.asked.length = 0;
  reply = () => ({ content: '{"reason": "on topic", "score": 4}' });
  api = await startTestApi(engine, { now: () => nowMs, judges: { backoffMs: 1 } });
});
afterEach(() => api.stop());

type State = ReplyOf<typeof getJudge>;

async function set(more: object = {}): Promise<State> {
  const { status, body } = await api.ask('PUT', '/api/v1/judge', {
    base_url: judge.baseUrl,
    model: 'gpt-4o-mini',
    timeout_ms: 60_000,
    ...more,
  });
  expect(status, JSON.stringify(body)).toBe(200);
  return body as State;
}

const attempt = async (more: object = {}) => {
  const asked = { rubric: 'relevancy', input: 'What is the capital of France?', output: 'Paris.', ...more };
  return (await api.ask('POST', '/api/v1/judge/try', asked)).body as {
    value: number | null;
    explanation: string;
    cost_usd: string | null;
  };
};

describe('an LLM judge', () => {
  it('is off until a model is named, and keeps everything on this machine unless told otherwise', async () => {
    const { body } = await api.ask('GET', '/api/v1/judge');
    const state = body as State;
    expect(state.settings).toMatchObject({ base_url: 'http://127.0.0.1:11434/v1', model: '' });
    expect(state.what_leaves).toBe('Nothing leaves this machine: no judge is set.');
    expect(await attempt()).toMatchObject({ value: null, explanation: 'no judge is set' });

    const elsewhere = { base_url: 'https://judge.example/v1', model: 'gpt-4o-mini', api_key: 'secret-1' };
    const refused = await api.ask('PUT', '/api/v1/judge', elsewhere);
    expect([refused.status, refused.body.detail]).toEqual([400, expect.stringContaining('texts_may_leave')]);
    const allowed = await set({ ...elsewhere, texts_may_leave: true });
    expect(allowed).toMatchObject({ local: false, settings: { has_api_key: true } });
    expect(allowed.what_leaves).toContain('are sent to judge.example');
    expect(JSON.stringify(allowed)).not.toContain('secret-1');
    // The key of one place is not shown to another.
    expect((await set()).settings.has_api_key).toBe(false);
  });

  it('scores by a rubric, and counts what that cost', async () => {
    expect((await set({ provider: 'openai' })).what_leaves).toContain('on this machine');
    // gpt-4o-mini: 0.15 USD per million input tokens, 0.60 per million output tokens.
    expect(await attempt()).toMatchObject({
      value: 0.75,
      label: '4',
      explanation: 'on topic',
      cost_usd: '0.000210000',
    });
    expect(judge.asked[0]).toContain('<<<answer\nParis.\nanswer>>>');
    const { spend } = (await api.ask('GET', '/api/v1/judge')).body as State;
    expect(spend).toMatchObject({
      spent_usd: '0.000210000',
      calls: 1,
      input_tokens: 1_000,
      output_tokens: 100,
      stopped: false,
    });
  });

  it('asks once more for an answer that cannot be read, then gives up without a value', async () => {
    await set();
    reply = (_question, n) => ({ content: n === 0 ? 'I cannot say.' : '{"score": 5, "reason": "ok"}' });
    expect(await attempt()).toMatchObject({ value: 1 });
    reply = () => ({ content: 'Great!' });
    expect(await attempt()).toMatchObject({
      value: null,
      explanation: 'the judge gave no score that could be read',
    });
    expect(judge.asked).toHaveLength(4);
  });

  it.each<[string, (n: number) => JudgeReply, number | null, number]>([
    [
      '429 with a pause, then an answer',
      n => (n < 2 ? { status: 429, retryAfterMs: 5 } : { content: '{"score": 3}' }),
      0.5,
      3,
    ],
    ['500 for good', () => ({ status: 500 }), null, 4],
    ['401 at once', () => ({ status: 401 }), null, 1],
    ['a page of a proxy, then an answer', n => (n < 1 ? 'not-json' : { content: '{"score": 3}' }), 0.5, 2],
    ['no answer, then one', n => (n < 1 ? 'hang' : { content: '{"score": 3}' }), 0.5, 2],
  ])('%s', async (_name, by, value, asked) => {
    // Whoever is asked in vain is given up soon.
    await set({ timeout_ms: 2_000 });
    reply = (_question, n) => by(n);
    expect((await attempt()).value).toBe(value);
    expect(judge.asked).toHaveLength(asked);
  });

  it('asks nothing more once the cap of the day is reached, and says so; the next day it goes on', async () => {
    await set({ provider: 'openai', cap_usd_per_day: '0.0005', concurrency: 8 });
    const found = await Promise.all(Array.from({ length: 12 }, () => attempt()));
    const { spend } = (await api.ask('GET', '/api/v1/judge')).body as State;
    // Before the first price is known all eight may be under way; from then on what is under way counts as well.
    expect(Number(spend.spent_usd)).toBeLessThanOrEqual(8 * 0.00021 + 1e-12);
    expect(judge.mostAtOnce()).toBeLessThanOrEqual(8);
    expect(found.filter(({ value }) => value === null).at(-1)!.explanation).toContain('cap of 0.0005 USD');
    expect(spend.stopped).toBe(true);
    expect(spend.sentence).toContain('nothing more is judged until midnight UTC');
    const before = judge.asked.length;
    await attempt();
    expect(judge.asked.length).toBe(before);
    nowMs += day;
    expect((await attempt()).value).toBe(0.75);
  });
});

describe('anchors', () => {
  const examples = Array.from({ length: 24 }, (_, at) => ({
    input: `question ${at}`,
    output: `answer ${at}`,
  }));
  let lenience = 0;
  const { next } = seeded(31);

  beforeEach(async () => {
    lenience = 0;
    // A judge with a mind of its own for each example, a little noise, and more or less lenience. No answer gets full marks.
    reply = question => {
      const at = Number(/answer (\d+)/.exec(question)?.[1] ?? 0);
      const mark = 1.5 + ((at * 7) % 20) / 10 + 4 * lenience + (next() - 0.5) * 0.4;
      return { content: JSON.stringify({ reason: 'so', score: Math.round(Math.min(5, mark) * 4) / 4 }) };
    };
    await set({ provider: 'openai', cap_usd_per_day: null, concurrency: 8 });
  });

  async function health(): Promise<JudgeHealth['judges'][number]> {
    const { body } = await api.ask('GET', '/api/v1/judge/health?score=relevancy');
    return (body as JudgeHealth).judges[0]!;
  }

  it('tell a judge that became more lenient by 0.1, until it is accepted', async () => {
    const { status, body } = await api.ask('POST', '/api/v1/judge/anchors', {
      score: 'relevancy',
      examples,
      first_scores: 2,
    });
    expect([status, body]).toEqual([200, expect.objectContaining({ anchors: 24, first_scores: 2 })]);
    expect((await health()).drift).toMatchObject({ state: 'learning', runs: [] });
    for (let run = 0; run < 4; run += 1) {
      nowMs += day / 4;
      await api.api.judgeNow();
    }
    expect((await health()).drift).toMatchObject({ state: 'steady', changed: null });
    const lastGood = new Date(nowMs).toISOString();

    lenience = 0.1;
    nowMs += day / 4;
    await api.api.judgeNow();
    const { drift } = await health();
    expect(drift).toMatchObject({
      state: 'changed',
      changed: { after: lastGood, by: new Date(nowMs).toISOString() },
    });
    expect(drift!.difference).toBeCloseTo(0.1, 1);
    expect(drift!.low).toBeGreaterThan(0);
    expect(drift!.sentence).toContain('The judge changed: it scores the same anchors');
    expect(await judgeChangedSince(api.state, 'default', 'relevancy')).toMatchObject({ after_at: lastGood });

    expect((await api.ask('POST', '/api/v1/judge/accept', { score: 'relevancy' })).status).toBe(200);
    expect(await judgeChangedSince(api.state, 'default', 'relevancy')).toBeNull();
    nowMs += day / 4;
    await api.api.judgeNow();
    expect((await health()).drift!.state).toBe('steady');
  });

  it('say nothing of the judge while it cannot be reached', async () => {
    await api.ask('POST', '/api/v1/judge/anchors', { score: 'relevancy', examples, first_scores: 2 });
    reply = () => ({ status: 400 });
    const { body } = await api.ask('POST', '/api/v1/judge/anchors/run', { score: 'relevancy' });
    expect(body).toEqual({ scored: 0, failed: 24, changed: false });
    expect((await health()).drift!.state).toBe('learning');
  });

  it('are not frozen of too few examples, or for nobody', async () => {
    reply = () => ({ content: 'no' });
    const few = await api.ask('POST', '/api/v1/judge/anchors', {
      score: 'relevancy',
      examples: examples.slice(0, 10),
    });
    expect([few.status, few.body.detail]).toEqual([
      400,
      expect.stringContaining('0 of 10 examples could be scored'),
    ]);
    const nobody = await api.ask('POST', '/api/v1/judge/anchors/run', { score: 'correctness' });
    expect([nobody.status, nobody.body.detail]).toEqual([400, 'no anchors are frozen for correctness']);
  });
});

describe('anchors out of what is there', () => {
  const at = '2026-11-20T12:00:00Z';
  const ids = Array.from({ length: 40 }, (_, n) => (n + 1).toString(16).padStart(16, 'e'));
  const traceOf = (span_id: string) => span_id.padStart(32, 'a');
  const said = (role: string, content: string) =>
    JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);
  type Found = ReplyOf<typeof listAnchorCandidates>;
  const candidates = async (query: string) =>
    (await api.ask('GET', `/api/v1/judge/anchor-candidates?${query}`)).body as Found;

  beforeAll(async () => {
    await engine.clickhouse.insert(
      'calls',
      ids.map(span_id => callRow({ at, span_id })),
    );
    // The texts of the last four are not kept.
    await engine.clickhouse.insert(
      'contents',
      ids.slice(0, 36).map((span_id, n) => ({
        project_id: 'default',
        trace_id: traceOf(span_id),
        span_id,
        time: at.replace('T', ' ').replace('Z', ''),
        record_id: '',
        input: said('user', `question ${n}`),
        output: said('assistant', `answer ${n}`),
      })),
    );
    await engine.clickhouse.insert(
      'scores',
      ids.flatMap((span_id, n) => {
        const score = { at, trace_id: traceOf(span_id), span_id };
        const value = (n % 5) / 4;
        return [
          scoreRow({ ...score, score_id: `aj${n}`, name: 'relevancy', rater: 'judge', value }),
          ...(n % 2 === 0
            ? [scoreRow({ ...score, score_id: `ah${n}`, name: 'good', rater: 'human', value: 1 - value })]
            : []),
          ...(n < 24
            ? [
                scoreRow({
                  ...score,
                  score_id: `ac${n}`,
                  name: 'user_correction',
                  rater: 'human',
                  value: null,
                  explanation: `better ${n}`,
                }),
              ]
            : []),
        ];
      }),
    );
  });

  it('are offered over the whole scale, and only with what the rubric needs', async () => {
    const judged = await candidates('score=relevancy&source=judged&limit=20');
    expect(judged).toMatchObject({ found: 40, missing: ['input', 'output'] });
    expect(judged.candidates).toHaveLength(20);
    const values = judged.candidates.map(({ value }) => value);
    for (const value of [0, 0.25, 0.5, 0.75, 1]) expect(values).toContain(value);
    expect(judged.candidates.every(({ input }) => input.startsWith('question '))).toBe(true);

    const corrected = await candidates('score=correctness&source=labelled');
    expect(corrected.missing).toContain('reference');
    expect(corrected.candidates).toHaveLength(12);
    expect(corrected.candidates[0]!.reference).toMatch(/^better /);
    expect((await candidates('score=hallucination')).candidates).toEqual([]);
  });

  it('are frozen as chosen, listed with version, source and judge, shown one by one, and removed', async () => {
    await set();
    const { candidates: some } = await candidates('score=relevancy&source=labelled');
    const keys = some.slice(0, 12).map(({ key }) => key);
    const freeze = { score: 'relevancy', source: 'labelled', candidates: keys, first_scores: 2 };
    const few = await api.ask('POST', '/api/v1/judge/anchors', { ...freeze, candidates: keys.slice(0, 9) });
    expect(few.status).toBe(400);
    for (const version of [1, 2]) {
      const { body } = await api.ask('POST', '/api/v1/judge/anchors', freeze);
      expect(body).toMatchObject({ version, anchors: 12, first_scores: 2 });
    }
    expect(judge.asked).toHaveLength(48);
    reply = () => ({ content: '{"reason": "so", "score": 5}' });
    await api.ask('POST', '/api/v1/judge/anchors/run', { score: 'relevancy' });
    const { sets } = (await api.ask('GET', '/api/v1/judge/anchors')).body as ReplyOf<typeof listAnchors>;
    expect(sets).toMatchObject([
      { score: 'relevancy', evaluator: 'relevancy@1', version: 2, source: 'labelled', first_scores: 2 },
    ]);
    expect(sets[0]!.judge).toBe(`gpt-4o-mini at ${new URL(judge.baseUrl).host}`);
    expect(sets[0]!.drift).toMatchObject({ anchors: 12, last_run: expect.any(String) });
    const shown = (await api.ask('GET', '/api/v1/judge/anchors/relevancy')).body as ReplyOf<
      typeof anchorsByScore
    >;
    expect(shown.examples).toHaveLength(12);
    expect(shown.examples[0]).toMatchObject({ first: [0.75, 0.75], last: 1 });

    expect((await api.ask('DELETE', '/api/v1/judge/anchors/relevancy')).status).toBe(200);
    expect((await api.ask('GET', '/api/v1/judge/anchors')).body).toEqual({ sets: [] });
    expect((await api.ask('DELETE', '/api/v1/judge/anchors/relevancy')).status).toBe(400);
  });

  it('come from the newest runs of a golden set, too', async () => {
    const cases = Array.from({ length: 12 }, (_, n) => ({
      case_id: `c${n}`,
      input: [{ role: 'user', parts: [{ type: 'text', content: `case ${n}` }] }],
      reference: `right ${n}`,
    }));
    await api.ask('POST', '/api/v1/golden/sets', { set: 'refunds' });
    await api.ask('POST', '/api/v1/golden/sets/refunds/cases', { cases });
    const { body: run } = await api.ask('POST', '/api/v1/golden/sets/refunds/runs', { prompt: 'v1' });
    const results = cases.map(({ case_id }, n) => ({ case_id, output: n % 2 ? `right ${n}` : 'wrong' }));
    await api.ask('POST', `/api/v1/golden/runs/${(run as { run_id: string }).run_id}/results`, { results });
    const found = await candidates('score=correctness&source=golden&set=refunds');
    expect(found).toMatchObject({ found: 12, unfit: 0 });
    expect(found.candidates[1]).toMatchObject({ input: 'case 1', output: 'right 1', reference: 'right 1' });
    const none = await api.ask('GET', '/api/v1/judge/anchor-candidates?score=tone&source=golden&set=nothing');
    expect([none.status, none.body.detail]).toEqual([400, 'set: there is no golden set nothing']);
  });
});

it('is tried before it is saved; what is saved stays', async () => {
  const settings = { base_url: judge.baseUrl, model: 'other-judge', timeout_ms: 60_000 };
  const trial = { rubric: 'tone', output: 'Gladly!' };
  const { body } = await api.ask('POST', '/api/v1/judge/try', { ...trial, settings });
  expect(body).toMatchObject({ value: 0.75 });
  const state = (await api.ask('GET', '/api/v1/judge')).body as State;
  expect(state.settings.model).toBe('');
  expect(state.spend.calls).toBe(1);
  const elsewhere = { ...settings, base_url: 'https://judge.example/v1' };
  const refused = await api.ask('POST', '/api/v1/judge/try', { ...trial, settings: elsewhere });
  expect([refused.status, refused.body.detail]).toEqual([400, expect.stringContaining('texts_may_leave')]);
});

describe('people beside the judge', () => {
  it('agree with it, or correct it', async () => {
    const { next } = seeded(8);
    const calls = Array.from({ length: 300 }, (_, at) => ({
      at,
      span_id: (at + 1).toString(16).padStart(16, '0'),
    }));
    const time = '2026-11-20T12:00:00Z';
    const target = (span_id: string) => ({ span_id, trace_id: span_id.padStart(32, 'a') });
    const truth = calls.map(() => 0.3 + 0.5 * next());
    await engine.clickhouse.insert(
      'calls',
      calls.map(({ span_id }) => callRow({ at: time, span_id })),
    );
    await engine.clickhouse.insert('scores', [
      ...calls.map(({ at, span_id }) =>
        scoreRow({
          at: time,
          score_id: `j${at}`,
          ...target(span_id),
          name: 'helpful',
          rater: 'judge',
          evaluator: 'helpful@1',
          value: truth[at]! + 0.1,
          inclusion_probability: 1,
        }),
      ),
      ...calls
        .filter(({ at }) => at % 6 === 0)
        .map(({ at, span_id }) =>
          scoreRow({
            at: time,
            score_id: `h${at}`,
            ...target(span_id),
            name: 'helpful',
            rater: 'human',
            value: truth[at]!,
          }),
        ),
    ]);
    const { status, body } = await api.ask('GET', '/api/v1/judge/health?score=helpful&tz=Europe/Oslo');
    expect(status, JSON.stringify(body)).toBe(200);
    const [found] = (body as JudgeHealth).judges;
    expect(found).toMatchObject({ score: 'helpful', scored: 300, evaluators: ['helpful@1'], drift: null });
    expect(found!.agreement.n).toBe(50);
    expect(found!.agreement.bias.value).toBeCloseTo(0.1, 9);
    expect(found!.agreement.spearman.value).toBeCloseTo(1, 9);
    const [corrected] = found!.daily;
    expect(corrected).toMatchObject({ time: '2026-11-20T00:00:00+01:00', judged: 300, labelled: 50 });
    const mean = truth.reduce((a, b) => a + b, 0) / truth.length;
    expect(corrected!.judge_mean).toBeCloseTo(mean + 0.1, 9);
    expect(corrected!.value).toBeCloseTo(mean, 2);
    expect(corrected!.low).toBeLessThan(mean);
    expect(corrected!.high).toBeGreaterThan(mean);
  });
});
