import { randomUUID } from 'node:crypto';
import type { Router } from 'express';
import { newSecret } from '#alerts/channels/standard-webhooks.ts';
import { trainingExport } from '#contract/training.ts';
import {
  changeTrainingSchedule,
  createTrainingSchedule,
  deleteTrainingSchedule,
  listTrainingSchedules,
  runTrainingSchedule,
  type TrainingRun,
  type TrainingSchedule,
  type TrainingScheduleSaid,
} from '#contract/training-schedule.ts';
import { lastPeriod, nextDueMs } from '#ledger/delivery/period.ts';
import { queueNow, saidOf } from '#quality/training/schedule.ts';
import { trainingExportRow } from '#store/state/training.ts';
import {
  addTrainingScheduleRow,
  changeTrainingScheduleRow,
  listTrainingScheduleRows,
  removeTrainingScheduleRow,
  type TrainingRunRow,
  type TrainingScheduleRow,
  trainingRunsOf,
  trainingScheduleRow,
} from '#store/state/training-schedules.ts';
import { timetableOf } from '../deliver/training.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

const shownRuns = 20;

export function trainingScheduleRoutes(router: Router, services: Services): void {
  const { state, projectId, nowMs } = services;
  const find = async (id: string): Promise<TrainingScheduleRow> => {
    const row = await trainingScheduleRow(state, id);
    if (row?.project_id !== projectId) throw notFound(`There is no training schedule ${id}.`);
    return row;
  };

  serve(router, listTrainingSchedules, async () => {
    const rows = await listTrainingScheduleRows(state, projectId);
    return { schedules: await Promise.all(rows.map(row => scheduleOf(services, row))) };
  });

  serve(router, createTrainingSchedule, async said => {
    checkFilter(said);
    const at = new Date(nowMs()).toISOString();
    const row: TrainingScheduleRow = {
      schedule_id: randomUUID(),
      project_id: projectId,
      said: JSON.stringify(said),
      secret: said.webhook ? newSecret() : '',
      enabled_since: said.enabled ? at : null,
      created_at: at,
      updated_at: at,
    };
    await addTrainingScheduleRow(state, row);
    return { ...(await scheduleOf(services, row)), secret: row.secret || null };
  });

  serve(router, changeTrainingSchedule, async (said, { params }) => {
    checkFilter(said);
    const row = await find(params.schedule_id);
    const at = new Date(nowMs()).toISOString();
    // Another receiver must not be able to sign as the one before.
    const isSame = said.webhook !== null && said.webhook.url === saidOf(row).webhook?.url;
    const secret = isSame ? row.secret : said.webhook ? newSecret() : '';
    const enabled_since = said.enabled ? (row.enabled_since ?? at) : null;
    const change = { said: JSON.stringify(said), secret, enabled_since, updated_at: at };
    await changeTrainingScheduleRow(state, row.schedule_id, change);
    return { ...(await scheduleOf(services, { ...row, ...change })), secret: isSame ? null : secret || null };
  });

  serve(router, deleteTrainingSchedule, async (_asked, { params }) => {
    await removeTrainingScheduleRow(state, (await find(params.schedule_id)).schedule_id);
    return {};
  });

  serve(router, runTrainingSchedule, async (_asked, { params }) => {
    const row = await find(params.schedule_id);
    const run = await queueNow(
      { state, nowMs, lastPeriod: async said => lastPeriod(await timetableOf(services, said), nowMs()) },
      row,
    );
    return runOf(services, run);
  });
}

/** As an export does: what is good must be said. */
function checkFilter({ filter }: TrainingScheduleSaid): void {
  if (filter.score === '' && filter.label === '' && !filter.corrected_only)
    throw new HttpProblem(
      400,
      'filter.score: say which answers are good: by a score, a label, or only corrected ones',
    );
}

async function scheduleOf(services: Services, row: TrainingScheduleRow): Promise<TrainingSchedule> {
  const said = saidOf(row);
  const runs = await trainingRunsOf(services.state, row.schedule_id, shownRuns);
  const timetable = await timetableOf(services, said);
  return {
    ...said,
    schedule_id: row.schedule_id,
    created_at: row.created_at,
    next_at: said.enabled ? new Date(nextDueMs(timetable, services.nowMs())).toISOString() : null,
    runs: await Promise.all(runs.map(run => runOf(services, run))),
  };
}

async function runOf({ state, projectId }: Services, run: TrainingRunRow): Promise<TrainingRun> {
  const made = run.made_at === null ? undefined : await trainingExportRow(state, projectId, run.run_id);
  const { run_id, period, asked, queued_at, failing_cases, attempts } = run;
  const { next_attempt_at, done_at, failed_at, error } = run;
  return {
    ...{
      run_id,
      period,
      asked,
      queued_at,
      failing_cases,
      attempts,
      next_attempt_at,
      done_at,
      failed_at,
      error,
    },
    export: made ? trainingExport.parse(JSON.parse(made.head)) : null,
  };
}
