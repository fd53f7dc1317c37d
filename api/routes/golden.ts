import type { Router } from 'express';
import {
  addCaseFromTrace,
  addCasesFromCorrections,
  changeGoldenSet,
  collectGoldenResults,
  compareGoldenRuns,
  createGoldenRun,
  createGoldenSet,
  deleteGoldenRun,
  deleteGoldenSet,
  exportGoldenCases,
  runGate as gate,
  goldenRunById,
  goldenRunCases,
  goldenSetByName,
  importGoldenCases,
  listGoldenCases,
  listGoldenResults,
  listGoldenRuns,
  listGoldenSets,
  postGoldenResults,
  putGoldenCases,
  removeGoldenCase,
  scoreGoldenRun,
} from '#contract/golden.ts';
import { collectResults } from '#quality/golden/collect.ts';
import { comparisonOf } from '#quality/golden/compare.ts';
import { type GoldenDeps, GoldenProblem } from '#quality/golden/deps.ts';
import { exportCases } from '#quality/golden/export.ts';
import { caseOfTrace, casesOfCorrections } from '#quality/golden/from-store.ts';
import { importCases } from '#quality/golden/import.ts';
import { pairRuns } from '#quality/golden/pairs.ts';
import { pageOfCases, setDetail } from '#quality/golden/read-sets.ts';
import { runGate } from '#quality/golden/run-gate.ts';
import {
  createRun,
  findRun,
  listRuns,
  runCases,
  runOf,
  runResults,
  scoreAgain,
  takeResults,
} from '#quality/golden/runs.ts';
import { changeSet, createSet, findSet, putCases, removeCase, setOf } from '#quality/golden/sets.ts';
import { listGoldenSetRows, removeGoldenSet } from '#store/state/golden.ts';
import { removeGoldenRun } from '#store/state/golden-runs.ts';
import { rangeOf } from '../asked.ts';
import { HttpProblem } from '../problem.ts';
import { serve } from '../serve.ts';
import { serveFile } from '../serve-file.ts';
import type { Services } from '../services.ts';

/** What golden sets say cannot be is a problem of the caller. */
async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof GoldenProblem)
      throw new HttpProblem(error.kind === 'not_found' ? 404 : 400, error.message);
    throw error;
  }
}

export function goldenRoutes(router: Router, services: Services): void {
  const { clickhouse, state, projectId, nowMs, evaluators } = services;
  const deps: GoldenDeps = { clickhouse, state, projectId, nowMs, evaluators };
  setRoutes(router, services, deps);
  caseRoutes(router, services, deps);
  runRoutes(router, services, deps);
}

function setRoutes(router: Router, { state, projectId }: Services, deps: GoldenDeps): void {
  serve(router, listGoldenSets, async () => {
    const rows = await listGoldenSetRows(state, projectId);
    return { sets: rows.map(row => setOf(row, row.runs)) };
  });
  serve(router, createGoldenSet, said => told(createSet(deps, said)));
  serve(router, goldenSetByName, (_asked, { params }) => told(setDetail(deps, params.set)));
  serve(router, changeGoldenSet, (said, { params }) => told(changeSet(deps, params.set, said)));
  serve(router, deleteGoldenSet, async (_asked, { params }) => {
    const { set_id } = await told(findSet(deps, params.set));
    await removeGoldenSet(state, set_id);
    return {};
  });
}

function caseRoutes(router: Router, { nowMs, privacy }: Services, deps: GoldenDeps): void {
  /** Cases are kept for long: private values are taken out of what people bring as well. */
  const redacted = async <T>(said: T): Promise<T> => {
    const { redactor } = await privacy();
    return mapTexts(said, text => redactor.text(text)) as T;
  };
  serve(router, listGoldenCases, (asked, { params }) => told(pageOfCases(deps, params.set, asked)));
  serve(router, putGoldenCases, async ({ cases, note }, { params }) => {
    const clean = await redacted(cases);
    const origin = { source: 'manual' as const };
    return told(
      putCases(
        deps,
        params.set,
        clean.map(said => ({ said, origin })),
        note,
      ),
    );
  });
  serve(router, removeGoldenCase, (_asked, { params }) => told(removeCase(deps, params.set, params.case_id)));
  serve(router, importGoldenCases, (asked, { params }) =>
    told(importCases(deps, params.set, asked, redacted)),
  );
  serve(router, addCaseFromTrace, async (asked, { params }) => {
    const { trace_id: traceId, span_id: spanId, tags } = asked;
    const reference = await redacted(asked.reference);
    const found = await told(caseOfTrace(deps, { traceId, spanId, tags, reference }));
    return told(putCases(deps, params.set, [found], asked.note || 'from a trace'));
  });
  serve(router, addCasesFromCorrections, async (asked, { params }) => {
    const set = await told(findSet(deps, params.set));
    const feature = asked.feature ?? set.feature;
    const wanted = { ...rangeOf(asked, nowMs()), feature, limit: asked.limit };
    const { cases, corrections, withoutText } = await casesOfCorrections(deps, wanted);
    const done = await told(putCases(deps, params.set, cases, asked.note || 'from corrections'));
    return { ...done, corrections, without_text: withoutText };
  });
  serveFile(router, exportGoldenCases, (asked, params) =>
    told(exportCases(deps, params.set ?? '', (asked as { version?: number }).version)),
  );
}

function runRoutes(router: Router, { state, privacy, baseUrl }: Services, deps: GoldenDeps): void {
  serve(router, createGoldenRun, (said, { params }) => told(createRun(deps, params.set, said)));
  serve(router, listGoldenRuns, async ({ limit }, { params }) => ({
    runs: await told(listRuns(deps, params.set, limit)),
  }));
  serve(router, goldenRunById, async (_asked, { params }) => {
    const { row, set } = await told(findRun(deps, params.run_id));
    return runOf(row, set.name);
  });
  serve(router, deleteGoldenRun, async (_asked, { params }) => {
    await told(findRun(deps, params.run_id));
    await removeGoldenRun(state, params.run_id);
    return {};
  });
  serve(router, goldenRunCases, (asked, { params }) => told(runCases(deps, params.run_id, asked)));
  serve(router, listGoldenResults, (asked, { params }) => told(runResults(deps, params.run_id, asked)));
  serve(router, postGoldenResults, async ({ results }, { params }) => {
    const { redactor } = await privacy();
    const clean = mapTexts(results, text => redactor.text(text)) as unknown[];
    return told(takeResults(deps, params.run_id, clean));
  });
  serve(router, collectGoldenResults, (_asked, { params }) => told(collectResults(deps, params.run_id)));
  serve(router, scoreGoldenRun, ({ evaluators }, { params }) =>
    told(scoreAgain(deps, params.run_id, evaluators)),
  );
  serve(router, compareGoldenRuns, async asked => comparisonOf(await told(pairRuns(deps, asked)), asked));
  serve(router, gate, asked => told(runGate(deps, asked, baseUrl())));
}

/** Ids and numbers are compared with others: they stay as they came. */
const kept = new Set(['case_id', 'trace_id', 'span_id', 'cost_usd', 'language']);

/** The same value with every text in it changed; names of properties stay. */
function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map(one => mapTexts(one, change));
  if (typeof value !== 'object' || value === null) return value;
  const parts = Object.entries(value);
  return Object.fromEntries(parts.map(([name, one]) => [name, kept.has(name) ? one : mapTexts(one, change)]));
}
