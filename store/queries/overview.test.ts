import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { callRow, scoreRow } from '../../test/support/rows.ts';
import { firstSights } from './markers.ts';
import { readOverview } from './overview.ts';

let engine: TestEngine;
const nowMs = Date.parse('2026-11-20T12:00:00Z');
const at = (hoursAgo: number) => new Date(nowMs - hoursAgo * 3_600_000).toISOString();

beforeAll(async () => {
  engine = await startTestEngine();
  const call = (id: string, hoursAgo: number, given = {}) =>
    callRow({ at: at(hoursAgo), span_id: id, trace_id: id, ...given });
  await engine.clickhouse.insert('calls', [
    call('1', 60, { prompt_name: 'greet', prompt_version: '1' }),
    call('2', 30, { prompt_name: 'greet', prompt_version: '1' }),
    call('3', 3, { prompt_name: 'greet', prompt_version: '2' }),
    call('4', 2, { prompt_name: 'greet', prompt_version: '2', failed: 1 }),
    call('5', 1, { prompt_name: 'greet', prompt_version: '2', cost_nanos: null }),
    call('6', 30, { feature: 'gone' }),
    call('7', 2, { feature: 'fresh', release: '9' }),
    call('8', 2, { feature: 'fresh', release: '9' }),
    call('9', 2, { feature: 'fresh', release: '9' }),
  ]);
  await engine.clickhouse.insert('scores', [
    scoreRow({ at: at(30), score_id: 'a', trace_id: '2', span_id: '2', value: 0.9 }),
    scoreRow({ at: at(3), score_id: 'b', trace_id: '3', span_id: '3', value: 0.7 }),
    scoreRow({ at: at(3), score_id: 'c', trace_id: '3', span_id: '3', value: -1, name: 'user_feedback' }),
    scoreRow({ at: at(3), score_id: 'd', trace_id: '4', span_id: '4', value: -1, name: 'user_feedback' }),
    scoreRow({ at: at(3), score_id: 'e', trace_id: '5', span_id: '5', value: -1, name: 'user_feedback' }),
  ]);
});
afterAll(() => engine.stop());

const day = { projectId: 'default', fromMs: nowMs - 86_400_000, toMs: nowMs, where: [] };

test('each feature now beside the period before; nothing to compare with is null', async () => {
  const overview = await readOverview(engine.clickhouse, day);
  expect(overview).toMatchObject({
    qualityScore: 'answer_quality',
    environments: ['production'],
    dataUntil: at(1),
  });
  const features = Object.fromEntries(overview.features.map(row => [row.feature, row]));
  expect(features.support).toMatchObject({
    now: {
      calls: 3,
      failed_calls: 1,
      quality: 0.7,
      scored_calls: 1,
      cost_usd: '0.000054000',
      unpriced_calls: 1,
    },
    previous: { calls: 1, quality: 0.9 },
  });
  expect(features.gone).toMatchObject({
    now: { calls: 0, quality: null, cost_usd: null },
    previous: { calls: 1 },
  });
  expect(features.fresh).toMatchObject({ now: { calls: 3, quality: null }, previous: null });
  expect(overview.total).toMatchObject({ now: { calls: 6 }, previous: { calls: 2 } });
});

test('an empty store has no figures, rather than zeros that look healthy', async () => {
  const overview = await readOverview(engine.clickhouse, { ...day, projectId: 'other' });
  expect(overview).toMatchObject({
    features: [],
    qualityScore: '',
    dataUntil: null,
    total: { previous: null },
  });
});

test('a first sight is news only when its feature was there before', async () => {
  expect(await firstSights(engine.clickhouse, day)).toEqual([
    { kind: 'prompt', value: 'greet 2', feature: 'support', at: at(3) },
  ]);
});
