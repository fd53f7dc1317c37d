import type { Router } from 'express';
import {
  createTrainingExport,
  deleteTrainingExport,
  listTrainingExports,
  type TrainingExport,
  trainingFile,
  trainingLineage,
} from '#contract/training.ts';
import { makeExport } from '#quality/training/choose.ts';
import { type TrainingDeps, TrainingProblem } from '#quality/training/deps.ts';
import { findExport, lineageFileOf, type TrainingFile, trainingFileOf } from '#quality/training/file.ts';
import { listTrainingExportRows, removeTrainingExport } from '#store/state/training.ts';
import { rangeOf } from '../asked.ts';
import { HttpProblem } from '../problem.ts';
import { serve } from '../serve.ts';
import { serveFile } from '../serve-file.ts';
import type { Services } from '../services.ts';

const statusOf = { not_found: 404, not_possible: 400, gone: 410 } as const;

function problemOf(error: unknown): unknown {
  return error instanceof TrainingProblem ? new HttpProblem(statusOf[error.kind], error.message) : error;
}

const told = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw problemOf(error);
  });

export function trainingRoutes(router: Router, services: Services): void {
  const { clickhouse, state, projectId, nowMs, privacy } = services;
  const redactor = async () => (await privacy()).redactor;
  const deps: TrainingDeps = { clickhouse, state, projectId, nowMs, redactor };
  serve(router, createTrainingExport, ({ dry_run: dryRun, from, to, ...filter }, { signal }) =>
    told(makeExport(deps, { ...filter, ...rangeOf({ from, to }, nowMs()) }, { dryRun, signal })),
  );
  serve(router, listTrainingExports, async ({ limit }) => {
    const rows = await listTrainingExportRows(state, projectId, limit);
    return { exports: rows.map(row => JSON.parse(row.head) as TrainingExport) };
  });
  serve(router, deleteTrainingExport, async (_asked, { params }) => {
    await told(findExport(deps, params.export_id));
    await removeTrainingExport(state, projectId, params.export_id);
    return {};
  });
  serveFile(router, trainingFile, async (_asked, params) =>
    toldFile(await told(trainingFileOf(deps, params.export_id ?? ''))),
  );
  serveFile(router, trainingLineage, async (_asked, params) =>
    toldFile(await told(lineageFileOf(deps, params.export_id ?? ''))),
  );
}

/** What fails before the first line is told like any other problem. */
function toldFile(file: TrainingFile): TrainingFile {
  return {
    ...file,
    async *stream() {
      try {
        yield* file.stream();
      } catch (error) {
        throw problemOf(error);
      }
    },
  };
}
