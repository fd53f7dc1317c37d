import type { GateReply } from '#contract/golden.ts';
import { type GoldenRunRow, listGoldenRunRows } from '#store/state/golden-runs.ts';
import { collectResults } from './collect.ts';
import { type GoldenDeps, GoldenProblem } from './deps.ts';
import { judgeRuns } from './gate.ts';
import { pairRuns } from './pairs.ts';
import { gateReport } from './report.ts';
import { findSet } from './sets.ts';

/** Runs further back are found by their id only. */
const lookedAt = 1_000;

export interface GateQuestion {
  set: string;
  baseline: string;
  candidate: string;
  evaluator?: string | undefined;
  margin: number;
  alpha: number;
}

/** Reads what came over OTLP first, then judges. `baseUrl` is where links of the report lead. */
export async function runGate(deps: GoldenDeps, asked: GateQuestion, baseUrl: string): Promise<GateReply> {
  const set = await findSet(deps, asked.set);
  const rows = await listGoldenRunRows(deps.state, set.set_id, lookedAt);
  const baseline = selectRun(rows, 'baseline', asked.baseline);
  const candidate = selectRun(rows, 'candidate', asked.candidate);
  if (baseline.run_id === candidate.run_id)
    throw new GoldenProblem('not_possible', `candidate: is the same run as the baseline, ${baseline.name}`);
  for (const { run_id } of [baseline, candidate]) await collectResults(deps, run_id);
  const paired = await pairRuns(deps, {
    baseline: baseline.run_id,
    candidate: candidate.run_id,
    evaluator: asked.evaluator,
  });
  const gate = judgeRuns(paired, { margin: asked.margin, alpha: asked.alpha });
  const report = gateReport(gate, paired, baseUrl);
  return { gate, baseline: paired.baseline, candidate: paired.candidate, report_markdown: report };
}

/**
 * A run by id or name, or the newest one of a prompt, model or release (`prompt:answer@v13`; the version alone will do).
 * Rows come newest first.
 */
export function selectRun(
  rows: readonly GoldenRunRow[],
  role: 'baseline' | 'candidate',
  selector: string,
): GoldenRunRow {
  const [, dimension, wanted = ''] = /^(prompt|model|release):(.+)$/.exec(selector) ?? [];
  const isIt = (row: GoldenRunRow) =>
    dimension
      ? isNamed(row[dimension as 'prompt' | 'model' | 'release'], wanted)
      : row.run_id === selector || row.name === selector;
  const found = rows.find(isIt);
  if (found) return found;
  const named = rows.slice(0, 10).map(({ name }) => name);
  const known = named.length > 0 ? `; the newest runs are ${named.join('; ')}` : '; the set has no runs';
  throw new GoldenProblem('not_found', `${role}: the set has no run ${selector}${known}`);
}

const isNamed = (name: string, wanted: string) => name === wanted || name.split(/[@:#\s]/).at(-1) === wanted;
