import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReviewAgreement, ReviewItem, ReviewProgress, TakenItem } from '#contract/review.ts';
import type { TrainingExport } from '#contract/training.ts';
import { addIncident } from '#store/state/incidents.ts';
import { startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { callRow, scoreRow, spanRow } from '../../test/support/rows.ts';

let engine: TestEngine;
let api: TestApi;
let nowMs = Date.parse('2026-11-21T10:00:00Z');
const at = '2026-11-21T09:30:00Z';
const queues = '/api/v1/review/queues';

beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine, { now: () => nowMs });
});
afterAll(async () => {
  await api.stop();
  await engine.stop();
});

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await api.ask(method, path, body);
  expect(answer, `${method} ${path}`).toMatchObject({ status: 200 });
  return answer.body as T;
}

interface Taken {
  item: TakenItem | null;
  progress: ReviewProgress;
}
const take = (queue: string, reviewer: string, skipped = false) =>
  ask<Taken>('POST', `${queues}/${queue}/take`, { reviewer, skipped });
const label = (item: string, reviewer: string, values: object, golden_set = '') =>
  ask<{ score_ids: string[]; item: ReviewItem; progress: ReviewProgress; golden: object | null }>(
    'POST',
    `/api/v1/review/items/${item}/label`,
    { reviewer, values, golden_set },
  );

const says = (text: string, role = 'user') => [{ role, parts: [{ type: 'text', content: text }] }];

/** Calls with their texts, and one score by each evaluator named. */
async function answered(
  calls: readonly { id: string; ask: string; answer: string; scores?: Record<string, number> }[],
): Promise<void> {
  const rows = calls.map(({ id }) => callRow({ at, span_id: id.padStart(16, '0') }));
  const texts = calls.map(({ ask, answer }, i) => ({
    project_id: 'default',
    time: rows[i]!.start_time,
    trace_id: rows[i]!.trace_id,
    span_id: rows[i]!.span_id,
    record_id: '',
    input: JSON.stringify(says(ask)),
    output: JSON.stringify(says(answer, 'assistant')),
    version: '1',
  }));
  const scores = calls.flatMap(({ id, scores = {} }, i) =>
    Object.entries(scores).map(([evaluator, value]) => ({
      ...scoreRow({
        at,
        score_id: `${id}-${evaluator}`,
        value,
        name: 'relevancy',
        span_id: rows[i]!.span_id,
      }),
      trace_id: rows[i]!.trace_id,
      evaluator,
      rater: 'judge',
    })),
  );
  await engine.clickhouse.insert('calls', rows);
  await engine.clickhouse.insert('contents', texts);
  await engine.clickhouse.insert(
    'spans',
    rows.map(({ trace_id, span_id }) => spanRow({ at, trace_id, span_id })),
  );
  await engine.clickhouse.insert('scores', scores);
}

const fields = [
  { kind: 'scale', name: 'helpful', title: 'How helpful is it?' },
  { kind: 'yes_no', name: 'safe', title: 'Is it safe?', required: false },
  { kind: 'correction', name: 'better', title: 'The better answer', required: false },
];

test('evidence fills a queue, people label what they get, and labels become scores and golden cases', async () => {
  await answered([
    { id: 'a1', ask: 'How long is a refund?', answer: 'Never.', scores: { 'one@1': 0.1, 'two@1': 0.9 } },
    { id: 'a2', ask: 'Where is my order?', answer: 'On its way.', scores: { 'one@1': 0.3, 'two@1': 0.3 } },
    { id: 'a3', ask: 'Hello', answer: 'Hi!', scores: { 'one@1': 0.9 } },
  ]);
  const rules = [
    { kind: 'low_score', score: 'relevancy', below: 0.5 },
    { kind: 'disagreement', scores: ['relevancy'] },
  ];
  const made = await ask('POST', queues, { queue: 'support', fields, rules, second_opinions: 1 });
  expect(made).toMatchObject({ schema_version: 1, filled_at: null, open: 0 });
  expect((await api.ask('POST', queues, { queue: 'support', fields })).status).toBe(400);

  const ana = await take('support', 'Ana');
  expect(ana.item).toMatchObject({
    reasons: [
      { kind: 'low_score', sentence: 'relevancy is 0.1, below 0.5, by one@1' },
      { kind: 'disagreement', sentence: 'two@1 and one@1 differ by 0.8 on relevancy' },
    ],
    input: says('How long is a refund?'),
    output: says('Never.', 'assistant'),
    second_opinion: false,
  });
  expect(ana.progress).toEqual({ remaining: 2, labelled: 0, skipped: 0 });
  // Asking again does not lose it, and looking again does not double it.
  expect((await take('support', 'Ana')).item?.item_id).toBe(ana.item?.item_id);
  expect(await ask('POST', `${queues}/support/fill`, {})).toMatchObject({ found: 2, added: 0, known: 2 });

  const id = ana.item!.item_id;
  const path = `/api/v1/review/items/${id}/label`;
  const wrong = await api.ask('POST', path, { reviewer: 'Ana', values: { helpful: 6 } });
  expect(wrong).toMatchObject({
    status: 400,
    body: { detail: 'values.helpful: a whole number from 1 to 5' },
  });
  await ask('POST', '/api/v1/golden/sets', { set: 'faq', evaluators: [{ name: 'exact_match' }] });
  const better = { helpful: 2, safe: 'yes', better: 'Five days, write to ana@example.com.' };
  const done = await label(id, 'Ana', better, 'faq');
  expect(done).toMatchObject({
    item: { state: 'open', opinions: 1 },
    progress: { remaining: 1, labelled: 1 },
    golden: { set: 'faq', version: 1, is_new: true },
  });
  const cases = await ask('GET', '/api/v1/golden/sets/faq/cases');
  expect(cases).toMatchObject({
    cases: [{ source: 'correction', reference: expect.stringMatching(/^Five days, write to \[email /) }],
  });
  type Row = Record<string, unknown>;
  const stored = () =>
    engine.clickhouse.query<Row>(
      `SELECT name, value, label, evaluator, rater, inclusion_probability AS chance, span_id FROM scores FINAL
       WHERE rater = 'human' ORDER BY name`,
    );
  const by = { evaluator: 'review@support.1', rater: 'human', chance: null, span_id: 'a1'.padStart(16, '0') };
  expect(await stored()).toEqual([
    { ...by, name: 'helpful', value: 0.25, label: '2' },
    { ...by, name: 'safe', value: 1, label: 'yes' },
    { ...by, name: 'user_correction', value: null, label: 'corrected' },
  ]);
  nowMs += 1_000;
  await label(id, 'Ana', { helpful: 3 });
  expect(await stored()).toEqual([{ ...by, name: 'helpful', value: 0.5, label: '3' }]);

  const ben = await take('support', 'Ben');
  expect(ben.item).toMatchObject({ item_id: id, second_opinion: true });
  // What Ana said is not in it: the opinion is blind.
  expect(JSON.stringify(ben.item)).not.toContain('Ana');
  expect(await label(id, 'Ben', { helpful: 3 })).toMatchObject({ item: { state: 'done', opinions: 2 } });
  const agreed = await ask<ReviewAgreement>('GET', `${queues}/support/agreement`);
  expect(agreed.fields).toMatchObject([
    { field: 'helpful', pairs: 1, same: 1, kappa: null },
    { field: 'safe', pairs: 0, same: null },
  ]);
  expect(agreed.people).toMatchObject([{ reviewer: 'Ana', labelled: 1 }, { reviewer: 'Ben' }]);
});

test('skipped items come back when asked, assigned ones go to their person, and a third asker gets nothing', async () => {
  const ana = await take('support', 'Ana');
  const id = ana.item!.item_id;
  expect(await ask('POST', `/api/v1/review/items/${id}/skip`, { reviewer: 'Ana' })).toEqual({
    progress: { remaining: 0, labelled: 1, skipped: 1 },
  });
  expect((await take('support', 'Ana')).item).toBeNull();
  expect((await take('support', 'Ana', true)).item?.item_id).toBe(id);
  // Two opinions are wanted: a third person would give one too many while both are held.
  expect((await take('support', 'Ben')).item?.item_id).toBe(id);
  expect((await take('support', 'Cleo')).item).toBeNull();
  nowMs += 16 * 60_000;
  await ask('PUT', `/api/v1/review/items/${id}`, { assignee: 'Cleo', priority: 99 });
  expect((await take('support', 'Ben')).item).toBeNull();
  expect((await take('support', 'Cleo')).item).toMatchObject({ item_id: id, priority: 99 });
  const trace = 'a3'.padStart(16, '0').padStart(32, 'a');
  const added = await ask('POST', `${queues}/support/items`, {
    trace_id: trace,
    note: 'odd',
    assignee: 'Ben',
  });
  expect(added).toMatchObject({ reasons: [{ kind: 'by_hand', sentence: 'odd' }] });
  expect((await take('support', 'Ben')).item).toMatchObject({ trace_id: trace });
  const open = await ask<{ items: ReviewItem[] }>('GET', `${queues}/support/items`);
  expect(open).toMatchObject({ total: 2, items: [{ item_id: id }, { trace_id: trace }] });
});

test('labels of a queue that chance fills know their chance; other fields are another version', async () => {
  const rules = [{ kind: 'sample', share: 0.999, where: 'feature:support' }];
  await ask('POST', queues, { queue: 'sample', fields, rules, second_opinions: 0 });
  const { item, progress } = await take('sample', 'Ana');
  expect(progress.remaining).toBe(3);
  await ask('PUT', `${queues}/sample`, { fields: fields.slice(0, 1), rules, second_opinions: 0 });
  await label(item!.item_id, 'Ana', { helpful: 5 });
  const rows = await engine.clickhouse.query(
    "SELECT inclusion_probability AS chance, evaluator FROM scores FINAL WHERE evaluator LIKE 'review@sample%'",
  );
  expect(rows).toEqual([{ chance: 0.999, evaluator: 'review@sample.2' }]);
  const bad = await api.ask('POST', queues, { queue: 'x', fields, rules, where: 'planet:mars' });
  expect(bad.status).toBe(400);
  await ask('DELETE', `${queues}/sample`);
  expect((await api.ask('POST', `${queues}/sample/take`, { reviewer: 'Ana' })).status).toBe(404);
});

test('flags of users and calls of open incidents come in, the flagged ones first', async () => {
  const rules = [{ kind: 'drift', per_incident: 2 }, { kind: 'flagged' }];
  await ask('POST', queues, { queue: 'urgent', fields, rules });
  const trace = 'a3'.padStart(16, '0').padStart(32, 'a');
  await ask('POST', '/api/v1/scores', { name: 'user_flag', label: 'unsafe', trace_id: trace });
  const call = callRow({ at, span_id: 'x' });
  await addIncident(api.state, {
    incident_id: 'i1',
    project_id: 'default',
    feature: call.feature,
    model: call.model,
    environment: call.environment,
    metric: 'score:relevancy',
    direction: 'down',
    state: 'firing',
    changed_at: '2026-11-21T09:00:00Z',
    opened_at: '2026-11-21T09:40:00Z',
    resolved_at: null,
    acknowledged_by: null,
    acknowledged_at: null,
    snoozed_until: null,
    transitions: 1,
    evidence: '{}',
  });
  const filled = await ask<{ added: number }>('POST', `${queues}/urgent/fill`, { hours: 48 });
  const { items } = await ask<{ items: ReviewItem[] }>('GET', `${queues}/urgent/items`);
  expect(items).toHaveLength(filled.added);
  expect(items[0]).toMatchObject({ trace_id: trace, priority: expect.any(Number) });
  expect(items[0]?.reasons.map(({ sentence }) => sentence)).toContain('a user said: unsafe');
  const drifting = items.filter(({ reasons }) => reasons.some(({ kind }) => kind === 'drift'));
  expect(drifting).toHaveLength(2);
  expect(drifting[0]?.reasons.find(({ kind }) => kind === 'drift')?.sentence).toBe(
    `relevancy of ${call.feature} on ${call.model} is drifting`,
  );
});

test('calls of high risk come in however well they score: by where they are from, what they say and do', async () => {
  const rows = ['e1', 'e2', 'e3'].map(id =>
    callRow({ at, span_id: id.padStart(16, '0'), trace_id: id.padStart(32, 'e'), feature: 'loans' }),
  );
  const tool = [
    { role: 'assistant', parts: [{ type: 'tool_call', id: '1', name: 'close_account', arguments: {} }] },
  ];
  const told = [
    { input: says('I will take it to my LAWYER'), output: says('I see.', 'assistant') },
    { input: says('Close it'), output: tool },
    {
      input: [...says('Never name a lawyer.', 'system'), ...says('Hello')],
      output: says('Hello!', 'assistant'),
    },
  ];
  await engine.clickhouse.insert('calls', rows);
  await engine.clickhouse.insert(
    'contents',
    told.map(({ input, output }, i) => ({
      ...{ project_id: 'default', time: rows[i]!.start_time, record_id: '', version: '1' },
      ...{ trace_id: rows[i]!.trace_id, span_id: rows[i]!.span_id },
      ...{ input: JSON.stringify(input), output: JSON.stringify(output) },
    })),
  );
  const rule = { kind: 'high_risk', where: 'feature:loans', words: ['lawyer*'], tools: ['close_account'] };
  const reasonsOf = async (queue: string, change: object) => {
    await ask('POST', queues, { queue, fields, rules: [{ ...rule, ...change }] });
    await ask('POST', `${queues}/${queue}/fill`, { hours: 48 });
    const { items } = await ask<{ items: ReviewItem[] }>('GET', `${queues}/${queue}/items`);
    return items.flatMap(({ reasons }) => reasons.map(({ sentence }) => sentence)).sort();
  };
  expect(await reasonsOf('risk', {})).toEqual([
    'high risk: the answer asks for close_account',
    'high risk: the question says "lawyer*"',
  ]);
  expect(await reasonsOf('risk-tools', { words: [] })).toHaveLength(1);
  expect(await reasonsOf('risk-all', { words: [], tools: [] })).toEqual(
    Array.from({ length: 3 }, () => 'high risk: feature:loans'),
  );
  const nothing = { queue: 'risk-none', fields, rules: [{ kind: 'high_risk' }] };
  expect((await api.ask('POST', queues, nothing)).status).toBe(400);
});

test('questions nobody asked before fill a queue; a paused rule brings nothing', async () => {
  const ago = (days: number) => new Date(nowMs - days * 86_400_000 - 3_600_000).toISOString();
  const everyday = ['Where is my order', 'How long does a refund take', 'Can I change my address'];
  const told = [
    ...Array.from({ length: 60 }, (_, at) => ({ ask: `${everyday[at % 3]} ${at}?`, at: ago(1 + (at % 6)) })),
    ...Array.from({ length: 15 }, (_, at) => ({ ask: `${everyday[at % 3]} now ${at}?`, at: ago(0) })),
    ...Array.from({ length: 9 }, (_, at) => ({
      ask: `Does the scooter recall cover brake ${at}?`,
      at: ago(0),
    })),
  ];
  // Ids as good as random: those of one kind must not lie together.
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const rows = told.map(one =>
    callRow({
      at: one.at,
      feature: 'shop',
      trace_id: hash(one.ask).slice(0, 32),
      span_id: hash(one.ask).slice(32, 48),
    }),
  );
  const texts = told.map(({ ask }, at) => ({
    ...{
      project_id: 'default',
      time: rows[at]!.start_time,
      trace_id: rows[at]!.trace_id,
      span_id: rows[at]!.span_id,
    },
    ...{ record_id: '', input: JSON.stringify(says(ask)), output: '', version: '1' },
  }));
  await engine.clickhouse.insert('calls', rows);
  await engine.clickhouse.insert('contents', texts);
  const rule = { kind: 'new_cluster', per_cluster: 4 };
  const about = { fields, where: 'feature:shop', second_opinions: 0 };
  await ask('POST', queues, { queue: 'new', ...about, rules: [{ ...rule, enabled: false }] });
  expect(await ask('POST', `${queues}/new/fill`, {})).toMatchObject({ found: 0 });
  await ask('PUT', `${queues}/new`, { ...about, rules: [rule] });
  expect(await ask('POST', `${queues}/new/fill`, {})).toMatchObject({ found: 4, added: 4 });
  expect(await ask('POST', `${queues}/new/fill`, {})).toMatchObject({ found: 4, added: 0 });
  const { items } = await ask<{ items: ReviewItem[] }>('GET', `${queues}/new/items`);
  const [sentence, ...others] = new Set(
    items.flatMap(({ reasons }) => reasons.map(reason => reason.sentence)),
  );
  expect(sentence).toMatch(
    /^a new kind of question: .*recall.* \(9 of 24 calls looked at, 0 of 60 in the 7 days before\)$/,
  );
  expect(others).toEqual([]);
});

interface Exported extends TrainingExport {
  export_id: string;
}

test('training data out: corrected and good pairs, each once, without private values, and where they come from', async () => {
  const long =
    'A parcel that was sent to the old address comes back to us after fourteen days and is refunded then';
  await answered([
    { id: 'b1', ask: 'Old address?', answer: `${long}.`, scores: { 'three@1': 0.9 } },
    { id: 'b2', ask: 'old ADDRESS', answer: `${long}!`, scores: { 'three@1': 0.9 } },
    { id: 'b3', ask: 'Old address?', answer: `${long} mail@example.com`, scores: { 'three@1': 0.95 } },
    { id: 'b4', ask: 'Old address?', answer: 'No idea.', scores: { 'three@1': 0.2 } },
  ]);
  await ask('POST', '/api/v1/scores', {
    name: 'user_correction',
    label: 'corrected',
    explanation: 'In five days.',
    trace_id: 'a2'.padStart(16, '0').padStart(32, 'a'),
  });
  const exports = '/api/v1/training/exports';
  const filter = { from: 'now-1d', to: '2026-11-22T00:00:00Z', score: 'relevancy', where: 'feature:support' };
  const trial = await ask<Exported>('POST', exports, { ...filter, dry_run: true });
  expect(trial.export_id).toBeNull();
  const made = await ask<Exported>('POST', exports, filter);
  expect(made.counts).toMatchObject({
    calls: 5,
    corrected: 1,
    duplicates: 1,
    near_duplicates: 1,
    pairs: 3,
    redacted: 1,
  });
  expect(trial).toMatchObject({ counts: made.counts, sha256: made.sha256 });
  const file = await (await api.fetch(`${exports}/${made.export_id}/file`)).text();
  const lines = file
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { messages: object[] });
  expect(createHash('sha256').update(file).digest('hex')).toBe(made.sha256);
  expect(lines).toHaveLength(3);
  expect(lines[0]).toEqual({
    messages: [
      { role: 'user', content: 'Where is my order?' },
      { role: 'assistant', content: 'In five days.' },
    ],
  });
  expect(file).not.toContain('mail@example.com');
  const lineage = (await (await api.fetch(`${exports}/${made.export_id}/lineage`)).text()).trim().split('\n');
  expect(JSON.parse(lineage[0]!)).toEqual(made);
  expect(JSON.parse(lineage[1]!)).toMatchObject({ line: 1, source: 'correction', scores: expect.any(Array) });
  expect(lineage).toHaveLength(4);

  const preferred = await ask<Exported>('POST', exports, { ...filter, format: 'preference' });
  expect(preferred.counts).toMatchObject({ pairs: 2, corrected: 1 });
  const pairs = await (await api.fetch(`${exports}/${preferred.export_id}/file`)).text();
  expect(
    pairs
      .trim()
      .split('\n')
      .map(line => JSON.parse(line)),
  ).toMatchObject([
    { chosen: [{ content: 'In five days.' }], rejected: [{ content: 'On its way.' }] },
    { prompt: [{ role: 'user' }], rejected: [{ role: 'assistant', content: 'No idea.' }] },
  ]);

  const nothing = await api.ask('POST', exports, { from: 'now-1d' });
  expect(nothing).toMatchObject({
    status: 400,
    body: { detail: expect.stringMatching(/which answers are good/) },
  });
  // A text that is gone makes no half file.
  await engine.clickhouse.command('TRUNCATE TABLE contents');
  expect((await api.fetch(`${exports}/${made.export_id}/file`)).status).toBe(410);
  const list = await ask<{ exports: Exported[] }>('GET', exports);
  expect(list.exports.map(one => one.export_id).sort()).toEqual([made.export_id, preferred.export_id].sort());
  await ask('DELETE', `${exports}/${made.export_id}`);
  expect((await api.fetch(`${exports}/${made.export_id}/lineage`)).status).toBe(404);
});
