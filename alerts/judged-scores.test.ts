import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { listIncidents } from '#store/state/incidents.ts';
import { firingInternalAlerts } from '#store/state/internal-alerts.ts';
import { addAnchorRun, freezeAnchorSet, listAnchorSets } from '#store/state/judges.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { insertHistory } from '../test/fixtures/call-history.ts';
import { quietLog, startTestEngine, type TestEngine } from '../test/support/engine.ts';
import { createChecker } from './check.ts';
import { createInternalAlerts } from './internal.ts';
import { readJudgedScores } from './judged-scores.ts';
import { rollUp } from './roll-up.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const nowMs = Math.floor((Date.now() / dayMs - 0.5) / 7) * 7 * dayMs + 12 * hourMs;
const changeMs = nowMs - dayMs;
const projectId = 'judged';

let engine: TestEngine;
let state: StateDb;
let folder: string;

/** The judge is 0.1 more lenient since the change; the product is as it was. */
beforeAll(async () => {
  engine = await startTestEngine();
  const quality = (at: number) => 0.7 + (at >= changeMs ? 0.1 : 0);
  await insertHistory(engine.clickhouse, {
    projectId,
    fromMs: nowMs - 28 * dayMs,
    toMs: nowMs,
    seed: 3,
    series: [{ feature: 'support-bot', model: 'gpt-5-mini', rate: 5, quality }],
  });
});
afterEach(async () => {
  await state.destroy();
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => engine.stop());

const iso = (ms: number) => new Date(ms).toISOString();

async function setUp() {
  folder = await mkdtemp(join(tmpdir(), 'driftline-judged-'));
  state = await openState({ dataDir: folder });
  const deps = {
    clickhouse: engine.clickhouse,
    state,
    projectId,
    clock: { now: () => nowMs },
    log: quietLog,
  };
  await rollUp(deps);
  return { deps, checker: createChecker(deps, { falseAlarmsPerWeek: 1, baseUrl: 'http://127.0.0.1:8080' }) };
}

async function anchorsOf(name: string, checkedUntilMs: number, frozenMs = nowMs - 20 * dayMs): Promise<void> {
  await freezeAnchorSet(state, {
    project_id: projectId,
    score: name,
    evaluator: `${name}@1`,
    frozen_at: iso(frozenMs),
    first_scores: 3,
    anchors: '[]',
    checked_until: iso(checkedUntilMs),
    next_run: iso(nowMs + 6 * hourMs),
    source: 'given',
    judge: 'test',
  });
}

async function scoresIn(): Promise<string> {
  const [row] = await engine.clickhouse.query<{ name: string }>(
    'SELECT DISTINCT name FROM scores WHERE project_id = {project:String}',
    { project: projectId },
  );
  return row!.name;
}

const incidents = async () =>
  (await listIncidents(state, { projectId, limit: 100 })).map(({ metric }) => metric);

test('a jump of a score is an incident when nobody watches its judge', async () => {
  const { checker } = await setUp();
  await checker.check(true);
  expect(await incidents()).toEqual([`score:${await scoresIn()}`]);
});

test('a judge that became more lenient is told as such, with no incident of the product', async () => {
  const { deps, checker } = await setUp();
  const name = await scoresIn();
  const lastGoodMs = changeMs - 2 * hourMs;
  await anchorsOf(name, lastGoodMs);
  await checker.check(true);
  expect(await incidents()).toEqual([]);
  // The finding waits for the judge's anchors, which are due at once.
  expect((await listAnchorSets(state, projectId))[0]!.next_run).toBe(iso(nowMs));

  const change = {
    change_id: 'one',
    project_id: projectId,
    score: name,
    difference: 0.1,
    low: 0.07,
    high: 0.13,
  };
  await addAnchorRun(
    state,
    { project_id: projectId, score: name, run_at: iso(nowMs), results: '[]' },
    { checked_until: iso(lastGoodMs), next_run: iso(nowMs + 6 * hourMs) },
    { ...change, after_at: iso(lastGoodMs), by_at: iso(nowMs), found_at: iso(nowMs), ended_at: null },
  );
  await checker.check(true);
  await checker.check(false);
  expect(await incidents()).toEqual([]);
  const internal = createInternalAlerts({ ...deps, baseUrl: 'http://127.0.0.1:8080' });
  await internal.check();
  const [told] = await firingInternalAlerts(state);
  expect(told!.title).toBe(`Driftline: the judge of ${name} changed`);
  expect(told!.detail).toContain('10.0 points higher');

  // Accepted: what it says from now on is the new normal, and the jump is never told.
  await anchorsOf(name, nowMs, nowMs);
  await checker.check(true);
  expect(await incidents()).toEqual([]);
  expect((await readJudgedScores(deps)).get(name)).toMatchObject({ isChanged: false, acceptedAtMs: nowMs });
});

test('a product that changed is an incident once the anchors say that the judge did not', async () => {
  const { checker } = await setUp();
  const name = await scoresIn();
  await anchorsOf(name, changeMs - 2 * hourMs);
  await checker.check(true);
  expect(await incidents()).toEqual([]);
  await anchorsOf(name, nowMs);
  await checker.check(false);
  expect(await incidents()).toEqual([`score:${name}`]);
});
