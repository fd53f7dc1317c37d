import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../test/support/engine.ts';
import { callRow, scoreRow } from '../test/support/rows.ts';
import { seeded } from '../test/support/seeded.ts';
import { readScoreSums, type ScoreEstimateQuestion, type ScoreSumsRow } from './queries/score-estimate.ts';
import { readScoreHistory } from './queries/score-history.ts';
import { rollUpScores } from './score-roll-up.ts';

let engine: TestEngine;
const fromMs = Date.parse('2026-11-10T00:20:00Z');
const toMs = Date.parse('2026-11-12T12:40:00Z');
const calls = 420;
const hex = (n: number) => (n + 1).toString(16).padStart(16, '0');
const timeOf = (n: number) => new Date(fromMs + (n * (toMs - fromMs)) / calls).toISOString();

beforeAll(async () => {
  engine = await startTestEngine();
  const { next } = seeded(11);
  const rows = Array.from({ length: calls }, (_, n) =>
    callRow({
      at: timeOf(n),
      span_id: hex(n),
      // Some traces and sessions go on over an hour's or a day's end.
      trace_id: hex(Math.floor(n / 7)).padStart(32, 'b'),
      session: n % 5 === 0 ? `s${Math.floor(n / 60)}` : '',
      feature: ['chat', 'search', ''][n % 3]!,
      prompt_name: 'answer',
      prompt_version: n % 2 ? 'v1' : 'v2',
      operation: n % 50 === 0 ? 'embeddings' : 'chat',
    }),
  );
  const scores = rows.flatMap(({ trace_id, span_id }, n) => {
    const inclusion_probability = [1, 0.25, null][n % 3]!;
    const target = n % 11 === 0 ? 'trace' : 'span';
    const judged = { trace_id, span_id: target === 'span' ? span_id : '', target };
    return n % 4 === 0
      ? []
      : [scoreRow({ at: timeOf(n), score_id: `s${n}`, value: next(), inclusion_probability, ...judged })];
  });
  const sessions = [0, 3, 6].map(n =>
    scoreRow({ at: timeOf(n * 60), score_id: `x${n}`, value: 0.5, target: 'session', session: `s${n}` }),
  );
  await engine.clickhouse.insert('calls', rows);
  await engine.clickhouse.insert('scores', [...scores, ...sessions]);
});
afterAll(() => engine.stop());

const question: ScoreEstimateQuestion = {
  ...{ projectId: 'default', score: 'answer_quality', fromMs, toMs, tz: 'UTC', limit: 1_000 },
  ...{ groupBy: [], where: [] },
};
const questions: Partial<ScoreEstimateQuestion>[] = [
  {},
  { interval: 'day', tz: 'Europe/Paris', groupBy: ['feature', 'prompt'] },
  {
    interval: 'hour',
    groupBy: ['feature'],
    where: [
      { dimension: 'model', value: 'gpt-4o-mini' },
      { dimension: 'prompt', value: 'answer v2' },
    ],
  },
];

/** In one order, and sums to so many digits: they are added up in another order. */
function normal(rows: readonly ScoreSumsRow[]): unknown[] {
  const rounded = rows.map(row =>
    JSON.parse(
      JSON.stringify(row, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(10)) : value)),
    ),
  ) as ScoreSumsRow[];
  return rounded.sort((a, b) => (JSON.stringify([a.time, a.key]) < JSON.stringify([b.time, b.key]) ? -1 : 1));
}

async function expectEqual(): Promise<void> {
  for (const asked of questions) {
    const whole = { ...question, ...asked };
    const [history, base] = await Promise.all([
      readScoreHistory(engine.clickhouse, whole, toMs - 3_600_000),
      readScoreSums(engine.clickhouse, whole),
    ]);
    expect(normal(history), JSON.stringify(asked)).toEqual(normal(base));
  }
}

test('sums of hours are those of the calls, and late scores, new calls and removals reach their hours only', async () => {
  const first = await rollUpScores(engine.clickhouse, { projectId: 'default', since: '0' });
  expect(first!.hours).toBeGreaterThan(55);
  await expectEqual();

  // Everything above is older than what the next look goes back to.
  const since = String(BigInt(first!.begun) + 100_000_000n);
  const ahead = new Date(Number(BigInt(first!.begun) / 1000n) + 150_000)
    .toISOString()
    .replace('T', ' ')
    .replace('Z', '');
  const later = { stored_at: ahead, version: '2' };
  const span = (n: number) => ({ trace_id: hex(Math.floor(n / 7)).padStart(32, 'b'), span_id: hex(n) });
  await engine.clickhouse.insert('scores', [
    {
      ...scoreRow({ at: timeOf(50), score_id: 'late', value: 0.01, inclusion_probability: 0.5, ...span(50) }),
      ...later,
    },
    // Said days after the call.
    { ...scoreRow({ at: timeOf(400), score_id: 'later', value: 0.2, ...span(5) }), ...later },
    { ...scoreRow({ at: timeOf(101), score_id: 's101', value: 0.9, is_deleted: 1, ...span(101) }), ...later },
  ]);
  const longer = { trace_id: hex(30).padStart(32, 'b'), session: 's3', feature: 'search' };
  await engine.clickhouse.insert('calls', [
    { ...callRow({ at: timeOf(380), span_id: 'feed', ...longer }), ...later },
  ]);
  const second = await rollUpScores(engine.clickhouse, { projectId: 'default', since });
  expect(second!.hours).toBeGreaterThan(3);
  expect(second!.hours).toBeLessThan(40);
  await expectEqual();
  expect(
    await rollUpScores(engine.clickhouse, { projectId: 'default', since: String(BigInt(since) + 10n ** 9n) }),
  ).toMatchObject({
    hours: 0,
  });
});

test('what hours cannot answer is read from the calls', async () => {
  const bySession = { ...question, groupBy: ['session'] as const };
  expect(normal(await readScoreHistory(engine.clickhouse, bySession, toMs))).toEqual(
    normal(await readScoreSums(engine.clickhouse, bySession)),
  );
  const india = { ...question, interval: 'day' as const, tz: 'Asia/Kolkata' };
  expect(await readScoreHistory(engine.clickhouse, india, toMs)).toEqual(
    await readScoreSums(engine.clickhouse, india),
  );
});
