import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GoldenRun, GoldenSetDetail } from '#contract/golden.ts';
import type { ReviewQueue, TakenItem } from '#contract/review.ts';
import type { LineageLine, TrainingExport } from '#contract/training.ts';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { runProgram } from '../support/program.ts';

let driftline: Driftline;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'driftline-loop-'));
  driftline = await startDriftline();
});
afterAll(async () => {
  await driftline.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What people ask the shop. Prompt v13 is wrong about refunds. */
const things = [
  'shoes',
  'a lamp',
  'books',
  'a phone',
  'tea',
  'a coat',
  'a chair',
  'a bike',
  'wine',
  'a rug',
  'soap',
  'a pen',
];
const refunds = things
  .slice(0, 6)
  .flatMap(thing => [`Can I return ${thing}?`, `How do I get my money back for ${thing}?`]);
const others = things.flatMap(thing => [`Do you sell ${thing}?`, `When will ${thing} arrive?`]);
const right = (question: string) =>
  refunds.includes(question)
    ? `Yes, within thirty days, with the receipt: ${question.slice(0, -1)}.`
    : `Yes: ${question.slice(0, -1)}.`;
const wrong = 'Sorry, sold goods are never taken back.';
/** The application, as it would answer under a version of its prompt. */
const answer = (question: string, prompt: string) =>
  prompt === 'answer@v13' && refunds.includes(question) ? wrong : right(question);

const text = (role: string, content: string) =>
  JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);
const attributes = (words: Record<string, string | number>) =>
  Object.entries(words).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { doubleValue: value } : { stringValue: value },
  }));
const hex = (n: number, digits: number) => (n + 1).toString(16).padStart(digits, '0');
const traceOf = (n: number) => `10${hex(n, 30)}`;

async function sendOtlp(signal: 'traces' | 'logs', body: object): Promise<void> {
  const response = await fetch(`${driftline.otlpHttp}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect([response.status, await response.text()]).toEqual([200, '{}']);
}

/** One call of the application for each question, and what a judge elsewhere says of it. */
async function sendTraffic(questions: readonly string[], prompt: string): Promise<void> {
  const startNs = BigInt(Date.now() - 60_000) * 1_000_000n;
  const [name, version] = prompt.split('@');
  const resource = { attributes: attributes({ 'service.name': 'shop' }) };
  const spans = questions.map((question, at) => ({
    traceId: traceOf(at),
    spanId: hex(at, 16),
    name: 'chat gpt-4o-mini',
    startTimeUnixNano: String(startNs),
    endTimeUnixNano: String(startNs + 500_000_000n),
    attributes: attributes({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.prompt.name': name!,
      'gen_ai.prompt.version': version!,
      'gen_ai.input.messages': text('user', question),
      'gen_ai.output.messages': text('assistant', answer(question, prompt)),
    }),
  }));
  const logRecords = questions.map((question, at) => ({
    traceId: traceOf(at),
    spanId: hex(at, 16),
    timeUnixNano: String(startNs + 600_000_000n),
    eventName: 'gen_ai.evaluation.result',
    attributes: attributes({
      'gen_ai.evaluation.name': 'correctness',
      'gen_ai.evaluation.score.value': answer(question, prompt) === right(question) ? 0.95 : 0.1,
      'driftline.score.sampling_probability': 1,
      'driftline.score.annotator_kind': 'LLM',
      'driftline.score.evaluator': 'shop-judge@1',
    }),
  }));
  await sendOtlp('traces', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
  await sendOtlp('logs', { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] });
}

/** Runs the golden set as an application under a version of its prompt does: pull cases, answer, post. */
async function runGolden(prompt: string): Promise<GoldenRun> {
  const run = await driftline.post<GoldenRun>('/api/v1/golden/sets/returns/runs', { prompt });
  const { cases } = await driftline.get<{
    cases: { case_id: string; input: { parts: { content: string }[] }[] }[];
  }>(`/api/v1/golden/runs/${run.run_id}/cases?limit=500`);
  const results = cases.map(({ case_id, input }) => ({
    case_id,
    output: answer(input[0]!.parts[0]!.content, prompt),
  }));
  const posted = await driftline.post<{ accepted: number; run: GoldenRun }>(
    `/api/v1/golden/runs/${run.run_id}/results`,
    { results },
  );
  expect(posted.accepted).toBe(cases.length);
  return posted.run;
}

/** `driftline gate`, as CI calls it. */
async function gate(candidate: string) {
  const report = join(folder, `${candidate.replaceAll(/\W/g, '-')}.md`);
  const program = runProgram(
    [
      ...['gate', '--url', driftline.url, '--set', 'returns', '--margin', '0.1', '--report', report],
      ...['--baseline', 'prompt:answer@v12', '--candidate', `prompt:${candidate}`],
    ],
    {},
  );
  const code = await program.exited;
  return { code, says: program.stdout() + program.stderr(), report: readFileSync(report, 'utf8') };
}

test('a bad answer is seen, corrected, becomes a golden case, stops the old prompt, passes the new one and is exported', async () => {
  const rules = [{ kind: 'low_score', score: 'correctness', below: 0.5 }];
  const fields = [
    { kind: 'yes_no', name: 'right', title: 'Is it right?' },
    { kind: 'correction', name: 'better', title: 'The better answer' },
  ];
  await driftline.post('/api/v1/review/queues', { queue: 'wrong', rules, fields, second_opinions: 0 });
  await driftline.post('/api/v1/golden/sets', { set: 'returns', evaluators: [{ name: 'exact_match' }] });
  const file = others.map(input => JSON.stringify({ input, reference: right(input) })).join('\n');
  await driftline.post('/api/v1/golden/sets/returns/import', { format: 'jsonl', text: file });

  // Seen: low scores are in the mean, and bring the calls into the queue.
  await sendTraffic([...refunds, ...others], 'answer@v13');
  const { rows } = await eventually(
    () =>
      driftline.get<{ rows: { n: number; value: number; basis: string }[] }>(
        '/api/v1/quality?score=correctness',
      ),
    found => found.rows[0]?.n === refunds.length + others.length,
  );
  expect(rows[0]).toMatchObject({ basis: 'weighted' });
  expect(rows[0]!.value).toBeCloseTo(
    (0.1 * refunds.length + 0.95 * others.length) / (refunds.length + others.length),
    9,
  );
  await eventually(
    () => driftline.post<{ found: number }>('/api/v1/review/queues/wrong/fill', {}),
    ({ found }) => found === refunds.length,
  );

  // Corrected by a person, one item at a time, and kept as cases.
  for (let at = 0; at < refunds.length; at += 1) {
    const { item } = await driftline.post<{ item: TakenItem }>('/api/v1/review/queues/wrong/take', {
      reviewer: 'Ana',
    });
    expect(item.reasons[0]!.sentence).toBe('correctness is 0.1, below 0.5, by shop-judge@1');
    const asked = String((item.input[0]!.parts[0] as { content: string }).content);
    const labelled = await driftline.post<{ golden: { is_new: boolean } }>(
      `/api/v1/review/items/${item.item_id}/label`,
      { reviewer: 'Ana', values: { right: 'no', better: right(asked) }, golden_set: 'returns' },
    );
    expect(labelled.golden.is_new).toBe(true);
  }
  const { queues } = await driftline.get<{ queues: ReviewQueue[] }>('/api/v1/review/queues');
  expect(queues[0]).toMatchObject({ open: 0, done: refunds.length });
  const set = await driftline.get<GoldenSetDetail>('/api/v1/golden/sets/returns');
  expect(set.cases).toBe(refunds.length + others.length);

  // The gate stops the prompt that gave the bad answers, and lets the corrected one pass.
  await Promise.all(['answer@v12', 'answer@v13', 'answer@v14'].map(runGolden));
  const [stopped, passed] = await Promise.all(['answer@v13', 'answer@v14'].map(gate));
  expect(stopped).toMatchObject({ code: 1 });
  expect(stopped!.report).toContain(wrong);
  expect(passed).toMatchObject({ code: 0 });

  // What is trained on holds each corrected pair, and says where it comes from.
  const made = await driftline.post<TrainingExport>('/api/v1/training/exports', {
    format: 'preference',
    corrected_only: true,
    near_duplicates: 1,
  });
  expect(made.counts).toMatchObject({ corrected: refunds.length, pairs: refunds.length });
  const lines = await fileLines(`/api/v1/training/exports/${made.export_id}/file`);
  expect(lines).toContainEqual({
    prompt: [{ role: 'user', content: refunds[0] }],
    chosen: [{ role: 'assistant', content: right(refunds[0]!) }],
    rejected: [{ role: 'assistant', content: wrong }],
  });
  const [, ...lineage] = await fileLines<LineageLine>(`/api/v1/training/exports/${made.export_id}/lineage`);
  const calls = lineage.flatMap(line => line.calls);
  expect(new Set(calls)).toEqual(new Set(refunds.map((_, at) => `${traceOf(at)}/${hex(at, 16)}`)));
});

async function fileLines<T = unknown>(path: string): Promise<T[]> {
  const response = await fetch(`${driftline.url}${path}`);
  expect(response.status).toBe(200);
  return (await response.text())
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as T);
}
