import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '#contract/compare.ts';
import type { ComparePairs } from '#contract/compare-pairs.ts';
import type { ReplyOf } from '#contract/endpoint.ts';
import type { Fairness } from '#contract/fairness.ts';
import type { quality, qualityScores } from '#contract/quality.ts';
import type { ScoreDistribution } from '#contract/score-distribution.ts';
import { startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { callRow, scoreRow, spanRow } from '../../test/support/rows.ts';
import { seeded } from '../../test/support/seeded.ts';

let engine: TestEngine;
let api: TestApi;
const fromMs = Date.parse('2026-11-20T00:00Z');
const nowMs = Date.parse('2026-11-21T00:00Z');
const arms = ['a', 'b', 'a2'] as const;
const calls = 2_400;

/** Arms a and a2 are alike; b is 6 points worse, slower, dearer and chosen to be scored with another chance. */
function traffic() {
  const { next } = seeded(5);
  const rows: Parameters<typeof callRow>[0][] = [];
  const scores: Parameters<typeof scoreRow>[0][] = [];
  for (let at = 0; at < calls; at += 1) {
    const variant = arms[at % 3]!;
    const time = new Date(fromMs + (at * (nowMs - fromMs)) / calls).toISOString();
    const span_id = (at + 1).toString(16).padStart(16, '0');
    const isWorse = variant === 'b';
    rows.push({
      at: time,
      span_id,
      variant,
      user: `user-${at}`,
      duration_ns: String(Math.round((isWorse ? 900 : 600) * Math.exp(0.3 * (next() + next() - 1)) * 1e6)),
      cost_nanos: isWorse ? '40000' : '27000',
    });
    const inclusion_probability = at % 2 === 0 ? 1 : 0.25;
    if (next() >= inclusion_probability) continue;
    const value = next() < (isWorse ? 0.6 : 0.9) ? 1 : 0;
    scores.push({
      at: time,
      score_id: `s${at}`,
      trace_id: span_id.padStart(32, 'a'),
      span_id,
      value,
      inclusion_probability,
    });
  }
  return { rows: rows.map(callRow), scores: scores.map(scoreRow) };
}

beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine, { now: () => nowMs });
  const { rows, scores } = traffic();
  await engine.clickhouse.insert('calls', rows);
  await engine.clickhouse.insert('calls', [
    callRow({ at: '2026-11-20T10:00:00Z', span_id: 'ffff', variant: 'b', purpose: 'evaluation' }),
  ]);
  await engine.clickhouse.insert('scores', scores);
  const spans = rows.slice(0, 100).map(({ trace_id, span_id }, at) =>
    spanRow({
      at: new Date(fromMs + at * 1_000).toISOString(),
      trace_id,
      span_id,
      attributes: { 'user.language': 'no' },
    }),
  );
  await engine.clickhouse.insert('spans', spans);
  // The phase is known where the request comes in: an attribute of its first span, or of the process that serves it.
  const phases = rows
    .filter(({ variant }) => variant !== 'a2')
    .map(({ trace_id, variant }, at) => {
      const phase = { 'rollout.phase': variant === 'b' ? 'canary, 10 %' : 'stable' };
      return spanRow({
        at: new Date(fromMs + at * 1_000).toISOString(),
        trace_id,
        span_id: `${trace_id.slice(-15)}f`,
        ...(variant === 'b' ? { resource: phase } : { attributes: phase }),
      });
    });
  await engine.clickhouse.insert('spans', phases);
});
afterAll(async () => {
  await api.stop();
  await engine.stop();
});

async function compare(query: string): Promise<Comparison> {
  const { status, body } = await api.ask(
    'GET',
    `/api/v1/compare?from=2026-11-20T00:00Z&to=2026-11-21T00:00Z&${query}`,
  );
  expect(status, JSON.stringify(body)).toBe(200);
  return body as Comparison;
}

describe('GET /api/v1/compare', () => {
  it('rolls a worse candidate back, and says why', async () => {
    const found = await compare('control=variant:a&candidate=variant:b&candidate_share=0.5');
    expect(found.verdict).toBe('roll_back');
    expect(found.score).toBe('answer_quality');
    expect(found.control).toMatchObject({ calls: 800, units: 800 });
    expect(found.candidate).toMatchObject({ calls: 800, units: 800 });
    const [quality, latency, cost, errors] = found.checks;
    expect(quality!.difference).toBeCloseTo(-0.3, 0);
    expect(quality!.high).toBeLessThan(0);
    expect(latency!.state).toBe('beyond');
    expect(cost!.difference).toBeCloseTo(40 / 27 - 1, 9);
    expect(errors).toMatchObject({ difference: 0, control: { value: 0, calls: 800 } });
    expect(found.sentence).toBe('Roll back: quality, latency and cost are surely worse.');
    expect(found.sample_ratio).toMatchObject({ observed: 0.5, mismatch: false });
    expect(found.series).toHaveLength(24);
    expect(found.series.at(-1)).toMatchObject({ difference: quality!.difference, low: quality!.low });
    expect(found.series[0]!.low).toBeNull();
  });

  it('tells arms apart by an attribute of their traces, as of a rollout', async () => {
    const candidate = encodeURIComponent('attribute:rollout.phase=canary\\, 10 %');
    const found = await compare(`control=attribute:rollout.phase=stable&candidate=${candidate}`);
    const same = await compare('control=variant:a&candidate=variant:b');
    expect(found.verdict).toBe('roll_back');
    expect(found.checks).toEqual(same.checks);
    expect(found.control).toEqual(same.control);
    const within = await compare(`control=attribute:rollout.phase=stable,variant:b&candidate=${candidate}`);
    expect(within.control.calls).toBe(0);
    const { status, body } = await api.ask('GET', '/api/v1/compare?control=phase:a&candidate=variant:b');
    expect([status, body.detail]).toEqual([400, expect.stringContaining('attribute:key=value')]);
  });

  it('holds one that is alike while it is not sure, and says how much is missing', async () => {
    const found = await compare('control=variant:a&candidate=variant:a2');
    expect(found.verdict).toBe('hold');
    expect(found.needed!.calls).toBeGreaterThan(100);
    expect(found.needed!.hours).toBeGreaterThan(1);
    expect(found.sentence).toContain('more calls until');
    expect(found.notes.join(' ')).toContain('No share was named');
  });

  it('ships one that is alike when the margins are wide', async () => {
    const found = await compare(
      'control=variant:a&candidate=variant:a2&quality_margin=0.2&error_margin=0.05&latency_margin=0.2',
    );
    expect(found.checks.map(({ state }) => state)).toEqual(['within', 'within', 'within', 'within']);
    expect(found.verdict).toBe('ship');
    const mismatched = await compare(
      'control=variant:a&candidate=variant:a2&quality_margin=0.2&error_margin=0.05&latency_margin=0.2&candidate_share=0.4',
    );
    expect(mismatched).toMatchObject({ verdict: 'hold', sample_ratio: { mismatch: true } });
  });

  it('leaves out calls that fit both arms, and warns of users in both and of a moving range', async () => {
    const overlapping = await compare('control=variant:a&candidate=environment:production');
    expect(overlapping.control.calls).toBe(0);
    expect(overlapping.notes[0]).toBe('800 calls fit both arms and were left out.');
    const { body } = await api.ask(
      'GET',
      '/api/v1/compare?from=now-24h&control=variant:a&candidate=variant:b',
    );
    expect((body as Comparison).notes[0]).toContain('moves with the clock');
  });

  it('has nothing to say about nobody', async () => {
    const found = await compare('control=variant:none&candidate=variant:nothing');
    expect(found).toMatchObject({ verdict: 'hold', needed: null });
    expect(found.checks.every(({ state }) => state === 'no_data')).toBe(true);
  });

  it('asks for both arms', async () => {
    const { status, body } = await api.ask('GET', '/api/v1/compare?candidate=variant:b');
    expect([status, body.detail]).toEqual([400, 'control: name what the control is, e.g. variant:a']);
  });
});

describe('GET /api/v1/quality/distribution', () => {
  const asked = 'from=2026-11-20T00:00Z&to=2026-11-21T00:00Z';
  const spread = async (query: string) => {
    const { status, body } = await api.ask('GET', `/api/v1/quality/distribution?${asked}&${query}`);
    expect(status, JSON.stringify(body)).toBe(200);
    return body as ScoreDistribution;
  };

  it('weighs what was chosen, and counts what nobody scored', async () => {
    const found = await spread('group_by=variant&bins=2');
    expect(found).toMatchObject({ score: 'answer_quality', better: 'higher', edges: [0, 0.5, 1] });
    expect(found.groups.map(({ key }) => key.variant)).toEqual(['a', 'a2', 'b']);
    for (const { key, n, counts, unscored, calls: all, shares, basis } of found.groups) {
      const [control, row] = [await compare('control=variant:a&candidate=variant:b'), key.variant];
      if (row === 'a') expect(n).toBe(control.control.scored_calls);
      expect([basis, all, unscored]).toEqual(['weighted', 800, 800 - n]);
      expect(counts[0]! + counts[1]!).toBe(n);
      expect(shares[0]! + shares[1]!).toBeCloseTo(1, 12);
      if (row === 'b') expect(shares[1]).toBeCloseTo(control.checks[0]!.candidate.value!, 12);
    }
  });

  it('leaves the unit range for other scales, and puts the highest into the last bin', async () => {
    const scores = [-1, 0, 3].map((value, at) =>
      scoreRow({
        at: '2026-11-20T01:00:00Z',
        name: 'stars',
        score_id: `stars${at}`,
        trace_id: '1'.padStart(16, '0').padStart(32, 'a'),
        span_id: '1'.padStart(16, '0'),
        value,
      }),
    );
    await engine.clickhouse.insert('scores', scores);
    const found = await spread('score=stars&bins=4');
    expect(found.edges).toEqual([-1, 0, 1, 2, 3]);
    expect(found.groups).toMatchObject([
      { key: {}, counts: [1, 1, 0, 1], n: 3, basis: 'unknown', left_out: 0, calls, unscored: calls - 1 },
    ]);
    expect(await spread('score=nothing')).toMatchObject({
      edges: [],
      groups: [{ counts: [], shares: [], basis: 'none', n: 0, calls, unscored: calls }],
    });
  });
});

describe('GET /api/v1/quality', () => {
  it('says the same from sums by the hour as from the calls', async () => {
    const asked =
      '/api/v1/quality?from=2026-10-01T00:00Z&to=2026-11-21T00:00Z&group_by=variant&interval=week';
    const read = async () => (await api.ask('GET', asked)).body as unknown as ReplyOf<typeof quality>;
    const before = await read();
    expect(before.rows).toHaveLength(3);
    await api.api.rollUpScores();
    const after = await read();
    const [stored] = await engine.clickhouse.query<{ n: string }>('SELECT count() AS n FROM score_stats_1h');
    expect(Number(stored!.n)).toBeGreaterThan(50);
    expect(after.scores).toEqual(before.scores);
    expect(after.rows.map(({ key, n, calls }) => [key.variant, n, calls]).sort()).toEqual(
      before.rows.map(({ key, n, calls }) => [key.variant, n, calls]).sort(),
    );
    for (const row of after.rows) {
      const same = before.rows.find(({ key }) => key.variant === row.key.variant)!;
      expect(row.value).toBeCloseTo(same.value!, 10);
      expect(row.low).toBeCloseTo(same.low!, 10);
    }
  });

  it('adds groups up to what one gets without them, and has every score beside a time before in one answer', async () => {
    const range = 'from=2026-11-01T00:00Z&to=2026-11-21T00:00Z';
    type Reply = ReplyOf<typeof quality>;
    const read = async (more: string) =>
      (await api.ask('GET', `/api/v1/quality?${range}${more}`)).body as unknown as Reply;
    const whole = await read('');
    const { key: _key, time: _time, ...row } = whole.rows[0]!;
    const { value, low, high, effective_n, ...exact } = row;
    for (const { total } of [
      whole,
      await read('&group_by=variant'),
      await read('&group_by=variant&interval=day'),
    ]) {
      expect(total).toMatchObject(exact);
      expect(total!.value).toBeCloseTo(value!, 10);
      expect([total!.low, total!.high]).toEqual([expect.closeTo(low!, 8), expect.closeTo(high!, 8)]);
      expect(total!.effective_n).toBeCloseTo(effective_n, 6);
    }
    expect(await read('&group_by=variant&limit=1')).toMatchObject({ truncated: true, total: null });
    const earlier = 'before_from=2026-10-12T00:00Z&before_to=2026-11-01T00:00Z';
    const all = (await api.ask('GET', `/api/v1/quality/scores?${range}&${earlier}&limit=1`))
      .body as unknown as ReplyOf<typeof qualityScores>;
    expect(all.names).toBe(whole.scores.length);
    expect(all.scores).toMatchObject([
      { name: whole.scores[0]!.name, before: { basis: expect.any(String) } },
    ]);
    const same = await read(`&score=${all.scores[0]!.name}`);
    expect(all.scores[0]!.now).toMatchObject({ value: same.total!.value, n: same.total!.n });
    const alone = await api.ask('GET', `/api/v1/quality/scores?${range}`);
    expect(alone.body).toMatchObject({
      scores: expect.arrayContaining([expect.objectContaining({ before: null })]),
    });
  });
});

describe('GET /api/v1/compare/pairs', () => {
  const says = (role: string, content: string) =>
    JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);

  it('pairs calls that were asked alike, worst differences first, without private values', async () => {
    const made: [string, string, string, string, number][] = [
      ['c1', 'old', 'How long do refunds take?', 'Five days.', 0.9],
      ['c2', 'old', 'Where is my order?', 'On its way.', 0.8],
      ['c3', 'old', 'Tell me of jo@example.com', 'jo@example.com is fine.', 0.7],
      ['d1', 'new', 'how long does a refund take', 'Never.', 0.1],
      ['d2', 'new', 'Where is my order', 'It is on its way.', 0.9],
      ['d3', 'new', 'Do you sell umbrellas?', 'No.', 0.1],
      ['d4', 'new', 'Tell me of jo@example.com', 'Who?', 0.6],
    ];
    const at = '2026-11-18T05:00:00Z';
    const spanId = (id: string) => id.padStart(16, '0');
    const rows = made.map(([id, variant]) => callRow({ at, span_id: spanId(id), variant, feature: 'pairs' }));
    await engine.clickhouse.insert('calls', rows);
    await engine.clickhouse.insert(
      'scores',
      made.map(([id, , , , value], i) =>
        scoreRow({
          at,
          score_id: `p${id}`,
          trace_id: rows[i]!.trace_id,
          span_id: spanId(id),
          name: 'told',
          value,
        }),
      ),
    );
    await engine.clickhouse.insert(
      'contents',
      made.map(([id, , ask, answer], i) => ({
        ...{
          project_id: 'default',
          time: rows[i]!.start_time,
          trace_id: rows[i]!.trace_id,
          span_id: spanId(id),
        },
        ...{ record_id: '', input: says('user', ask), output: says('assistant', answer), version: '1' },
      })),
    );
    const path =
      '/api/v1/compare/pairs?from=2026-11-18T00:00Z&to=2026-11-19T00:00Z&score=told&control=variant:old&candidate=variant:new';
    const { status, body } = await api.ask('GET', path);
    expect(status, JSON.stringify(body)).toBe(200);
    const found = body as ComparePairs;
    expect(found).toMatchObject({
      better: 'higher',
      looked_at: { control: 3, candidate: 4, without_text: 0, matched: 3 },
      pairs: [
        { control: { score: 0.9, output: 'Five days.' }, candidate: { score: 0.1, output: 'Never.' } },
        { similarity: 1, control: { output: expect.stringMatching(/^\[email /) } },
      ],
    });
    expect(found.pairs[0]!.difference).toBeCloseTo(-0.8, 12);
    expect(found.pairs[0]!.candidate.trace_id).toBe(rows[3]!.trace_id);
    const other = await api.ask('GET', `${path}&show=better`);
    expect(other.body).toMatchObject({
      pairs: [{ similarity: 1, candidate: { output: 'It is on its way.' } }],
    });
    const none = await api.ask('GET', path.replace('variant:old', 'variant:unknown'));
    expect(none.body).toMatchObject({ pairs: [], looked_at: { control: 0, matched: 0 } });
  });
});

describe('GET /api/v1/fairness', () => {
  it('finds the cohort that is worse off, by a dimension or an attribute of the span', async () => {
    const range = 'from=2026-11-20T00:00Z&to=2026-11-21T00:00Z';
    const { status, body } = await api.ask('GET', `/api/v1/fairness?by=variant&${range}`);
    expect(status, JSON.stringify(body)).toBe(200);
    const found = body as Fairness;
    expect(found.cohorts.map(({ value, calls: n, users }) => [value, n, users])).toEqual([
      ['a', 800, 800],
      ['a2', 800, 800],
      ['b', 800, 800],
    ]);
    const worst = found.cohorts[2]!.gaps.filter(({ flagged, disadvantage }) => flagged && disadvantage);
    expect(worst.map(({ measure }) => measure)).toEqual(['quality', 'latency']);
    expect(worst[0]!.gap).toBeCloseTo(-0.3, 0);
    expect(found.sentence).toContain('b: quality');
    expect(found.method).toContain('e-BH');

    const languages = await api.ask('GET', `/api/v1/fairness?by=attribute:user.language&${range}`);
    expect(languages.status, JSON.stringify(languages.body)).toBe(200);
    const byLanguage = languages.body as Fairness;
    expect(byLanguage.cohorts.map(({ value, calls: n }) => [value, n])).toEqual([
      ['', 2_300],
      ['no', 100],
    ]);
    expect(byLanguage.small_cohorts).toEqual({ cohorts: 0, calls: 0 });
    const none = await api.ask('GET', `/api/v1/fairness?by=shoe_size&${range}`);
    expect(none.status).toBe(400);
  });
});
