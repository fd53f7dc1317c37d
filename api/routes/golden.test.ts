import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GoldenCase, GoldenComparison, GoldenRun, GoldenRunResult } from '#contract/golden.ts';
import { startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { runProgram } from '../../test/support/program.ts';
import { callRow, spanRow } from '../../test/support/rows.ts';

let engine: TestEngine;
let api: TestApi;
const folder = mkdtempSync(join(tmpdir(), 'driftline-golden-'));
const nowMs = Date.parse('2026-11-21T10:00:00Z');
const at = '2026-11-21T10:00:01Z';
const sets = '/api/v1/golden/sets';

beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine, { now: () => nowMs });
});
afterAll(async () => {
  await api.stop();
  await engine.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await api.ask(method, path, body);
  expect(answer, `${method} ${path}`).toMatchObject({ status: 200 });
  return answer.body as T;
}

const says = (text: string, role = 'user') => [{ role, parts: [{ type: 'text', content: text }] }];
const exactly = { evaluators: [{ name: 'exact_match' }] };

test('every change of the cases makes a version, and old ones stay readable', async () => {
  await ask('POST', sets, { set: 'faq', description: 'What people ask', ...exactly });
  expect((await api.ask('POST', sets, { set: 'faq' })).status).toBe(400);
  const one = {
    case_id: 'refund',
    input: says('How long do refunds take?'),
    reference: '5 days',
    tags: ['money'],
  };
  const first = await ask('POST', `${sets}/faq/cases`, { cases: [one], note: 'first' });
  expect(first).toMatchObject({ version: 1, added: 1 });
  expect(await ask('POST', `${sets}/faq/cases`, { cases: [one] })).toMatchObject({
    version: 1,
    unchanged: 1,
  });
  const text = 'input,reference,tags\nWhere is my order?,In the app,orders\nbroken\n';
  const file = { format: 'csv', text };
  const trial = await ask('POST', `${sets}/faq/import`, { ...file, dry_run: true });
  expect(trial).toMatchObject({ version: 1, added: 1, errors: [{ line: 3 }] });
  expect(await ask('POST', `${sets}/faq/import`, file)).toMatchObject({ version: 2, added: 1 });
  await ask('POST', `${sets}/faq/cases`, { cases: [{ ...one, reference: '10 days' }] });
  await ask('DELETE', `${sets}/faq/cases/refund`);
  const detail = await ask<{ versions: object[]; tags: string[] }>('GET', `${sets}/faq`);
  expect(detail).toMatchObject({ version: 4, cases: 1, tags: ['orders'] });
  expect(detail.versions).toMatchObject([
    { version: 4, removed: 1, cases: 1 },
    { version: 3, changed: 1, cases: 2 },
    { version: 2, added: 1, cases: 2, note: 'from a CSV file' },
    { version: 1, added: 1, cases: 1, note: 'first' },
  ]);
  const cases = async (query: string) =>
    (await ask<{ cases: GoldenCase[]; total: number }>('GET', `${sets}/faq/cases?${query}`)).cases;
  expect(await cases('version=1')).toMatchObject([{ case_id: 'refund', reference: '5 days', revision: 1 }]);
  expect(await cases('version=3')).toMatchObject([
    { case_id: 'refund', reference: '10 days', revision: 3 },
    {},
  ]);
  expect(await cases('version=3&q=REFUND')).toHaveLength(1);
  expect(await cases('version=3&tag=orders')).toMatchObject([{ source: 'file' }]);
  expect((await api.ask('GET', `${sets}/faq/cases?version=9`)).status).toBe(404);
  const exported = await (await api.fetch(`${sets}/faq/export?version=3`)).text();
  expect(exported.trim().split('\n')).toHaveLength(2);
  await ask('POST', sets, { set: 'copy', ...exactly });
  const again = await ask('POST', `${sets}/copy/import`, { format: 'jsonl', text: exported });
  expect(again).toMatchObject({ added: 2, errors: [] });
});

test('cases come from traces and from corrections of what was answered', async () => {
  const call = callRow({ at, span_id: 'c1'.padStart(16, '0'), response_id: 'resp-1' });
  const other = callRow({ at, span_id: 'c2'.padStart(16, '0') });
  await engine.clickhouse.insert('calls', [call, other]);
  await engine.clickhouse.insert(
    'spans',
    [call, other].map(of => spanRow({ at, ...ids(of) })),
  );
  await engine.clickhouse.insert('contents', [contentOf(call, says('Is it open?'), 'Yes')]);
  const correction = { name: 'user_correction', label: 'corrected' };
  const scores = [
    { ...correction, response_id: 'resp-1', explanation: 'From 9 to 5' },
    { ...correction, ...ids(other), explanation: 'The text is gone' },
  ];
  await ask('POST', '/api/v1/scores', { scores });
  await ask('POST', sets, { set: 'hours', ...exactly });
  const made = await ask('POST', `${sets}/hours/from-trace`, { trace_id: call.trace_id, tags: ['hours'] });
  expect(made).toMatchObject({ version: 1, added: 1 });
  const gone = await api.ask('POST', `${sets}/hours/from-trace`, { trace_id: other.trace_id });
  expect(gone).toMatchObject({ status: 400 });
  const corrected = await ask('POST', `${sets}/hours/from-corrections`, { to: '2026-11-22T00:00:00Z' });
  expect(corrected).toMatchObject({ version: 2, changed: 1, corrections: 2, without_text: 1 });
  const { cases } = await ask<{ cases: GoldenCase[] }>('GET', `${sets}/hours/cases`);
  expect(cases).toMatchObject([
    { input: says('Is it open?'), reference: 'From 9 to 5', source: 'correction', span_id: call.span_id },
  ]);
});

const questions = Array.from({ length: 30 }, (_, index) => `q${index}`);

async function questionSet(): Promise<void> {
  const cases = questions.map(id => ({
    case_id: id,
    input: says(`What is ${id}?`),
    reference: `it is ${id}`,
  }));
  await ask('POST', sets, { set: 'questions', ...exactly });
  await ask('POST', `${sets}/questions/cases`, { cases });
}

const begin = (prompt: string) =>
  ask<GoldenRun>('POST', `${sets}/questions/runs`, { prompt, model: 'gpt-4o-mini' });

test('runs are fed by pulling cases or by spans, and the gate tells the good prompt from the bad one', async () => {
  await questionSet();
  const old = await begin('answer@v13');
  const posted = await pull(old.run_id, id => ({
    output: Number(id.slice(1)) < 18 ? `it is ${id}` : 'no idea',
  }));
  expect(posted.scores).toMatchObject([{ evaluator: 'exact_match@1', mean: 0.6, n: 30, not_judged: 0 }]);
  expect(posted.totals).toMatchObject({ cases: 30, results: 30, cost_usd: null, without_cost: 30 });
  const better = await begin('answer@v14');
  await sendSpans(better.run_id, id => `it is ${id}`);
  const worse = await begin('answer@v15');
  await pull(worse.run_id, id => (id === 'q0' ? { error: 'timed out' } : { output: 'no idea' }));

  const gate = (more: string[]) =>
    runGate(['--set', 'questions', '--baseline', 'prompt:v13', '--candidate', ...more]);
  const report = join(folder, 'report.md');
  const passed = await gate(['prompt:v14', '--report', report]);
  expect(passed).toMatchObject({ code: 0, out: expect.stringContaining('Pass: exact_match@1') });
  expect(readFileSync(report, 'utf8')).toContain('| `exact_match@1` | 0.600 | 1.000 |');
  const failed = await gate(['prompt:answer@v15', '--report', report]);
  expect(failed).toMatchObject({ code: 1, out: expect.stringMatching(/^Fail: .*−60 points over 30 cases/) });
  const written = readFileSync(report, 'utf8');
  expect(written).toContain('- it is q1\n+ no idea');
  expect(written).toContain('+ timed out');
  expect(written).toContain(`/golden/questions/compare?a=${old.run_id}&b=${worse.run_id}`);
  const unsure = await begin('answer@v16');
  await pull(unsure.run_id, id => ({ output: Number(id.slice(1)) < 17 ? `it is ${id}` : 'no idea' }));
  expect(await gate([unsure.run_id])).toMatchObject({
    code: 2,
    out: expect.stringContaining('Not enough cases'),
  });
  expect(await gate(['prompt:v99'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('no run prompt:v99'),
  });

  const compared = await ask<GoldenComparison>(
    'GET',
    `/api/v1/golden/compare?baseline=${old.run_id}&candidate=${better.run_id}&limit=20`,
  );
  expect(compared.counts).toEqual({ regressed: 0, improved: 12, same: 18, incomparable: 0 });
  expect(compared.cases[0]).toMatchObject({ outcome: 'improved', difference: 1, case: { case_id: 'q18' } });
  expect(compared.cases[0]?.diff.map(({ kind }) => kind)).toEqual(['removed', 'added']);
  // Latency is that of the span that names the case; tokens and cost are those of its call.
  expect(compared.candidate.totals).toMatchObject({
    results: 30,
    median_latency_ms: 1000,
    input_tokens: 3_000,
    cost_usd: '0.000810000',
  });
});

test('results that cannot be taken are named, and scoring again takes other evaluators', async () => {
  const run = await begin('again');
  const results = [
    { case_id: 'q1', output: 'it is q1' },
    { case_id: 'q2' },
    { case_id: 'nobody', output: 'x' },
  ];
  const posted = await ask('POST', `/api/v1/golden/runs/${run.run_id}/results`, { results });
  expect(posted).toMatchObject({
    accepted: 1,
    errors: [
      { index: 1, message: 'give an output, tool calls or an error' },
      { index: 2, message: expect.stringContaining('no case nobody') },
    ],
  });
  const path = `/api/v1/golden/runs/${run.run_id}`;
  const pending = await ask<{ cases: GoldenCase[]; next: string }>(
    'GET',
    `${path}/cases?pending=true&limit=29`,
  );
  expect(pending.cases).toHaveLength(29);
  expect(pending.next).toBeNull();
  const scored = await ask('POST', `${path}/score`, { evaluators: [{ name: 'token_f1' }] });
  expect(scored).toMatchObject({ scores: [{ evaluator: 'token_f1@1', mean: 1, n: 1 }] });
  const unknown = await api.ask('POST', `${path}/score`, { evaluators: [{ name: 'nonsense' }] });
  expect(unknown).toMatchObject({ status: 400, body: { detail: expect.stringContaining('nonsense') } });
  await ask('DELETE', path);
  expect((await api.ask('GET', path)).status).toBe(404);
  await ask('DELETE', `${sets}/questions`);
  expect((await api.ask('GET', `${sets}/questions`)).status).toBe(404);
});

/** Answers every case of a run as an application does: page by page. */
async function pull(runId: string, answer: (id: string) => object): Promise<GoldenRun> {
  const path = `/api/v1/golden/runs/${runId}`;
  let after = '';
  for (let pages = 0; pages < 10; pages += 1) {
    const page = await ask<{ cases: GoldenCase[]; next: string | null }>(
      'GET',
      `${path}/cases?limit=12&after=${after}`,
    );
    const results = page.cases.map(({ case_id }) => ({ case_id, ...answer(case_id) }));
    await ask('POST', `${path}/results`, { results });
    if (page.next === null) break;
    after = page.next;
  }
  return ask('GET', path);
}

/** One trace with a span for each case, and a call below it that was answered. */
async function sendSpans(runId: string, answer: (id: string) => string): Promise<void> {
  const trace_id = 'feed'.repeat(8);
  const parts = questions.map((id, index) => {
    const outer = (0xa000 + index).toString(16).padStart(16, '0');
    const inner = (0xb000 + index).toString(16).padStart(16, '0');
    const attributes = { 'driftline.golden.run': runId, 'driftline.golden.case': id };
    return {
      spans: [
        spanRow({ at, trace_id, span_id: outer, attributes }),
        spanRow({ at, trace_id, span_id: inner, parent_span_id: outer }),
      ],
      call: callRow({ at, trace_id, span_id: inner }),
      answer: answer(id),
    };
  });
  await engine.clickhouse.insert(
    'spans',
    parts.flatMap(({ spans }) => spans),
  );
  await engine.clickhouse.insert(
    'calls',
    parts.map(({ call }) => call),
  );
  const contents = parts.map(part => contentOf(part.call, says('?'), part.answer));
  await engine.clickhouse.insert('contents', contents);
}

const ids = ({ trace_id, span_id }: { trace_id: string; span_id: string }) => ({ trace_id, span_id });

function contentOf(call: ReturnType<typeof callRow>, input: object, output: string) {
  return {
    ...ids(call),
    project_id: 'default',
    time: call.start_time,
    record_id: '',
    input: JSON.stringify(input),
    output: JSON.stringify(says(output, 'assistant')),
    version: '1',
  };
}

test('tools that were asked for are judged, posted or from spans', async () => {
  await ask('POST', sets, { set: 'tools', evaluators: [{ name: 'tool_call_valid' }] });
  const cases = ['a', 'b', 'c'].map(case_id => ({ case_id, input: says(`Find order ${case_id}`) }));
  await ask('POST', `${sets}/tools/cases`, { cases });
  const run = await ask<GoldenRun>('POST', `${sets}/tools/runs`, { name: 'tools' });
  const parameters = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] };
  const tools = [{ name: 'find_order', parameters }];
  const tool_calls = [{ name: 'find_order', arguments: '{"id":"7"}' }];
  const posted = await ask<{ accepted: number }>('POST', `/api/v1/golden/runs/${run.run_id}/results`, {
    results: [
      { case_id: 'a', tool_calls, tools },
      { case_id: 'b', output: 'Let me see.', tool_calls: [{ name: 'find_order', arguments: {} }], tools },
    ],
  });
  expect(posted.accepted).toBe(2);
  const call = callRow({ at, span_id: 'd1'.padStart(16, '0') });
  const attributes = {
    'driftline.golden.run': run.run_id,
    'driftline.golden.case': 'c',
    'gen_ai.tool.definitions': JSON.stringify([
      { type: 'function', function: { name: 'cancel', parameters } },
    ]),
  };
  await engine.clickhouse.insert('calls', [call]);
  await engine.clickhouse.insert('spans', [spanRow({ at, ...ids(call), attributes })]);
  const asked = [{ role: 'assistant', parts: [{ type: 'tool_call', ...tool_calls[0] }] }];
  await engine.clickhouse.insert('contents', [
    { ...contentOf(call, says('Find order c'), ''), output: JSON.stringify(asked) },
  ]);
  expect(await ask('POST', `/api/v1/golden/runs/${run.run_id}/collect`, {})).toMatchObject({
    found: 1,
    taken: 1,
  });
  expect(await ask('POST', `/api/v1/golden/runs/${run.run_id}/collect`, {})).toMatchObject({ taken: 0 });
  await ask('POST', `/api/v1/golden/runs/${run.run_id}/score`, {});
  const path = `/api/v1/golden/compare?baseline=${run.run_id}&candidate=${run.run_id}`;
  const compared = await ask<GoldenComparison>('GET', path);
  const said = compared.cases.map(({ case: { case_id }, candidate }) => [
    case_id,
    candidate?.scores['tool_call_valid@1']?.value,
    candidate?.tool_calls.length,
  ]);
  expect(said.sort()).toEqual([
    ['a', 1, 1],
    ['b', 0, 1],
    ['c', 0, 1],
  ]);
});

test('a case names the tools it expects; runs are scored, shown and compared by them, and files carry them', async () => {
  const evaluators = [{ name: 'tool_calls_match' }, { name: 'exact_match' }];
  await ask('POST', sets, { set: 'expects', evaluators });
  const find = (id: string) => ({ name: 'find_order', arguments: { id } });
  const cases = [
    { case_id: 'one', input: says('Where is order 7?'), tool_calls: [find('7')] },
    { case_id: 'none', input: says('Hello'), tool_calls: [] },
    { case_id: 'open', input: says('Well?'), reference: 'Well.' },
  ];
  await ask('POST', `${sets}/expects/cases`, { cases });
  // What is said again the same is no new version, tools included.
  expect(await ask('POST', `${sets}/expects/cases`, { cases })).toMatchObject({ version: 1, unchanged: 3 });
  expect(await ask('GET', `${sets}/expects/cases?q=find_order`)).toMatchObject({ total: 1 });
  const answer = async (name: string, given: object[]) => {
    const { run_id } = await ask<GoldenRun>('POST', `${sets}/expects/runs`, { name });
    const results = given.map((one, at) => ({ case_id: cases[at]!.case_id, ...one }));
    await ask('POST', `/api/v1/golden/runs/${run_id}/results`, { results });
    return run_id;
  };
  const right = [{ tool_calls: [{ name: 'find_order', arguments: '{"id":"7"}' }] }, { output: 'Hello!' }];
  const before = await answer('right', right);
  const after = await answer('wrong', [{ tool_calls: [find('8')] }, { output: 'Hello!' }]);
  const listed = await ask<{ results: GoldenRunResult[]; next: string | null }>(
    'GET',
    `/api/v1/golden/runs/${before}/results?limit=2`,
  );
  expect(listed.next).toBe('none');
  expect(listed.results).toMatchObject([
    {
      case: { tool_calls: [find('7')] },
      result: { output: null, scores: { 'tool_calls_match@1': { value: 1 } } },
    },
    { case: { tool_calls: [] }, result: { scores: { 'tool_calls_match@1': { value: 1 } } } },
  ]);
  const rest = await ask('GET', `/api/v1/golden/runs/${before}/results?after=none`);
  expect(rest).toMatchObject({ results: [{ case: { case_id: 'open' }, result: null }], next: null });
  const compared = await ask<GoldenComparison>(
    'GET',
    `/api/v1/golden/compare?baseline=${before}&candidate=${after}&evaluator=tool_calls_match`,
  );
  expect(compared.cases[0]).toMatchObject({
    outcome: 'regressed',
    difference: -1,
    tool_diff: [
      { kind: 'removed', text: 'find_order({"id":"7"})' },
      { kind: 'added', text: 'find_order({"id":"8"})' },
    ],
  });
  const gate = await ask<{ report_markdown: string }>('POST', '/api/v1/golden/gate', {
    ...{ set: 'expects', baseline: before, candidate: after, evaluator: 'tool_calls_match' },
  });
  expect(gate.report_markdown).toContain('+ → find_order({"id":"8"})');
  const text = await (await api.fetch(`${sets}/expects/export`)).text();
  await ask('POST', sets, { set: 'expects-too', evaluators });
  await ask('POST', `${sets}/expects-too/import`, { format: 'jsonl', text });
  expect(await (await api.fetch(`${sets}/expects-too/export`)).text()).toBe(text);
  const csv = 'case_id,input,tool_calls\nx,Hi,"[{""name"":""now"",""arguments"":{}}]"\ny,Ho,now\n';
  const imported = await ask('POST', `${sets}/expects-too/import`, { format: 'csv', text: csv });
  expect(imported).toMatchObject({ added: 1, errors: [{ line: 3 }] });
});

async function runGate(options: string[]): Promise<{ code: number | string; out: string; err: string }> {
  const program = runProgram(['gate', ...options, '--url', api.url], {});
  const code = await program.exited;
  return { code, out: program.stdout(), err: program.stderr() };
}
