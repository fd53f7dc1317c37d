import { randomUUID } from 'node:crypto';
import type { GoldenChange, GoldenEvaluator, GoldenSet } from '#contract/golden.ts';
import {
  addGoldenSet,
  changeGoldenCases,
  changeGoldenSetRow,
  type GoldenSetRow,
  goldenSetRow,
  TooManyCases,
} from '#store/state/golden.ts';
import { listGoldenRunRows } from '#store/state/golden-runs.ts';
import { type CaseOrigin, type CaseSaid, wantedCase } from './case.ts';
import { type GoldenDeps, GoldenProblem, iso } from './deps.ts';
import { chooseEvaluators, usualEvaluators } from './evaluate.ts';

/** A set is read whole for a run; beyond this it should be several. */
const mostCases = 10_000;

export async function findSet({ state, projectId }: GoldenDeps, name: string): Promise<GoldenSetRow> {
  const row = await goldenSetRow(state, projectId, { name });
  if (!row) throw new GoldenProblem('not_found', `There is no golden set ${name}.`);
  return row;
}

export async function createSet(
  deps: GoldenDeps,
  said: { set: string; description: string; feature: string; evaluators?: GoldenEvaluator[] | undefined },
): Promise<GoldenSet> {
  const evaluators = said.evaluators ?? usualEvaluators(deps.evaluators);
  chooseEvaluators(deps.evaluators, evaluators);
  const at = iso(deps.nowMs());
  const row: GoldenSetRow = {
    set_id: randomUUID(),
    project_id: deps.projectId,
    name: said.set,
    description: said.description,
    feature: said.feature,
    evaluators: JSON.stringify(evaluators),
    version: 0,
    cases: 0,
    created_at: at,
    updated_at: at,
  };
  if (!(await addGoldenSet(deps.state, row)))
    throw new GoldenProblem('not_possible', `set: there is a golden set ${said.set} already`);
  return setOf(row, 0);
}

export function setOf(row: GoldenSetRow, runs: number): GoldenSet {
  const { name, description, feature, version, cases, created_at, updated_at } = row;
  const evaluators = JSON.parse(row.evaluators) as GoldenEvaluator[];
  return { set: name, description, feature, evaluators, version, cases, runs, created_at, updated_at };
}

/** What it is about and how it is scored; runs that are there keep their scores. */
export async function changeSet(
  deps: GoldenDeps,
  setName: string,
  said: { description: string; feature: string; evaluators?: GoldenEvaluator[] | undefined },
): Promise<GoldenSet> {
  const row = await findSet(deps, setName);
  if (said.evaluators) chooseEvaluators(deps.evaluators, said.evaluators);
  const change = {
    description: said.description,
    feature: said.feature,
    evaluators: said.evaluators ? JSON.stringify(said.evaluators) : row.evaluators,
    updated_at: iso(deps.nowMs()),
  };
  await changeGoldenSetRow(deps.state, row.set_id, change);
  const runs = await listGoldenRunRows(deps.state, row.set_id, 10_000);
  return setOf({ ...row, ...change }, runs.length);
}

/** Adds cases or changes those of a known id; one new version, or none when nothing differs. Of two with one id the last counts. */
export async function putCases(
  deps: GoldenDeps,
  setName: string,
  cases: readonly { said: CaseSaid; origin: CaseOrigin }[],
  note: string,
): Promise<GoldenChange> {
  const set = await findSet(deps, setName);
  const wanted = cases.map(({ said, origin }) => wantedCase(said, origin));
  const put = [...new Map(wanted.map(one => [one.case_id, one])).values()];
  return change(deps, set, { put }, note);
}

export async function removeCase(deps: GoldenDeps, setName: string, caseId: string): Promise<GoldenChange> {
  const set = await findSet(deps, setName);
  const done = await change(deps, set, { remove: [caseId] }, `without ${caseId}`);
  if (done.removed === 0) throw new GoldenProblem('not_found', `${setName} has no case ${caseId}.`);
  return done;
}

async function change(
  { state, nowMs }: GoldenDeps,
  { set_id }: GoldenSetRow,
  what: Parameters<typeof changeGoldenCases>[2],
  note: string,
): Promise<GoldenChange> {
  const ids = [...(what.put ?? []).map(({ case_id }) => case_id), ...(what.remove ?? [])];
  try {
    const done = await changeGoldenCases(state, set_id, what, { at: iso(nowMs()), note, most: mostCases });
    return { ...done, case_ids: ids };
  } catch (error) {
    if (error instanceof TooManyCases) throw new GoldenProblem('not_possible', `cases: ${error.message}`);
    throw error;
  }
}
