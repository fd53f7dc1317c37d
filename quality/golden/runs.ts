import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import {
  type GoldenCase,
  type GoldenEvaluator,
  type GoldenRun,
  type GoldenRunResult,
  type GoldenTool,
  type GoldenToolCall,
  goldenResultInput,
} from '#contract/golden.ts';
import { type GoldenSetRow, goldenSetRow, readGoldenCases } from '#store/state/golden.ts';
import {
  addGoldenRun,
  changeGoldenRun,
  type GoldenResultRow,
  type GoldenRunRow,
  goldenRunRow,
  listGoldenRunRows,
  putGoldenResults,
  readGoldenFigures,
  readGoldenResults,
} from '#store/state/golden-runs.ts';
import { caseOf } from './case.ts';
import { type GoldenDeps, GoldenProblem, iso } from './deps.ts';
import { type Answer, type Chosen, chooseEvaluators, mapSome, scoreAnswer } from './evaluate.ts';
import { findSet } from './sets.ts';
import { resultOf, type Summary, summarize } from './summary.ts';

export type ResultSaid = z.output<typeof goldenResultInput>;

/** A run with everything that is needed to work with it. */
export interface OpenRun {
  row: GoldenRunRow;
  set: GoldenSetRow;
  /** Of its version, by id, in their order. */
  cases: Map<string, GoldenCase>;
  chosen: Chosen[];
}

interface RunWanted {
  name: string;
  model: string;
  prompt: string;
  release: string;
  version?: number | undefined;
  evaluators?: GoldenEvaluator[] | undefined;
}

export async function createRun(deps: GoldenDeps, setName: string, wanted: RunWanted): Promise<GoldenRun> {
  const set = await findSet(deps, setName);
  const version = versionOf(set, wanted.version);
  if (version === 0) throw new GoldenProblem('not_possible', `${setName} has no cases yet`);
  const evaluators = wanted.evaluators ?? (JSON.parse(set.evaluators) as GoldenEvaluator[]);
  const chosen = chooseEvaluators(deps.evaluators, evaluators);
  const cases = await readGoldenCases(deps.state, { setId: set.set_id, version });
  const { model, prompt, release } = wanted;
  const at = iso(deps.nowMs());
  const row: GoldenRunRow = {
    run_id: randomUUID(),
    project_id: deps.projectId,
    set_id: set.set_id,
    version,
    name: wanted.name || [prompt, model, release].filter(Boolean).join(', ') || `run of ${at.slice(0, 16)}`,
    model,
    prompt,
    release,
    evaluators: JSON.stringify(evaluators),
    created_at: at,
    updated_at: null,
    summary: JSON.stringify(summarize([], chosen, cases.length)),
  };
  await addGoldenRun(deps.state, row);
  return runOf(row, set.name);
}

/** Of a set: the newest version, or one that it has. */
export function versionOf(set: GoldenSetRow, version = set.version): number {
  if (version > set.version)
    throw new GoldenProblem('not_found', `${set.name} has versions up to ${set.version}, not ${version}`);
  return version;
}

export async function listRuns(deps: GoldenDeps, setName: string, limit: number): Promise<GoldenRun[]> {
  const set = await findSet(deps, setName);
  const rows = await listGoldenRunRows(deps.state, set.set_id, limit);
  return rows.map(row => runOf(row, set.name));
}

export async function findRun(
  deps: GoldenDeps,
  runId: string,
): Promise<{ row: GoldenRunRow; set: GoldenSetRow }> {
  const row = await goldenRunRow(deps.state, deps.projectId, runId);
  const set = row && (await goldenSetRow(deps.state, deps.projectId, { setId: row.set_id }));
  if (!row || !set) throw new GoldenProblem('not_found', `There is no run ${runId}.`);
  return { row, set };
}

export async function openRun(deps: GoldenDeps, runId: string): Promise<OpenRun> {
  const { row, set } = await findRun(deps, runId);
  const rows = await readGoldenCases(deps.state, { setId: row.set_id, version: row.version });
  const chosen = chooseEvaluators(deps.evaluators, JSON.parse(row.evaluators) as GoldenEvaluator[]);
  return { row, set, chosen, cases: new Map(rows.map(one => [one.case_id, caseOf(one)])) };
}

/** A page of the cases an application has to answer. */
export async function runCases(
  deps: GoldenDeps,
  runId: string,
  { after, limit, pending }: { after: string; limit: number; pending: boolean },
): Promise<{ cases: GoldenCase[]; next: string | null }> {
  const run = await openRun(deps, runId);
  const answered = pending ? await readGoldenResults(deps.state, runId) : new Map();
  const all = [...run.cases.values()];
  // The cursor is an id of the version, which never changes: what is answered in between shifts nothing.
  const from = after === '' ? 0 : all.findIndex(({ case_id }) => case_id === after) + 1;
  const left = all.slice(from).filter(({ case_id }) => !answered.has(case_id));
  const cases = left.slice(0, limit);
  return { cases, next: left.length > limit ? (cases.at(-1)?.case_id ?? null) : null };
}

/** A page of what the run said to the cases, in the order of the set. */
export async function runResults(
  deps: GoldenDeps,
  runId: string,
  { after, limit }: { after: string; limit: number },
): Promise<{ results: GoldenRunResult[]; next: string | null }> {
  const run = await openRun(deps, runId);
  const rows = await readGoldenResults(deps.state, runId);
  const all = [...run.cases.values()];
  const from = after === '' ? 0 : all.findIndex(({ case_id }) => case_id === after) + 1;
  const page = all.slice(from, from + limit);
  const results = page.map(of => {
    const row = rows.get(of.case_id);
    return { case: of, result: row ? resultOf(row) : null };
  });
  return { results, next: from + limit < all.length ? (page.at(-1)?.case_id ?? null) : null };
}

export function runOf(row: GoldenRunRow, set: string): GoldenRun {
  const { run_id, version, name, model, prompt, release, created_at, updated_at } = row;
  const evaluators = JSON.parse(row.evaluators) as GoldenEvaluator[];
  const summary = JSON.parse(row.summary) as Summary;
  return {
    run_id,
    set,
    version,
    name,
    model,
    prompt,
    release,
    evaluators,
    created_at,
    updated_at,
    ...summary,
  };
}

/** Answers as an application sends them: each is taken or refused alone. */
export async function takeResults(deps: GoldenDeps, runId: string, said: readonly unknown[]) {
  const run = await openRun(deps, runId);
  const errors: { index: number; message: string }[] = [];
  const results = new Map<string, ResultSaid>();
  for (const [index, one] of said.entries()) {
    const parsed = goldenResultInput.safeParse(one);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      errors.push({ index, message: [issue?.path.join('.'), issue?.message].filter(Boolean).join(': ') });
    } else if (!run.cases.has(parsed.data.case_id)) {
      const message = `case_id: version ${run.row.version} of ${run.set.name} has no case ${parsed.data.case_id}`;
      errors.push({ index, message });
    } else results.set(parsed.data.case_id, parsed.data);
  }
  const changed = await keepResults(deps, run, [...results.values()]);
  return { accepted: said.length - errors.length, errors, run: changed };
}

/** Scores and keeps answers to cases of the run. */
export async function keepResults(
  deps: GoldenDeps,
  run: OpenRun,
  results: readonly ResultSaid[],
): Promise<GoldenRun> {
  const at = iso(deps.nowMs());
  const rows = await mapSome(results, async (said): Promise<GoldenResultRow | null> => {
    const of = run.cases.get(said.case_id);
    if (!of) return null;
    const { output, context = null, tools = null, tool_calls: toolCalls } = said;
    const scores = await scoreAnswer(run.chosen, of, { output, context, toolCalls, tools });
    return {
      run_id: run.row.run_id,
      case_id: said.case_id,
      revision: of.revision,
      at,
      output: said.output,
      error: said.error,
      context: context && JSON.stringify(context),
      latency_ms: said.latency_ms,
      input_tokens: said.input_tokens,
      output_tokens: said.output_tokens,
      cost_nanos: said.cost_usd === null ? null : nanosOf(said.cost_usd),
      trace_id: said.trace_id,
      span_id: said.span_id,
      scores: JSON.stringify(scores),
      tool_calls: toolCalls.length > 0 ? JSON.stringify(toolCalls) : null,
      tools: tools && JSON.stringify(tools),
    };
  });
  const scored = rows.flatMap(row => row ?? []);
  if (scored.length > 0) await putGoldenResults(deps.state, scored);
  return summed(deps, run, scored.length > 0 ? at : run.row.updated_at);
}

/** Scores what is there again, by the same or by other evaluators in their present versions. */
export async function scoreAgain(
  deps: GoldenDeps,
  runId: string,
  evaluators: GoldenEvaluator[] | undefined,
): Promise<GoldenRun> {
  const opened = await openRun(deps, runId);
  const said = evaluators ?? (JSON.parse(opened.row.evaluators) as GoldenEvaluator[]);
  const run: OpenRun = { ...opened, chosen: chooseEvaluators(deps.evaluators, said) };
  run.row = { ...run.row, evaluators: JSON.stringify(said) };
  const results = await readGoldenResults(deps.state, runId);
  const rows = await mapSome([...results.values()], async row => {
    const of = run.cases.get(row.case_id);
    if (!of) return row;
    const scores = await scoreAnswer(run.chosen, of, answerOf(row));
    return { ...row, scores: JSON.stringify(scores) };
  });
  if (rows.length > 0) await putGoldenResults(deps.state, rows);
  return summed(deps, run, run.row.updated_at);
}

/** As it was kept. */
function answerOf({ output, context, tool_calls, tools }: GoldenResultRow): Answer {
  return {
    output,
    context: context === null ? null : (JSON.parse(context) as string[]),
    toolCalls: tool_calls === null ? [] : (JSON.parse(tool_calls) as GoldenToolCall[]),
    tools: tools === null ? null : (JSON.parse(tools) as GoldenTool[]),
  };
}

async function summed(deps: GoldenDeps, run: OpenRun, updatedAt: string | null): Promise<GoldenRun> {
  const results = await readGoldenFigures(deps.state, run.row.run_id);
  const summary = JSON.stringify(summarize(results, run.chosen, run.cases.size));
  const change = { summary, updated_at: updatedAt, evaluators: run.row.evaluators };
  await changeGoldenRun(deps.state, run.row.run_id, change);
  return runOf({ ...run.row, ...change }, run.set.name);
}

/** Nano-dollars of a decimal with up to nine places. */
function nanosOf(usd: string): string {
  const [whole = '0', fraction = ''] = usd.split('.');
  return BigInt(whole + fraction.padEnd(9, '0')).toString();
}
